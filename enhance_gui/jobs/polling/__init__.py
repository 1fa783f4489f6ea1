"""When to ask the service what, and how much at once: no I/O, no clock, no chance of its own."""
