"""Small files of the program itself: choices, window state, translations."""
