"""Trains the enhancement service's own nets; see README.md. Never a part of the program."""
