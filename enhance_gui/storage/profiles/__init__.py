"""Service profiles as TOML files."""
