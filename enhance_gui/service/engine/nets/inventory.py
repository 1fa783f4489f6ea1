"""Lists the nets and libraries that the engine can compute with, for the diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from enhance_gui.core.services.model_files import NETS_OF_OTHERS, find_model


@dataclass(frozen=True, slots=True)
class Inventory:
    """The nets, libraries and graphics processors that were found."""

    there: tuple[str, ...]
    """Names of the nets of others that are whole: ``"waifu2x-photo"``."""
    missing: tuple[str, ...]
    runtime: str
    """Version of ncnn; empty where it cannot be loaded."""
    onnx_runtime: str
    """Version of ONNX Runtime; empty where OpenCV takes its place."""
    mnn: str
    """Version of MNN that is installed; empty where ncnn takes its place."""
    graphics: tuple[str, ...] = ()
    """Graphics processors that ncnn can compute on."""


def take_inventory() -> Inventory:
    """Return the nets, libraries and graphics processors that are installed.

    ncnn and the drivers of graphics processors may write to standard error, or end the process:
    to be called in one that can be spared.
    """
    missing = {_net(name) for name in NETS_OF_OTHERS if find_model(name) is None}
    nets = tuple(dict.fromkeys(map(_net, NETS_OF_OTHERS)))
    there = tuple(net for net in nets if net not in missing)
    lacking = tuple(net for net in nets if net in missing)
    from enhance_gui.service.engine.nets.onnx import load_runtime

    onnx_runtime = getattr(load_runtime(), "__version__", "")
    try:
        import ncnn
    except ImportError:
        return Inventory(there, lacking, "", onnx_runtime, _version_of_mnn())
    names = [ncnn.get_gpu_info(index).device_name() for index in range(ncnn.get_gpu_count())]
    return Inventory(
        there, lacking, ncnn.__version__, onnx_runtime, _version_of_mnn(), tuple(names)
    )


def _version_of_mnn() -> str:
    # It is not loaded: it would write to standard output, which is for the answer.
    try:
        return metadata.version("mnn")
    except metadata.PackageNotFoundError:
        return ""


def _net(file_name: str) -> str:
    return file_name.partition(".")[0]
