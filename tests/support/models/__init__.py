"""Models of the kinds that users bring."""
