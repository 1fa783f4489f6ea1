"""How a Debian package is checked in a minimal system."""
