"""Recognises documented fields under the names that other services have for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from enhance_gui.core.services.other_names import (
    CALL_FIELDS,
    ENVELOPE_FIELDS,
    names_secret,
)

_ALIASES: Final[Mapping[str, str]] = {
    "picurl": "picurl imageurl imgurl pictureurl photourl inputurl sourceurl srcurl fileurl image "
    "picture img photo pic url source src input",
    "type": "type enhancetype tasktype typeid modetype mode model kind function action",
    "chtaskid": "chtaskid clienttaskid customtaskid outtaskid externalid privateid customid "
    "clientid requestid referenceid reference ref",
    "taskid": "taskid jobid id task job",
    "code": "code errno errcode errorcode ret retcode statuscode resultcode",
    "msg": "msg message errmsg errormsg errormessage",
    "data": "data result response payload content",
    "status": "status state taskstatus taskstate",
    "queuenum": "queuenum queueposition queuepos queue position",
    "outputurl": "outputurl resulturl outputimage outputimageurl resultimage outurl output result",
}
"""How others call a field, without separators, the surest first."""

_MAX_SHOWN_CHARS: Final = 70

_EXAMPLE_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
_CALLS_BACK: Final = re.compile("callback|notify|webhook|hook|redirect", re.IGNORECASE)
_WHOLE: Final = re.compile(r"-?[0-9]{1,10}")

_PLACEHOLDER_WORDS: Final = frozenset(
    {
        *("your", "my", "the", "here", "api", "key", "token", "access", "secret", "app", "auth"),
        *("id", "insert", "replace", "placeholder", "with", "goes", "put", "paste", "value"),
        *("string", "text", "account", "personal", "user", "xxx", "example", "this", "in", "a"),
        *("int", "integer", "number", "url", "bearer", "from", "provider", "private", "task"),
    }
)


def is_placeholder(text: str) -> bool:
    """Return whether a text stands for what is to be put in its place."""
    if any(sign in text for sign in ("<", ">", "{", "}", "$", "…", "...", "***")):
        return True
    words = re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", text)
    return len(set(text.strip("-_ ").lower())) <= 1 or (
        bool(words) and all(word.lower() in _PLACEHOLDER_WORDS for word in words)
    )


def looks_secret(text: str) -> bool:
    """Return whether a text looks like a key: long, in one piece, of letters and digits mixed."""
    return (
        20 <= len(text) <= 4000
        and re.fullmatch(r"[\w+/=.~:-]+", text) is not None
        and "://" not in text
        and any(map(str.isdigit, text))
        and any(map(str.isalpha, text))
    )


def as_shown(name: str) -> str:
    """Return a name of a foreign text fit for a sentence: short, and of what can be seen."""
    seen = "".join(filter(str.isprintable, name))
    return seen if len(seen) <= _MAX_SHOWN_CHARS else f"{seen[:_MAX_SHOWN_CHARS]}…"


def calls_back(name: str) -> bool:
    """Return whether a field of this name says where the service is to report to."""
    return _CALLS_BACK.search(name) is not None


def known_parameters(fields: Mapping[str, Any], call: str) -> dict[str, str]:
    """Return the name in ``fields`` of each documented parameter of a call that is in them.

    :param call: empty where it is not known.
    """
    wanted = CALL_FIELDS.get(call) or ("picurl", "type", "chtaskid", "taskid")
    known = _known(fields, wanted, _IS_PARAMETER)
    if "picurl" in wanted and "picurl" not in known:
        pictures = [
            name
            for name, value in fields.items()
            if name not in known.values()
            and isinstance(value, str)
            and _EXAMPLE_ADDRESS.match(value)
            and not calls_back(name)
        ]
        if len(pictures) == 1:
            known["picurl"] = pictures[0]
    return known


def known_reply(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the same of a reply's envelope and of the task in it; empty: it is no reply."""
    known = _known(fields, ENVELOPE_FIELDS, _IS_IN_ENVELOPE)
    if not ("code" in known and isinstance(fields.get(known.get("data", "")), Mapping)):
        return {}
    return known | _known(
        fields[known["data"]], ("taskid", "status", "queuenum", "outputurl"), _IS_IN_TASK
    )


def _known(
    fields: Mapping[str, Any], wanted: tuple[str, ...], fits: Mapping[str, Callable[[Any], bool]]
) -> dict[str, str]:
    known = {name: name for name in wanted if name in fields}
    for name in wanted:
        if name not in known:
            for other in _named(fields, _ALIASES[name]):
                if other not in known.values() and fits[name](fields[other]):
                    known[name] = other
                    break
    return known


def _named(fields: Mapping[str, Any], aliases: str) -> Iterator[str]:
    plain = {re.sub("[^a-z0-9]", "", name.lower()): name for name in fields}
    yield from (plain[alias] for alias in aliases.split() if alias in plain)


def is_whole(value: Any) -> bool:
    """Return whether a value is a whole number, or the text of one, that can be a number of a
    service.
    """
    return not isinstance(value, bool) and _WHOLE.fullmatch(str(value)) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


_IS_PARAMETER: Final[Mapping[str, Callable[[Any], bool]]] = {
    "picurl": _is_text,
    "type": is_whole,
    "chtaskid": _is_id,
    "taskid": _is_id,
}
_IS_IN_ENVELOPE: Final[Mapping[str, Callable[[Any], bool]]] = {
    "code": is_whole,
    "msg": _is_text,
    "data": lambda value: isinstance(value, Mapping),
}
_IS_IN_TASK: Final[Mapping[str, Callable[[Any], bool]]] = {
    "taskid": _is_id,
    "status": is_whole,
    "queuenum": is_whole,
    "outputurl": _is_text,
}


def carries_secret(name: str, value: str) -> bool:
    """Return whether a header or field is to be kept out of files."""
    return names_secret(name) or looks_secret(value)
