"""The window of the services: list, editor, tokens, connection tests."""
