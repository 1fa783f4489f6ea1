"""Worker processes: who works on what, within which time and memory."""
