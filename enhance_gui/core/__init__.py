"""The domain, in the standard library alone: tasks, profiles, errors, names."""
