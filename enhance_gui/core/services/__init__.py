"""Services: their profiles, enhance types, models, and what testing a connection finds."""
