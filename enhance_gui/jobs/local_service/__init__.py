"""Runs the local service as a child process."""
