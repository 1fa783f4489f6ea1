"""The main window: panels, pages, commands, batch progress."""
