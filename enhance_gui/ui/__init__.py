"""The window: PySide6 widgets over values of the core."""
