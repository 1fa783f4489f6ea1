"""A server that does all it can, as the host of the input and as the host of the result."""
