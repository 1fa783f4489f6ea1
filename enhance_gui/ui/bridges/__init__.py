"""The bridges between the window and the jobs: signals up, calls down."""
