"""The parts of the durable list of tasks; ``storage/task_store.py`` puts them together."""
