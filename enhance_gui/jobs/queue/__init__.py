"""The queue as window and command line see it: tasks, batches, budgets, one worker a service."""
