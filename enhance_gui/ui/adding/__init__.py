"""Adding pictures: dropping, pasting, choosing service and enhance type, review."""
