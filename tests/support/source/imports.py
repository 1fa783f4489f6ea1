"""Read the imports of a package's source, and judge them by the project's layers."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

_OWNERS_OF_TASKS = {"create_task", "ensure_future", "TaskGroup"}


@dataclass(frozen=True)
class Rules:
    """Who may import what. A place is a layer (``"jobs"``) or a module (``"jobs.polling"``)."""

    package: str
    layers: Mapping[str, frozenset[str]]
    """Each layer, with the layers it may import."""
    fences: Mapping[str, frozenset[str]]
    """Each module from outside that is fenced, with the places that may import it.

    Of the standard library only what stands here is fenced; all else from outside has to.
    """
    task_starters: frozenset[str] = frozenset()
    """The modules that may start asyncio tasks."""


@dataclass
class Module:
    """A module of the package, with what it imports and starts."""

    name: str
    """Its name inside the package: ``"jobs.polling"``; ``""`` for the package itself."""
    inside: set[str] = field(default_factory=set)
    """Names of modules of the package that it imports, in the same form."""
    outside: set[str] = field(default_factory=set)
    """Full names of other modules that it imports."""
    starts_tasks: bool = False

    @property
    def layer(self) -> str:
        return self.name.partition(".")[0]


def read_modules(folder: Path) -> dict[str, Module]:
    """Read every module below the package's ``folder``, imports inside functions included."""
    files = {_name(folder, path): path for path in sorted(folder.rglob("*.py"))}
    return {name: _read(folder.name, name, path, set(files)) for name, path in files.items()}


def breaches(modules: Mapping[str, Module], rules: Rules) -> list[str]:
    """Return what breaks the rules, a sentence each."""
    found = [line for module in modules.values() for line in _breaches_of(module, rules)]
    return found + list(_cycles(modules))


def _breaches_of(module: Module, rules: Rules) -> Iterator[str]:
    if module.layer and module.layer not in rules.layers:
        yield f"{module.name} is in no known layer"
        return
    allowed = rules.layers.get(module.layer, frozenset()) | {module.layer, ""}
    for target in sorted(module.inside):
        if target.partition(".")[0] not in allowed:
            yield f"{module.name} imports {target}, which its layer may not"
    for target in sorted(module.outside):
        if not _fence_open(module.name, target, rules):
            yield f"{module.name} imports {target}, which is fenced off from it"
    if module.starts_tasks and module.name not in rules.task_starters:
        yield f"{module.name} starts asyncio tasks, which only their owner may"


def _fence_open(module: str, target: str, rules: Rules) -> bool:
    top = target.partition(".")[0]
    places = rules.fences.get(top)
    if places is None:
        return top in sys.stdlib_module_names
    return any(module == place or module.startswith(f"{place}.") for place in places)


def _cycles(modules: Mapping[str, Module]) -> Iterator[str]:
    graph = {name: module.inside - {name} for name, module in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "a cycle: " + " imports ".join(reversed(error.args[1]))


def _name(folder: Path, path: Path) -> str:
    parts = list(path.relative_to(folder).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def _read(package: str, name: str, path: Path, known: set[str]) -> Module:
    module = Module(name)
    here = [package, *filter(None, name.split("."))]
    if path.name != "__init__.py":
        here.pop()
    for node in ast.walk(ast.parse(path.read_bytes(), filename=str(path))):
        for target in _imported(node, here):
            _file_under(module, target, package, known)
        module.starts_tasks |= _starts_tasks(node)
    return module


def _file_under(module: Module, target: str, package: str, known: set[str]) -> None:
    if target != package and not target.startswith(f"{package}."):
        module.outside.add(target)
        return
    inside = target[len(package) + 1 :]
    # "from package.a import b": b is a module or something that module a holds.
    while inside not in known and "." in inside:
        inside = inside.rpartition(".")[0]
    module.inside.add(inside if inside in known or _is_layer(inside, known) else "")


def _is_layer(name: str, known: set[str]) -> bool:
    return any(other.startswith(f"{name}.") for other in known)


def _imported(node: ast.AST, here: list[str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            base = here[: len(here) - level + 1] if level else []
            base_name = ".".join([*base, *([module] if module else [])])
            yield from (f"{base_name}.{alias.name}" for alias in names)
        case ast.Call(func=function, args=[ast.Constant(value=str() as target), *_]):
            if ast.unparse(function) in {"__import__", "import_module", "importlib.import_module"}:
                yield target


def _starts_tasks(node: ast.AST) -> bool:
    match node:
        case ast.ImportFrom(module="asyncio", names=names):
            return any(alias.name in _OWNERS_OF_TASKS for alias in names)
        case ast.Attribute(value=value, attr=attribute) if attribute in _OWNERS_OF_TASKS:
            # The documented API has a call of that name too, on objects of our own.
            holder = ast.unparse(value)
            return "asyncio" in holder or holder.endswith(("loop", "loop()"))
    return False
