"""``packaging/train.py``: reads the command line."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from environment import CHECKOUT

from training import checkpoint, export, loop, measure, ncnn_files, photographs, teacher
from training.ncnn_files import read_weights
from training.nets import NETS
from training.running import Runner

_MODELS = CHECKOUT / "resources" / "models"
_REFUSALS = (
    photographs.WrongPhotograph,
    teacher.TeacherMissing,
    checkpoint.OtherTraining,
    ncnn_files.UnfitWeights,
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
    course = loop.REFINING if chosen.refines else loop.from_the_start(net)
    if chosen.steps:
        course = replace(course, steps=chosen.steps)
    weights = read_weights(net, _MODELS / f"{net.name}.bin") if chosen.refines else None
    loop.train(net, pictures, _checkpoint(chosen), course, chosen.threads, weights=weights)


def _export(chosen: argparse.Namespace) -> None:
    _MODELS.mkdir(parents=True, exist_ok=True)
    export.export(NETS[chosen.net], checkpoint.read(_checkpoint(chosen)), _MODELS)


def _measure(chosen: argparse.Namespace) -> None:
    net = NETS[chosen.net]
    if chosen.work is None:
        measured = list(measure.figures(net, Runner(net, _MODELS)))
        _print(measured)
        export.note_figures(_MODELS / f"{net.name}.toml", measured)
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
    refine = actions.add_parser("refine", help="likewise, but beginning with what is committed")
    for training in (train, refine):
        training.add_argument("--photographs", type=Path, required=True, help="unpacked")
        training.add_argument("--steps", type=int, help="how many, instead of the usual number")
        training.add_argument("--threads", type=int, default=os.cpu_count(), help="that compute")
        training.set_defaults(act=_train, refines=training is refine)
    exporting = actions.add_parser("export", help="put the newest weights into resources/models")
    exporting.set_defaults(act=_export)
    measuring = actions.add_parser("measure", help="print PSNR on photographs not trained on")
    measuring.set_defaults(act=_measure)
    for action in (train, refine, exporting, measuring):
        action.add_argument("net", choices=sorted(NETS))
        action.add_argument(
            "--work",
            type=Path,
            required=action is not measuring,
            help="folder of the checkpoints; without it, the exported net is measured",
        )
    return parser
