"""The tests; imported before any of them, and before what they import."""

from enhance_gui.core.eager_imports import import_eagerly

import_eagerly()
