"""How much a service can do: measured by commands, ``python -m tests.load.cluster``."""
