"""The enhancement service of this computer as a child process."""
