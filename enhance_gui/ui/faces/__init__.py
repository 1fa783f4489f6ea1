"""The strip of faces or variants that belong to a result."""
