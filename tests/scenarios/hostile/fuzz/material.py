"""What is thrown at the program: made from a seed, so that a run can be had again."""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

_HOSTS: Final = (
    "xn--a",
    "xn--",
    "xn--ls8h.la",
    "ex ample.org",
    "a..b",
    "a" * 64 + ".org",
    "אב.example",
    "１２７.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "0x7f.1",
    "2130706433",
    "localhost.",
    "user:word@host.example",
    "%00.example",
    "faß.example",
    "💩.example",
    "-a-.example",
    "",
)
_HOSTS_IN_PAGES: Final = (
    "http://[",
    "//[::1%25x]/",
    "http://\u2100.com/",
    "data:image/png;base64,%GG",
)
"""What a page's address cannot be put together with."""

_LINES: Final = ("x", "/x", "~/x", "http://a", "http://é.b", "file:/x", "/a/../b", ",http://a", "[")

_PATHS: Final = (
    "/x.png",
    "/%00",
    "/%2e%2e/%2fetc",
    "/ü ä.png",
    "/" + "a" * 9000,
    "/x?sig=" + "b" * 500,
    "/\u202egnp.x",
    "/x;y=z#f",
    "/%",
    "/%1b[31m.png",
    "//double//slash.png",
)
_HTML_CHARS: Final = 2**20 + 2**10
"""A little more than the program looks at."""

_SCHEMES: Final = ("http://", "https://", "HTTP://", "//", "ftp://", "file://", "data:", "")
_SCALARS: Final = (
    None,
    True,
    0,
    -1,
    3,
    2**63,
    10**400,
    1e308,
    "",
    "0",
    "-7",
    "1e999",
    "٣",
    "\u202e\x9b31m",
    "<img src='/dev/zero'>",
    "x" * 3000,
    "\ud800",
)
_FIELDS: Final = (
    "taskid",
    "chtaskid",
    "status",
    "queuenum",
    "errorcode",
    "errormsg",
    "inputurl",
    "outputurl",
    "inpathwidth",
    "inpathsize",
    "outpathwidth",
    "outpathheight",
    "outpathsize",
    "outpathext",
    "facenum",
    "facelist",
    "x_progress",
)


def address(random: Random, origin: str) -> str:
    """Return an address, more or less: of an odd host, an odd path, or cut and changed."""
    kind = random.random()
    if kind < 0.4:
        text = f"{origin}/p/{random.randrange(10**6)}{random.choice(_PATHS)}"
    else:
        host = random.choice(_HOSTS)
        port = random.choice(("", "", ":0", ":99999", ":80", ":8\u0660"))
        text = random.choice(_SCHEMES) + host + port + random.choice(_PATHS)
    return mutated(random, text) if random.random() < 0.3 else text


def mutated(random: Random, text: str) -> str:
    """Return a text with a few signs changed, cut out or repeated."""
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(text) + 1)
        end = min(len(text), place + random.randint(0, 8))
        piece = random.choice(("", " ", "\0", "\n", "%", "\u202e", ")", "ü", text[place:end] * 3))
        text = text[:place] + piece + text[end:]
    return text[:20_000]


def value(random: Random, origin: str, depth: int = 0) -> Any:
    """Return a JSON value of any shape."""
    kind = random.random()
    if depth > 3 or kind < 0.6:
        return random.choice(_SCALARS)
    if kind < 0.7:
        return address(random, origin)
    if kind < 0.85:
        return [value(random, origin, depth + 1) for _ in range(random.randint(0, 4))]
    names = random.sample(_FIELDS, random.randint(0, 5))
    return {name: value(random, origin, depth + 1) for name in names}


def record(random: Random, origin: str, task_id: str, result: str) -> dict[str, Any]:
    """Return what gettask tells: sound, or with some fields of any shape."""
    fields: dict[str, Any] = {
        "taskid": task_id,
        "status": 3,
        "queuenum": 0,
        "errorcode": 0,
        "errormsg": "",
        "outputurl": result,
        "outpathext": "png",
        "facelist": [],
    }
    for _ in range(random.choice((0, 0, 1, 2, 6))):
        fields[random.choice(_FIELDS)] = value(random, origin)
    return fields


def body(random: Random, envelope: Any) -> bytes:
    """Return the bytes of an answer: as it is, cut, garbled, deep, wide or long."""
    sound = json.dumps(envelope).encode("utf-8", "surrogatepass")
    kind = random.random()
    if kind < 0.7:
        return sound
    return random.choice(
        (
            sound[: random.randrange(len(sound))],
            b"[" * 21 + b'"' + b'\\"' * 100_000,
            b"[" * 200_000,
            b"[" + b"{}," * 300_000 + b"{}]",
            b'"' * 500_000,
            random.randbytes(300),
            b'{"code":' + b"9" * 20_000 + b"}",
            b"",
        )
    )


def list_text(random: Random, origin: str) -> bytes:
    """Return a list of inputs as a file may hold it."""
    lines = [address(random, origin) for _ in range(random.randint(1, 6))]
    lines += ["~nobody/x.png", "/" + "b" * 5000, "# nothing", "..", "C:\\x.png"]
    random.shuffle(lines)
    text = random.choice(("\n", "\r\n", "\r", "\u2028")).join(lines)
    return text.encode(random.choice(("utf-8", "utf-16", "utf-8")), "surrogatepass")


def drag(random: Random, origin: str) -> dict[str, bytes]:
    """Return the data of a drag by MIME type."""
    one = address(random, origin) if random.random() < 0.8 else random.choice(_HOSTS_IN_PAGES)
    html = f'<a href="{one}"><img src="{address(random, origin)}" srcset="{one} 2x,"></a>'
    kinds = {
        "text/plain": one + ")" * random.choice((0, 5, 60_000)),
        "text/uri-list": "\r\n".join(address(random, origin) for _ in range(3)),
        "text/html": (html * random.choice((1, 1, 200)))[:_HTML_CHARS]
        + "<" * random.choice((0, 3000)),
        "text/x-moz-url": f"{one}\n{one}",
        "application/x-moz-file-promise-url": one,
        "image/png": "\x89PNG\r\n\x1a\n" + "x" * 2000,
    }
    chosen = random.sample(sorted(kinds), random.randint(1, 4))
    return {name: kinds[name].encode("utf-8", "surrogatepass") for name in chosen}


def long_drag(random: Random, _origin: str) -> dict[str, bytes]:
    """Return the data of a drag with a megabyte of tiny lines."""
    line = random.choice(_LINES) + "\n"
    text = line * (2**20 // len(line))
    return {random.choice(("text/plain", "text/uri-list")): text.encode()}


def profile(random: Random, base_url: str) -> bytes:
    """Return a profile's file: sound, or with a fault of some kind."""
    faults = (
        "",
        f"requests_per_s = {'1' * 5000}",
        "a = " + "[" * 50_000,
        f'[callback]\nlisten = "h:{"1" * 5000}"',
        f"[status]\nqueued = [0x{'f' * 20_000}]",
        ".".join("a" * 20_000) + " = 1",
        'description = "\x1b[31m"',
        "[[enhance_types]]\nid = 1\nname = \"<img src='/dev/zero'>\"",
        "requests_per_s = nan",
        "\xff\xfe",
    )
    name = random.choice(("X", "Studio", "\u202eX", "x" * 300, "../x", "This computer"))
    url = base_url if random.random() < 0.5 else address(random, base_url)
    text = f"name = {json.dumps(name)}\nbase_url = {json.dumps(url)}\n{random.choice(faults)}\n"
    return (mutated(random, text) if random.random() < 0.3 else text).encode("utf-8", "replace")
