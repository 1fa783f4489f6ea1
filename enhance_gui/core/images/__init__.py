"""Pictures on their way in: addresses, files, drops, formats and names."""
