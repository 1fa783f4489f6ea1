"""Smaller jobs for the user: diagnosis, updates, copies of files, face crops."""
