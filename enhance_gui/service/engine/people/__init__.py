"""People: finding faces, cropping them, portraits."""
