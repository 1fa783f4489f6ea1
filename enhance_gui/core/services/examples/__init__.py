"""Reads a provider's example of a call: a curl command, or a piece of documentation with one."""
