"""The settings, a page for each subject. Changes apply at once."""
