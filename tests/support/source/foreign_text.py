"""Find where the window may show foreign text as HTML, in its source."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

_TIPS = {"setToolTip", "setStatusTip", "setWhatsThis"}
_ROLES = {"ToolTipRole", "StatusTipRole", "WhatsThisRole"}
_SHOW_HTML = {
    "AutoText",
    "MarkdownText",
    "QErrorMessage",
    "QInputDialog",
    "QLabel",
    "QMessageBox",
    "QProgressDialog",
    "QStaticText",
    "QTextBrowser",
    "QTextDocument",
    "QToolTip",
    "QWhatsThis",
    "RichText",
    "insertHtml",
    "setHtml",
    "setMarkdown",
}
"""What reads text as HTML, always or where it looks like it."""

_PLAIN = {"tr", "plain_tip"}
"""A text of the program's own, and one without markup."""


def breaches(folder: Path, *, labels_in: str, own_text_in: Collection[str] = ()) -> list[str]:
    """Return each place below a folder where foreign text might be HTML.

    :param labels_in: the only file that may make labels, all of them plain.
    :param own_text_in: the only files that may show Markdown or HTML: texts that come with the
        program, and links made of them.
    """
    return [
        f"{path.relative_to(folder).as_posix()}:{line}: {what}"
        for path in sorted(folder.rglob("*.py"))
        if path.name not in own_text_in
        for line, what in _breaches_of(
            ast.parse(path.read_text("utf-8")), makes_labels=path.name == labels_in
        )
    ]


def _breaches_of(tree: ast.Module, *, makes_labels: bool) -> Iterator[tuple[int, str]]:
    roles_seen: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and (roles := _roles_in(node.test)):
            roles_seen |= roles
            yield from _loud_returns(node)
        elif isinstance(node, ast.Call):
            roles_seen |= {role for arg in node.args for role in _roles_in(arg)}
            yield from _loud_call(node, makes_labels=makes_labels)
        elif _name_of(node) in _SHOW_HTML - {"QLabel"}:
            yield node.lineno, f"{_name_of(node)} may show HTML"  # type: ignore[attr-defined]
    for role in _roles_in(tree) - roles_seen:
        yield role.lineno, "a role of tips is neither asked for nor set"  # type: ignore[attr-defined]


def _loud_returns(node: ast.If) -> Iterator[tuple[int, str]]:
    for statement in node.body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Return) and not _is_plain(each.value):
                yield each.lineno, "a tip that is not plain"


def _loud_call(node: ast.Call, *, makes_labels: bool) -> Iterator[tuple[int, str]]:
    name = _name_of(node.func)
    sets_role = name in ("setData", "setItemData") and any(map(_roles_in, node.args))
    texts = [arg for arg in node.args[-2:] if not _roles_in(arg)] if sets_role else node.args
    if (sets_role or name in _TIPS) and not _is_plain(texts[-1]):
        yield node.lineno, "a tip that is not plain"
    if name == "QLabel" and not makes_labels:
        yield node.lineno, "a label that is not made by label()"


def _is_plain(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Call):
        return _name_of(node.func) in _PLAIN
    if isinstance(node, ast.IfExp):
        return _is_plain(node.body) and _is_plain(node.orelse)
    return node is None or isinstance(node, ast.Constant)


def _roles_in(node: ast.AST) -> set[ast.AST]:
    return {each for each in ast.walk(node) if _name_of(each) in _ROLES}


def _name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
