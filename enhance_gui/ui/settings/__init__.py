"""The settings, a page for each subject. What the user changes holds at once."""
