"""One job in a process of its own, as a worker does it, and what it took.

``python -m tests.benchmarks.engine.one_job TYPE SOURCE FOLDER THREADS`` prints a line of JSON;
:func:`measured` calls it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from enhance_gui.service.engine import WorkJob, prepare_worker, run_work

CORES = 2
"""What the limits of time are meant for."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one job took, without the start of its process."""

    wall_s: float
    processor_s: float
    """Of user and system, on all cores together: other work does not change it much."""
    peak_bytes: int
    """Of resident memory, libraries included."""
    name: str
    """File name of the result."""


def measured(type_id: int, source: Path, folder: Path) -> Cost:
    """Enhance a file in a process of its own; the result lies in ``folder``.

    :raises subprocess.CalledProcessError: the job failed.
    """
    arguments = [str(each) for each in (type_id, source, folder, CORES)]
    command = [sys.executable, "-m", "tests.benchmarks.engine.one_job", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    # MNN writes about itself to standard output, before or after.
    (cost,) = (line for line in done.stdout.splitlines() if line.startswith(b"{"))
    return Cost(**json.loads(cost))


def _main() -> None:
    type_id, source, folder, threads = sys.argv[1:]
    prepare_worker()
    job = WorkJob(int(type_id), Path(source), Path(folder), "x7Qb", int(threads))
    wall_s, processor_s = time.perf_counter(), _processor_s()
    result = run_work(job)
    cost = {
        "wall_s": time.perf_counter() - wall_s,
        "processor_s": _processor_s() - processor_s,
        "peak_bytes": _peak_bytes(),
        "name": result.after.name,
    }
    print(json.dumps(cost))


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_bytes() -> int:
    # Linux: ``ru_maxrss`` would begin with the memory of the process that started this one.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the system does not tell the peak of memory")


if __name__ == "__main__":
    _main()
