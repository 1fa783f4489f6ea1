"""Loads the service: alone, with 100,000 tasks that wait, with a cluster of up to 64 workers.

Run ``python -m tests.load`` (8 minutes). Each part is also a command of its own, with options:
``tests.load.alone``, ``tests.load.queue``, ``tests.load.cluster``.
"""

from __future__ import annotations

import sys

from tests.load import alone, cluster, queue


def main() -> int:
    """Measure all; return 1 where one misses a limit."""
    return alone.main([]) | queue.main() | cluster.main([])


if __name__ == "__main__":
    sys.exit(main())
