"""What the service keeps: tasks in SQLite, pictures in files."""
