"""What a picture says beside its pixels: read, changed and written."""
