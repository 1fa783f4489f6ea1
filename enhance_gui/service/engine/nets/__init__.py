"""Neural networks: reading them and running them."""
