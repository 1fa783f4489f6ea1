"""The repositories of the task database; ``storage/task_db/store.py`` puts them together."""
