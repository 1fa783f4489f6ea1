"""Loads the service: with 100,000 tasks that wait, then with a cluster of up to 64 workers.

Run ``python -m tests.load`` (7 minutes). Each part is also a command of its own, with options:
``tests.load.queue``, ``tests.load.cluster``.
"""

from __future__ import annotations

import sys

from tests.load import cluster, queue


def main() -> int:
    """Measure both; return 1 where one misses a limit."""
    return queue.main() | cluster.main([])


if __name__ == "__main__":
    sys.exit(main())
