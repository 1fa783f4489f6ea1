"""What stays on this computer: the tasks, the results, the folders they lie in."""
