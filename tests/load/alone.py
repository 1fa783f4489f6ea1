"""How the throughput of a service without a cluster grows with its workers.

``python -m tests.load.alone`` (a minute) has a service with one worker for each processor, and with
fewer, enlarge pictures of a quarter of a megapixel, and prints a table in Markdown. It has no
limit: what a worker computes depends on the computer, and so does what two of them have to share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from enhance_gui.service.settings import processor_count
from tests.load.cluster import IN_MEMORY, create, ends_s, start
from tests.support.pictures import picture_bytes

SIDE_PX = 500


async def measure(workers: int, rounds: int) -> tuple[float, float]:
    """Have so many workers do so many pictures each.

    :returns: pictures a second from the first round on, and seconds of a core that the service
        itself, without its workers, took for each.
    """
    tasks = workers * rounds
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        data = Path(folder) / "data"
        options = [f"--data={data}", f"--workers={workers}", "--no-announce"]
        service = start(folder, "enhance_gui", "serve", *options)
        try:
            assert service.stdout is not None
            base_url = json.loads(service.stdout.readline())["base_url"]
            await create(base_url, tasks, picture_bytes("jpg", SIDE_PX, SIDE_PX))
            ended_s, own_s = ends_s(data / "results", tasks, service.pid, service)
        finally:
            service.terminate()
            service.wait()
    return (tasks - workers) / (ended_s[-1] - ended_s[workers - 1]), own_s / tasks


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    processors = processor_count()
    numbers = sorted({1, max(1, processors // 2), processors})
    parser.add_argument("--workers", type=int, nargs="+", default=numbers)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args(arguments)
    print("| workers | pictures a second | the service's own, a picture |")
    print("|---|---|---|")
    for workers in given.workers:
        a_second, own_s = asyncio.run(measure(workers, given.rounds))
        print(f"| {workers} | {a_second:.2f} | {1000 * own_s:.1f} ms |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
