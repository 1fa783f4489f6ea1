"""The database of tasks: schema, steps, recovery, and the store over it."""
