"""Pixels: reading, writing, tiles and planes."""
