"""Reads pictures as data: format and sides, verification, faces' places, detail, colours."""
