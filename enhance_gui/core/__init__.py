"""What the program is about, in the standard library alone: tasks, profiles, errors, names."""
