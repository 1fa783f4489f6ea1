"""Small files of the program itself: preferences, window state, translations."""
