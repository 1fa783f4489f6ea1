"""Which processes a program has started, and whether they are still there (Linux)."""

from __future__ import annotations

from pathlib import Path


def family(root: int) -> list[int]:
    """Return a process and all it has started, itself or through others."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _fields(int(folder.name))
        if fields:
            parents[int(folder.name)] = int(fields[1])
    found = [root]
    for number in found:
        found += [child for child, parent in parents.items() if parent == number]
    return found


def children(parent: int) -> list[int]:
    """Return the processes that a process has started itself."""
    numbers = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    return [number for number in numbers if _fields(number)[1:2] == [str(parent)]]


def births(numbers: list[int]) -> dict[int, str]:
    """Return when each of these processes began: a number alone is given to others later."""
    return {number: fields[19] for number in numbers if (fields := _fields(number))}


def still_there(births: dict[int, str]) -> list[int]:
    """Return those of the processes that have not ended."""
    return [
        number
        for number, birth in births.items()
        if (fields := _fields(number)) and fields[19] == birth and fields[0] != "Z"
    ]


def _fields(number: int) -> list[str]:
    """Return what /proc/NUMBER/stat tells after the name; empty where the process is gone."""
    try:
        text = Path(f"/proc/{number}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()
