"""What the user has chosen, and what this copy of the program is."""
