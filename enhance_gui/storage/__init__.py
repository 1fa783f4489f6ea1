"""Persistence: the task database, results, settings, password managers and folders."""
