"""The start of the window: event loop, early window, Qt's set-up."""
