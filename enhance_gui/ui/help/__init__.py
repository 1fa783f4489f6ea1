"""Help: the user guide in the program."""
