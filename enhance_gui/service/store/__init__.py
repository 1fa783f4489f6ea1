"""The service's storage: tasks in SQLite, pictures in files."""
