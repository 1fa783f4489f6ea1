"""Signs packages, where environment variables name what that takes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from messages import SetUpFailed

WINDOWS_COMMAND: Final = "ENHANCE_GUI_SIGN_WINDOWS"
"""A whole command, with ``$f`` where the file's name belongs."""
MACOS_IDENTITY: Final = "ENHANCE_GUI_SIGN_MACOS"
"""The name of a "Developer ID Application" certificate in the keychain."""
MACOS_PROFILE: Final = "ENHANCE_GUI_NOTARY_PROFILE"
"""The name under which ``notarytool store-credentials`` keeps what Apple wants to know."""

AD_HOC: Final = "-"
"""The identity of nobody: the system then knows that nothing was changed, not who made it."""


@dataclass(frozen=True)
class Signing:
    """How packages are signed."""

    windows_command: str = ""
    """Empty: programs and installer stay unsigned."""
    macos_identity: str = AD_HOC
    macos_profile: str = ""
    """Empty: not notarized."""

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Signing:
        """Return how packages are signed, by environment variables.

        :raises SetUpFailed: they contradict each other.
        """
        signing = cls(
            variables.get(WINDOWS_COMMAND, ""),
            variables.get(MACOS_IDENTITY, "") or AD_HOC,
            variables.get(MACOS_PROFILE, ""),
        )
        if signing.windows_command and "$f" not in signing.windows_command:
            raise SetUpFailed(f"{WINDOWS_COMMAND} needs $f where the file's name belongs.")
        if signing.macos_profile and signing.macos_identity == AD_HOC:
            raise SetUpFailed(f"Apple notarizes only what is signed: {MACOS_IDENTITY} is missing.")
        return signing

    @classmethod
    def of_environment(cls) -> Signing:
        """Return how packages are signed, by this process's environment."""
        return cls.of(os.environ)


def sign_windows(signing: Signing, file: Path) -> None:
    """Sign a program, if there is a command for it."""
    if signing.windows_command:
        # Windows takes a command line as one text, and so does who wrote it.
        run(signing.windows_command.replace("$f", f'"{file}"'), "The program was not signed")


def run(command: str | Sequence[str], problem: str) -> str:
    """Run a command and return what it says.

    :raises SetUpFailed: it fails, or is not there.
    """
    try:
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise SetUpFailed(f"{problem}: {error}") from error
    if result.returncode != 0:
        last_lines = "\n".join(result.stdout.splitlines()[-25:])
        raise SetUpFailed(f"{problem}. The last lines of the tool:\n\n{last_lines}")
    return result.stdout
