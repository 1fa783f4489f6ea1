"""Worker processes, within limits of time and memory."""
