"""The page of the services: list, editor, tokens, trials."""
