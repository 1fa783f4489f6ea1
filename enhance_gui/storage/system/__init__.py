"""What the operating system keeps: passwords, locks, logs."""
