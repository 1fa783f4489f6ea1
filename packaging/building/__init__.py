"""How packages are built; one module for each system, and what they share."""
