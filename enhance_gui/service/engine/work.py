"""Runs a job in a worker process. numpy and OpenCV are loaded when a function is called."""

from __future__ import annotations

import os
import signal
import sys

from enhance_gui.service.engine.job import Report, WorkJob, WorkResult


def run_work(job: WorkJob, report: Report = lambda _share: None) -> WorkResult:
    """Enhance one picture and write the results into ``job.out_folder``.

    Files are named ``<name_prefix>-<role>.<extension>``; roles are ``after``, ``face1-before``,
    ``face1-after``, ``variant1``, …. Each appears under its name only when it is complete; after
    an error none of this job's files is left. OpenCV keeps to ``job.threads`` from then on.

    :param report: is called in between with the share of the work that is done.
    :raises PictureDamaged: a picture by its first bytes, but cut or broken.
    :raises KindNotSupported: not a picture of a kind that is taken.
    :raises PictureTooLarge: the input or the result has too many pixels.
    :raises InputError: the input cannot be read.
    :raises DiskFull: no room for the results.
    :raises FolderNotUsable: the results cannot be written.
    :raises ValueError: no such type (a mistake of the caller).
    """
    from enhance_gui.service.engine.recipes import run

    return run(job, report)


def prepare_worker() -> None:
    """Initialise a worker process: load the libraries, low priority, no Ctrl-C.

    Ctrl-C reaches the whole process group; what becomes of the workers is their parent's affair.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _lower_priority()
    # Read when numpy is loaded, before any job names its threads; what numpy does here is short.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[name] = "1"
    # By themselves, GCC's threads that wait for each other do so in a loop for a while. That
    # doubles what nets take of the processor, and quadruples it for small nets, once others want
    # it too.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    import cv2

    # So that the first job starts at once.
    import enhance_gui.service.engine.recipes  # noqa: F401
    from enhance_gui.service.engine.nets.mnn import load_mnn

    load_mnn()
    cv2.ocl.setUseOpenCL(False)


def _lower_priority() -> None:
    if sys.platform == "win32":
        import ctypes

        below_normal_priority_class = 0x4000
        kernel32 = ctypes.WinDLL("kernel32")
        kernel32.GetCurrentProcess.restype = ctypes.c_void_p
        kernel32.SetPriorityClass.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        kernel32.SetPriorityClass(kernel32.GetCurrentProcess(), below_normal_priority_class)
    else:
        os.nice(10)
