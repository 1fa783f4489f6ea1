"""The command line: reads arguments, runs the right program, words its results."""
