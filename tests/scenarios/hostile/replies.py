"""What a hostile service answers to a call of its API."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final

from tests.scenarios.hostile.behaviours import flood, sending, silence, trickling
from tests.support.scriptable_service import Reply, Step, Talk, envelope

_OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_LETTERS: Final = b"a" * 2**16


def fast_replies() -> dict[str, Step]:
    """Return those that end by themselves, by name."""
    deep = 400_000
    return {
        "endless JSON": flood(_OK + b'\r\n{"code": 0, "data": {"taskid": "', _LETTERS),
        "JSON of 50 MB": flood(_OK + b"Content-Length: 50000000\r\n\r\n{", _LETTERS),
        "deep JSON": Reply(200, b"[" * deep),
        "deep JSON in the data": Reply(
            200, b'{"code": 0, "data": {"facelist": ' + b"[" * deep + b"]" * deep + b"}}"
        ),
        "number of 900,000 digits": Reply(200, b'{"code": ' + b"9" * 900_000 + b"}"),
        "text of a megabyte": Reply(
            200, b'{"code": 1001001, "msg": "' + b"a" * 1_000_000 + b'", "data": null}'
        ),
        "100,000 faces of no kind": envelope({"facelist": [0] * 100_000, "status": []}),
        "compressed bomb": Reply(200, gzip.compress(bytes(2**26)), {"Content-Encoding": "gzip"}),
        "web page": Reply(200, b"<html>Sign in to the hotel's network</html>"),
        "NUL bytes": Reply(200, bytes(10_000)),
        "cut JSON": sending(_OK + b'Content-Length: 90\r\n\r\n{"code": 0, "da'),
        "reset": Talk.reset,
        "empty": Reply(200),
        "redirect elsewhere": Reply(307, b"", {"Location": "http://127.0.0.1:1/"}),
        "endless headers": flood(_OK, b"X: " + _LETTERS[:1000] + b"\r\n"),
        "another protocol": sending(b"SSH-2.0-OpenSSH_9.6\r\n"),
    }


def slow_replies() -> dict[str, Step]:
    """Return those that only end where the caller's patience does."""
    return {
        "silence": silence,
        "trickling JSON": trickling(_OK + b'\r\n{"code": 0, "data": {"', b"a"),
        "trickling headers": trickling(_OK + b"X: ", b"a"),
        "1xx flood": flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20),
    }


def hostile_records() -> dict[str, dict[str, Any]]:
    """Return fields of a finished record that are traps, by name; no result can come of any."""
    return {
        "result at file:": {"outputurl": "file:///etc/passwd"},
        "result at data:": {"outputurl": "data:image/png;base64,AAAA"},
        "address of 500 kB": {"outputurl": "http://127.0.0.1/" + "a" * 500_000},
    }


def harmless_records() -> dict[str, dict[str, Any]]:
    """Return fields that are traps, too, but leave the result as it is."""
    return {
        "sides of 10^30": {"outpathwidth": 10**30, "outpathheight": 10**30},
        "sides below zero": {"outpathwidth": -5, "outpathheight": -5},
        "path as file type": {"outpathext": "../../../etc/passwd"},
        "NUL in the file type": {"outpathext": "png\0.exe"},
        "half surrogates": {"errormsg": "\ud800 \udfff", "outpathext": "png\udc80"},
        "message of 9,000 signs": {"errormsg": "m" * 9_000, "queuenum": -(10**30)},
        "signs that steer": {"errormsg": "a\nb\x1b[2J\u202e", "outpathext": "png\n"},
        "4,000 faces of no address": {"facelist": json.loads("[" + "{}," * 3999 + "{}]")},
    }
