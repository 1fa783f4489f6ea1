"""``packaging/train.py``: reads the command line."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from environment import CHECKOUT

from training import checkpoint, export, loop, measure, onnx_file, photographs, teacher
from training.nets import NETS
from training.running import Runner

_MODELS = CHECKOUT / "resources" / "models"
_REFUSALS = (
    photographs.WrongPhotograph,
    teacher.TeacherMissing,
    checkpoint.OtherTraining,
    onnx_file.UnfitWeights,
    export.NotTheSame,
    FileNotFoundError,
)


def run(arguments: Sequence[str]) -> int:
    """Train, export or measure a net; return 0, or 1 where it cannot be done."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.act(chosen)
    except _REFUSALS as error:
        print(error)
        return 1
    return 0


def _train(chosen: argparse.Namespace) -> None:
    net = NETS[chosen.net]
    chosen.work.mkdir(parents=True, exist_ok=True)
    pictures = photographs.load(chosen.photographs)
    steps = chosen.steps or net.steps
    loop.train(net, pictures, _checkpoint(chosen), steps, chosen.threads)


def _export(chosen: argparse.Namespace) -> None:
    _MODELS.mkdir(parents=True, exist_ok=True)
    export.export(NETS[chosen.net], checkpoint.read(_checkpoint(chosen)), _MODELS)


def _measure(chosen: argparse.Namespace) -> None:
    net = NETS[chosen.net]
    if chosen.work is None:
        measured = list(measure.figures(net, Runner(net, _MODELS)))
        _print(measured)
        export.note_whether_reached(_MODELS / f"{net.name}.toml", measured)
        return
    with tempfile.TemporaryDirectory() as folder:
        found = checkpoint.read(_checkpoint(chosen))
        export.write_weights(net, found, Path(folder))
        print(f"{net.name} after {found.step} of {found.steps} steps, {found.hours:.2f} h")
        _print(list(measure.figures(net, Runner(net, Path(folder)))))


def _print(figures: Sequence[measure.Figure]) -> None:
    print(f"{'dB':18}{'before':>8}{'net':>8}{'projected':>11}")
    for one in figures:
        projected = "" if one.projected_db is None else f"{one.projected_db:11.2f}"
        print(f"{one.spoilt_by:18}{one.before_db:8.2f}{one.net_db:8.2f}{projected}")


def _checkpoint(chosen: argparse.Namespace) -> Path:
    work: Path = chosen.work
    return work / f"{chosen.net}.npz"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="packaging/train.py", description="Train a net.")
    actions = parser.add_subparsers(required=True)
    train = actions.add_parser("run", help="train, or go on training, up to the last step")
    train.add_argument("--photographs", type=Path, required=True, help="the unpacked photographs")
    train.add_argument("--steps", type=int, help="how many, instead of the net's own number")
    train.add_argument("--threads", type=int, default=os.cpu_count(), help="that compute")
    train.set_defaults(act=_train)
    exporting = actions.add_parser("export", help="put the newest weights into resources/models")
    exporting.set_defaults(act=_export)
    measuring = actions.add_parser("measure", help="print PSNR on photographs not trained on")
    measuring.set_defaults(act=_measure)
    for action in (train, exporting, measuring):
        action.add_argument("net", choices=sorted(NETS))
        action.add_argument(
            "--work",
            type=Path,
            required=action is not measuring,
            help="folder of the checkpoints; without it, the exported net is measured",
        )
    return parser
