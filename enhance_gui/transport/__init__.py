"""HTTP for client and service: guarded connections, capped bodies, deadlines, error mapping.

Built on httpx and httpcore; used by the client and by the service's fetcher. Nothing here knows
the API.
"""

from __future__ import annotations

import logging

# Both write addresses with their query at INFO and more at DEBUG: a signed address would end up
# in the log (https://github.com/encode/httpx/issues/2760).
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)
