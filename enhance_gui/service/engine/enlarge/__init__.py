"""Enlarging: the upscaler, and detail from Real-ESRGAN."""
