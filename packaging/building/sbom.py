"""The list of what a package holds, as a CycloneDX bill of materials."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pins
from messages import SetUpFailed
from model_list import Source

from building import shipped, system_libraries
from building.order import Order
from building.system_libraries import SystemPackage

SPEC_VERSION = "1.6"

_ABOUT_PARTS = ("type", "bom-ref", "name", "version", "purl")

NOT_INSIDE = {
    # Asked for by its own list, but not in its published form; and what trimming.py leaves out.
    "pillow": {
        "libimagequant",
        "PIL._imagingft",
        "FreeType",
        "FriBiDi",
        "HarfBuzz",
        "fribidi-shim",
        "raqm",
        "PIL._imagingtk",
    },
}
"""What packages list of themselves and what is not shipped all the same."""


def write(order: Order, frozen: Path, path: Path) -> Path:
    """Write the list for a frozen program to ``path`` and return it.

    :param frozen: as :func:`building.frozen.freeze` returned it; it shows what is shipped.
    :raises SetUpFailed: the tool fails, or what it made is not right.
    """
    held = shipped.shipped(order, frozen)
    libraries = system_libraries.packages_of(held.system_files)
    bill = compose(
        _environment(order), order, held.distributions, libraries, held.native, held.models
    )
    text = json.dumps(bill, indent=2, ensure_ascii=False) + "\n"
    _validate(text)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def compose(
    environment: dict[str, Any],
    order: Order,
    distributions: Sequence[metadata.Distribution],
    libraries: Sequence[SystemPackage] = (),
    native: Mapping[str, Sequence[Path]] = MappingProxyType({}),
    models: Sequence[Source] = (),
) -> dict[str, Any]:
    """Return what is shipped, out of the list of all that is installed where the build runs.

    :param native: the libraries inside installed packages, by the packages' names.
    """
    wanted = {f"{each.name}=={each.version}": each for each in distributions}
    parts = [
        {**each, **_inside(owner, native.get(owner.name, ()))}
        for each in environment["components"]
        if (owner := wanted.get(each["bom-ref"]))
    ]
    if lacking := wanted.keys() - {each["bom-ref"] for each in parts}:
        raise SetUpFailed(f"The tool does not list what is shipped: {', '.join(sorted(lacking))}")
    parts += [_python(), *map(_library, libraries), *_models(order, models)]
    known = {each["bom-ref"] for each in parts}
    program = {**environment["metadata"]["component"], "version": order.version}
    links = {
        each["ref"]: sorted(known.intersection(each.get("dependsOn", ())))
        for each in environment["dependencies"]
    }
    root = program["bom-ref"]
    # What no package asks for (Python, the libraries of the system) is asked for by the program.
    asked_for = {name for names in links.values() for name in names}
    links[root] = sorted({*links.get(root, ()), *(known - asked_for)})
    return {
        **environment,
        "metadata": {**environment["metadata"], "component": program},
        "components": sorted(parts, key=lambda each: str(each["bom-ref"]).lower()),
        "dependencies": [
            {"ref": name, "dependsOn": links[name]} if links.get(name) else {"ref": name}
            for name in sorted({root, *known})
        ],
    }


def _environment(order: Order) -> dict[str, Any]:
    """Have the tool list all that is installed here."""
    path = order.work / "environment.cdx.json"
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    command += ["--spec-version", SPEC_VERSION, "--output-format", "JSON"]
    command += ["--pyproject", str(order.root / "pyproject.toml"), "--output-file", str(path)]
    result = subprocess.run([*command, sys.executable], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SetUpFailed(f"cyclonedx-py failed:\n\n{result.stderr.strip()}")
    listed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return listed


def _inside(distribution: metadata.Distribution, native: Sequence[Path]) -> dict[str, Any]:
    """Return what is inside a package: what it lists of itself, and its libraries as files."""
    own = distribution.name.lower().replace("_", "-")
    listed = [
        {**part, "bom-ref": f"{own}/{name}"}
        for name, part in sorted(_listed(distribution).items())
        if part["name"].lower().replace("_", "-") != own
        and part["name"] not in NOT_INSIDE.get(own, ())
    ]
    home = Path(str(distribution.locate_file("")))
    names = sorted(file.relative_to(home).as_posix() for file in native)
    files = [{"type": "file", "bom-ref": f"{own}/file/{name}", "name": name} for name in names]
    return {"components": [*listed, *files]} if listed or files else {}


def _listed(distribution: metadata.Distribution) -> dict[str, dict[str, Any]]:
    """Return what a package lists of itself, where it brings such a list along."""
    parts: dict[str, dict[str, Any]] = {}
    for file in distribution.files or ():
        if ".dist-info/sboms/" in file.as_posix() and file.suffix == ".json":
            told = json.loads(Path(str(distribution.locate_file(file))).read_text(encoding="utf-8"))
            for part in _parts(told):
                # The same library stands in it once for each file that was linked to it.
                parts.setdefault(f"{part['name']}@{part['version']}", part)
    return parts


def _parts(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in told.get("components", ()):
        if told.get("bomFormat") == "CycloneDX" and {"name", "version"} <= part.keys():
            yield {key: part[key] for key in _ABOUT_PARTS if key in part}


def _python() -> dict[str, Any]:
    version = platform.python_version()
    return {
        "type": "platform",
        "bom-ref": f"python@{version}",
        "name": "CPython",
        "version": version,
        "licenses": [{"license": {"id": "PSF-2.0"}}],
        "purl": f"pkg:generic/python@{version}",
    }


def _library(package: SystemPackage) -> dict[str, Any]:
    part = {"type": "library", "bom-ref": f"system/{package.name}", "name": package.name}
    if not package.version:
        return part
    system = platform.freedesktop_os_release().get("ID", "debian")
    purl = f"pkg:deb/{system}/{quote(package.name)}@{quote(package.version, safe='')}"
    return {**part, "version": package.version, "purl": purl}


def _models(order: Order, sources: Sequence[Source]) -> Iterator[dict[str, Any]]:
    """Yield the trained nets, each under the package that it was taken out of."""
    pinned = (order.root / pins.FOLDER / "models.txt").read_text(encoding="utf-8")
    versions = {pin.name: pin.version for pin in pins.parse(pinned)}
    for source in sources:
        files = [
            {
                "type": "file",
                "bom-ref": f"model/{model.name}",
                "name": model.name,
                "hashes": [{"alg": "SHA-256", "content": model.sha256}],
            }
            for model in source.models
        ]
        version = versions[source.package]
        yield {
            "type": "machine-learning-model",
            "bom-ref": f"model/{source.package}",
            "name": source.package,
            "version": version,
            "purl": f"pkg:pypi/{source.package}@{version}",
            "components": files,
        }


def _validate(text: str) -> None:
    # Imported here: a part of the tool, which is not there where only the tests run.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    problem = JsonStrictValidator(SchemaVersion.from_version(SPEC_VERSION)).validate_str(text)
    if problem is not None:
        raise SetUpFailed(f"The bill of materials is not right: {problem}")
