"""The bridges: the one way between the window and the jobs."""
