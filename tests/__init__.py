"""The tests; imported before any of them, and before what they import."""

import concurrent.futures

from enhance_gui.__main__ import import_eagerly

import_eagerly()
# pytest's plugins may have loaded the module already: this has its lazy names carried out.
_SETTLED = concurrent.futures.ThreadPoolExecutor
