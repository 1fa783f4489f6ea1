"""The enhancement engine: trained nets that repair and enlarge, and classical methods beside them.

Importing this package costs nothing worth naming: numpy, OpenCV, ncnn and Pillow are loaded only by
:func:`prepare_worker` and :func:`run_work`, which belong into a worker process; ONNX Runtime by the
first job that needs it.
"""

from enhance_gui.service.engine.catalogue import ENHANCE_TYPES, factor_of, output_pixels_allowed
from enhance_gui.service.engine.job import (
    FaceFiles,
    PictureFile,
    Report,
    Verdict,
    WorkJob,
    WorkResult,
)
from enhance_gui.service.engine.work import prepare_worker, run_work

__all__ = [
    "ENHANCE_TYPES",
    "FaceFiles",
    "PictureFile",
    "Report",
    "Verdict",
    "WorkJob",
    "WorkResult",
    "factor_of",
    "output_pixels_allowed",
    "prepare_worker",
    "run_work",
]
