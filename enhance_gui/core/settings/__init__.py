"""The user's settings, and facts about this build of the program."""
