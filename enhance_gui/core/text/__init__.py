"""Texts for the user: languages, and the sentences that explain errors and tasks."""
