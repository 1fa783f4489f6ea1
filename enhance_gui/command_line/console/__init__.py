"""Standard streams, arguments and the session token."""
