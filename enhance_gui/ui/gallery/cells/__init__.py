"""Cells of the gallery: delegates, icons, colours, thumbnails."""
