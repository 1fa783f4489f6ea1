"""Services of the operating system: password managers, locks, logs."""
