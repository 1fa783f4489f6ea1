"""Decides when to poll what, and how much to send at once: no I/O, clock or chance of its own."""
