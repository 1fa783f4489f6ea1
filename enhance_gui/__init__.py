"""Enhance GUI: a desktop program for image-enhancement services."""

__version__ = "0.1.0"
