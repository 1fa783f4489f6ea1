"""Reads a request out of a piece of documentation that has no command: lines, headers, a body."""

from __future__ import annotations

import re
from typing import Final

from enhance_gui.core.services.examples.request import ExampleRequest, json_fields

_METHOD_LINE: Final = re.compile(
    r"\b(POST|GET|PUT|PATCH|DELETE)\b[\s:`*|]{1,20}(https?://[^\s\"'`<>|]+|/[^\s\"'`<>|]*)"
)
_ADDRESS: Final = re.compile(r"https?://[^\s\"'`<>|,]+")
_CALL: Final = re.compile(r"create_?-?task|get_?-?task|delete_?-?task", re.IGNORECASE)
_LINE: Final = re.compile(
    r"[\s*•|-]{0,20}+[\"'`]?([A-Za-z][\w-]{0,60}+)[\"'`]?[ \t]{0,20}+[:|](.{0,4000})"
)
_FORM: Final = re.compile(r"\s*[\w.-]{1,100}=[^\s&]*+(&[\w.-]{1,100}=[^\s&]*+)+\s*")
_COMMENT: Final = re.compile(r"\s#.*")
_HEADER_NAMES: Final = re.compile(
    r"authorization|token|(api)?key|accept|host|cookie", re.IGNORECASE
)
_MAX_BLOCKS: Final = 20


def written_request(text: str) -> ExampleRequest:
    """Return the request that a text describes; without an address where it shows none."""
    request = ExampleRequest()
    start = _find_address(request, text)
    blocks = _blocks(text)
    for first, block in blocks:
        before = text[:first].rstrip().rpartition("\n")[2]
        fields = json_fields(block)
        if fields and re.search("header", before, re.IGNORECASE):
            request.headers += [(name, str(value)) for name, value in fields.items()]
        elif fields and not request.data and first > start:
            request.data.append(block)
            request.is_json = True
    _find_headers(request, _outside(text, blocks))
    if request.url.startswith("/"):
        host = request.header("host")
        request.url = f"https://{host}{request.url}" if host else ""
    return request


def _find_address(request: ExampleRequest, text: str) -> int:
    """Set method and address; return where they stand, -1 where there are none."""
    lines = list(_METHOD_LINE.finditer(text))
    if lines:
        line = next((each for each in lines if _CALL.search(each[2])), lines[0])
        request.method, request.url = line[1], line[2]
        return line.start()
    addresses = list(_ADDRESS.finditer(text))
    if not addresses:
        return -1
    address = next((each for each in addresses if _CALL.search(each[0])), addresses[0])
    request.url = address[0].rstrip(".)")
    return address.start()


def _find_headers(request: ExampleRequest, text: str) -> None:
    in_headers = False
    for line in text.splitlines():
        pair = _LINE.fullmatch(line)
        if not request.data and _FORM.fullmatch(line):
            request.data.append(line.strip())
        elif pair is None:
            in_headers = "header" in line.lower() if line.strip() else in_headers
        else:
            value = _COMMENT.sub("", pair[2]).strip(" \t|,;\"'`")
            in_headers = _take(request, pair[1], value, in_headers=in_headers)


def _take(request: ExampleRequest, name: str, value: str, *, in_headers: bool) -> bool:
    """Take a line of name and value; return whether headers follow."""
    if name.lower() == "method" and not request.method:
        request.method = value.upper()
    elif in_headers or "-" in name or _HEADER_NAMES.fullmatch(name):
        request.headers.append((name, value))
    return in_headers or "header" in name.lower()


def _blocks(text: str) -> list[tuple[int, str]]:
    """Return the texts in braces, outermost ones, with the places where they begin."""
    blocks: list[tuple[int, str]] = []
    depth = first = 0
    for brace in re.finditer("[{}]", text):
        if brace[0] == "{":
            first = first if depth else brace.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth and len(blocks) < _MAX_BLOCKS:
                blocks.append((first, text[first : brace.end()]))
    return blocks


def _outside(text: str, blocks: list[tuple[int, str]]) -> str:
    """Return a text without its blocks."""
    left, place = [], 0
    for first, block in blocks:
        left.append(text[place:first])
        place = first + len(block)
    return "".join([*left, text[place:]])
