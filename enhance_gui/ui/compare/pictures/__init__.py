"""The pictures of a comparison: read, kept as pyramids, made ready for the screen."""
