"""One program works on the tasks; later starts send it their requests."""
