"""Host names: which the program connects to, and the one way in which each is written."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import Final

from enhance_gui.core.picture_errors import AddressNotUsable

_MAX_HOST_CHARS: Final = 253
_MAX_LABEL_CHARS: Final = 63
_ENCODED: Final = "xn--"
"""Prefix of a part of a host name that holds more than ASCII."""

_JOINERS: Final = frozenset("\u200c\u200d")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"})
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_HOST_CHARS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


@lru_cache(maxsize=256)
def plain_host(host: str) -> str:
    """Return a host name in ASCII, or a literal IPv6 address in brackets.

    Here alone it is decided which hosts the program connects to, and that two spellings are one
    host: whatever comes back can stand in a request, in the question to a name server and in that
    for a certificate. Names are read as browsers read them (UTS 46, non-transitional): ß is no ss,
    and emoji are names.

    :param host: without brackets.
    :raises AddressNotUsable: no host, or one that no name server could know.
    """
    if not host:
        raise AddressNotUsable("the address names no host")
    if ":" in host and "%" in host:
        raise AddressNotUsable("the address names a network card of one computer")
    try:
        if ":" in host:
            return f"[{ipaddress.IPv6Address(host)}]"
        # An international name never gets shorter in ASCII, and a long one would take its time.
        if len(host) > _MAX_HOST_CHARS:
            raise UnicodeError("too long")
        lower = host.lower()
        return _checked(lower if host.isascii() and _ENCODED not in lower else _in_ascii(host))
    except ValueError as error:
        raise AddressNotUsable("“{host}” is not a host name", host=_shown(host)) from error


def _checked(plain: str) -> str:
    """Return a host in ASCII as it is; an address of IPv4 as its four numbers.

    :raises ValueError: a host that no name server could know.
    """
    labels = plain.removesuffix(".").split(".")
    if len(plain) > _MAX_HOST_CHARS or not set(plain) <= _HOST_CHARS:
        raise ValueError("not a host name")
    if not all(0 < len(label) <= _MAX_LABEL_CHARS for label in labels):
        raise ValueError("a part of the name is empty or too long")
    return _four_numbers(labels) if _NUMBER.fullmatch(labels[-1]) else plain


def _four_numbers(labels: list[str]) -> str:
    """Return what the system would connect to: "2130706433" and "0x7f.1" are 127.0.0.1.

    :raises ValueError: no address of IPv4, or one of octal numbers, which to others are decimal.
    """
    if not all(map(_NUMBER.fullmatch, labels)):
        raise ValueError("a name that ends in a number")
    *first, last = (int(each, 0) for each in labels)
    if len(first) > 3 or any(each > 0xFF for each in first) or last >= 256 ** (4 - len(first)):
        raise ValueError("not four numbers")
    return str(ipaddress.IPv4Address(bytes(first) + last.to_bytes(4 - len(first), "big")))


def _in_ascii(host: str) -> str:
    """:raises UnicodeError: no host can have such a name."""
    # Loaded here, not above: few addresses need these tables.
    from idna import check_bidi, uts46_remap

    # Not idna.encode: it knows neither emoji nor "_", which browsers do.
    labels = [_decoded(label) for label in uts46_remap(host, std3_rules=False).split(".")]
    has_leftward = any(
        unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for label in labels for char in label
    )
    for label in filter(None, labels):
        _check_seen(label)
        if has_leftward:
            check_bidi(label, check_ltr=True)
    return ".".join(
        label if label.isascii() else _ENCODED + label.encode("punycode").decode("ascii")
        for label in labels
    )


def _decoded(label: str) -> str:
    """Return a part of a name as it reads.

    :raises UnicodeError: it is written in Punycode, but as no program would write it.
    """
    from idna import uts46_remap

    if not label.startswith(_ENCODED):
        return label
    encoded = label.removeprefix(_ENCODED)
    text = encoded.encode("ascii").decode("punycode")
    if text.isascii() or text.encode("punycode").decode("ascii") != encoded:
        raise UnicodeError("not Punycode")
    if text.startswith(_ENCODED) or "." in text or uts46_remap(text, std3_rules=False) != text:
        raise UnicodeError("another spelling of another name")
    return text


def _check_seen(label: str) -> None:
    """Check the signs of a part of a name.

    :raises UnicodeError: one cannot be seen, or cannot stand where it stands.
    """
    from idna import valid_contextj

    if unicodedata.category(label[0]).startswith("M"):
        raise UnicodeError("a mark without a letter")
    for position, char in enumerate(label):
        if char in _JOINERS:
            if not valid_contextj(label, position):
                raise UnicodeError("a joiner that joins nothing")
        elif unicodedata.category(char) in _UNSEEN:
            raise UnicodeError("a sign that nobody sees")


def _shown(host: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in host[:80])
