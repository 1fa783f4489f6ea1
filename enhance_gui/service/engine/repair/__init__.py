"""Repairing: noise, JPEG artefacts, scratches, fading, softness, toning."""
