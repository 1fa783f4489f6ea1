"""Web addresses and network addresses: which may be used, and how one is shown in a log."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit

from enhance_gui.core.picture_errors import AddressNotUsable

MAX_ADDRESS_CHARS: Final = 8192
"""Longest address taken, before and after its characters are escaped: signed addresses of clouds
with their temporary credentials have over 2,000."""

_MAX_HOST_CHARS: Final = 253
_MAX_LABEL_CHARS: Final = 63
_ENCODED: Final = "xn--"
"""Prefix of a part of a host name that holds more than ASCII."""

_DOTS: Final = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))
_KEPT: Final = frozenset("ß\u03c2\u200c\u200d")
"""Letters and joiners that a newer standard has made parts of names (IDNA 2008)."""
_KEPT_LETTERS: Final = re.compile(f"([{''.join(sorted(_KEPT))}])")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"})
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_PATH_CHARS: Final = "/:@!$&'()*+,;=~%-._"
_QUERY_CHARS: Final = _PATH_CHARS + "?[]"
_HOST_CHARS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_SIGNATURE: Final = re.compile(
    r"x-(amz|goog|oss|cos|tos|obs)-.*"
    r"|(aws|google|oss)access(key)?id|key-pair-id|policy|expires"
    r"|(.*[-_])?(sig|sign|signature|hmac|token|jwt|auth|authorization|secret|password|api-?_?key)",
    re.IGNORECASE,
)
"""Names under which clouds and others put signatures, and what belongs to these."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def usable_web_address(text: str) -> str:
    """Return an http(s) address in its plain form: ASCII, without a fragment.

    :raises AddressNotUsable: not an address that a service could fetch; the detail says why.
    """
    address = text.strip()
    if not address:
        raise AddressNotUsable("the address is empty")
    if len(address) > MAX_ADDRESS_CHARS:
        raise AddressNotUsable(
            "the address is longer than {count} characters", count=MAX_ADDRESS_CHARS
        )
    if any(char.isspace() or not char.isprintable() for char in address):
        raise AddressNotUsable("the address contains a space or a control character")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise AddressNotUsable("it is not a web address") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise AddressNotUsable("the address does not begin with http:// or https://")
    if parts.username is not None or parts.password is not None or "\\" in parts.netloc:
        raise AddressNotUsable("the address carries a user name or a password")
    if port == 0:
        raise AddressNotUsable("the address names port 0")
    plain = _joined(parts, plain_host(parts.hostname or ""), port)
    if len(plain) > MAX_ADDRESS_CHARS:
        raise AddressNotUsable(
            "the address is longer than {count} characters", count=MAX_ADDRESS_CHARS
        )
    return plain


def host_of(text: str) -> str:
    """Return the host that an input lies on, for people; empty where it is no web address."""
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname
    except ValueError:
        return ""
    return host if host and parts.scheme in _DEFAULT_PORTS else ""


def same_spelling(base_url: str) -> str:
    """Return the address of a service in its normalised form.

    Scheme and host in lower case, without the default port of the scheme.
    """
    scheme, colon, rest = base_url.partition("://")
    if not colon:
        return base_url
    host, slash, path = rest.partition("/")
    scheme = scheme.lower()
    host = host.lower().removesuffix(f":{_DEFAULT_PORTS.get(scheme)}")
    return f"{scheme}{colon}{host}{slash}{path}"


def safe_for_log(address: str) -> str:
    """Return an address without what may be secret in it: user, password, query, fragment."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "(not an address)"
    if not parts.scheme or not host:
        return "(not an address)"
    shown = f"[{host}]" if ":" in host else host
    plain = f"{parts.scheme}://{shown}{f':{port}' if port is not None else ''}{parts.path}"
    return "".join(char if char.isprintable() else "?" for char in plain)


def without_signature(address: str) -> str:
    """Return a web address without what looks like a signature; anything else as it is.

    A signature opens a private picture to whoever reads it.
    """
    if not address.startswith(("http://", "https://")):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    pairs = [(pair, unquote_plus(pair.partition("=")[0])) for pair in parts.query.split("&")]
    kept = [pair for pair, name in pairs if not _SIGNATURE.fullmatch(name)]
    return parts._replace(query="&".join(kept)).geturl()


def is_public_address(address: str | IPAddress) -> bool:
    """Return whether a network address belongs to the public internet.

    An IPv6 address that carries an IPv4 address (v4-mapped, 6to4, Teredo, NAT64) is as public as
    what it carries. What is not an address at all is not public.
    """
    try:
        ip = ipaddress.ip_address(
            address.partition("%")[0] if isinstance(address, str) else address
        )
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return _is_public_v4(ip)
    carried = _carried_v4(ip)
    if carried:
        return all(_is_public_v4(each) for each in carried)
    return ip in _GLOBAL_UNICAST and ip.is_global and not any(ip in net for net in _NOT_PUBLIC_V6)


# Python's own tables differ between the releases this program runs on (3.11.10 and 3.12.4
# changed them), so what matters is listed here as well.
_NOT_PUBLIC_V4: Final = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "3fff::/20")
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def _is_public_v4(ip: ipaddress.IPv4Address) -> bool:
    return ip.is_global and not any(ip in net for net in _NOT_PUBLIC_V4)


def _carried_v4(ip: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses inside an IPv6 address; empty where it carries none."""
    nat64 = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
    carried = (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), nat64)
    return [each for each in carried if each is not None]


@lru_cache(maxsize=256)
def plain_host(host: str) -> str:
    """Return a host name in ASCII, or a literal IPv6 address in brackets.

    Here alone it is decided which hosts the program connects to: whatever comes back can stand in a
    request, in the question to a name server and in that for a certificate.

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
        plain = ".".join(_plain_label(part) for part in host.translate(_DOTS).split("."))
        _check_plain_host(plain)
    except ValueError as error:
        raise AddressNotUsable("“{host}” is not a host name", host=_shown(host)) from error
    return plain


def _check_plain_host(plain: str) -> None:
    """:raises ValueError: a host in ASCII that no name server could know."""
    labels = plain.removesuffix(".").split(".")
    if len(plain) > _MAX_HOST_CHARS or not set(plain) <= _HOST_CHARS:
        raise ValueError("not a host name")
    if not all(0 < len(label) <= _MAX_LABEL_CHARS for label in labels):
        raise ValueError("a part of the name is empty or too long")
    if len(labels) == 4 and all(map(str.isdecimal, labels)):
        ipaddress.IPv4Address(plain.removesuffix("."))
    for label in labels:
        if label.startswith(_ENCODED):
            _check_decoded(label)


def _plain_label(label: str) -> str:
    """Return one part of a host name in ASCII, as browsers write it.

    :raises UnicodeError: no host name can have such a part.
    """
    if label.isascii():
        return label.lower()
    # Loaded here, not above: few addresses need it.
    from encodings.idna import nameprep

    # Python's own codec would make ss of ß, which is another domain.
    pieces = _KEPT_LETTERS.split(label.lower())
    plain = "".join(piece if piece in _KEPT else nameprep(piece) for piece in pieces)
    if plain.isascii():
        return plain
    return _ENCODED + plain.encode("punycode").decode("ascii")


def _check_decoded(label: str) -> None:
    """Check the decoded text of a part of a name that is written in Punycode.

    Characters that the standard does not know yet pass: names with new letters and emoji exist.

    :raises UnicodeError: no text, one of invisible characters, or one that reads in two
        directions.
    """
    encoded = label.removeprefix(_ENCODED)
    text = encoded.encode("ascii").decode("punycode")
    if text.isascii() or text.encode("punycode").decode("ascii") != encoded:
        raise UnicodeError("not Punycode")
    if any(unicodedata.category(char) in _UNSEEN and char not in _KEPT for char in text):
        raise UnicodeError("a sign that nobody sees")
    directions = [unicodedata.bidirectional(char) for char in text]
    if not _RIGHT_TO_LEFT.isdisjoint(directions) and not _reads_leftwards(directions):
        raise UnicodeError("it reads in two directions")


def _reads_leftwards(directions: list[str]) -> bool:
    """Return whether a part of a name reads from right to left only (RFC 5893, rules 1 to 4)."""
    last = next((direction for direction in reversed(directions) if direction != "NSM"), "")
    return (
        directions[0] in ("R", "AL")
        and "L" not in directions
        and last in ("R", "AL", "EN", "AN")
        and not {"EN", "AN"} <= set(directions)
    )


def _shown(host: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in host[:80])


def _joined(parts: SplitResult, host: str, port: int | None) -> str:
    shown_port = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    query = f"?{quote(parts.query, safe=_QUERY_CHARS)}" if parts.query else ""
    path = quote(parts.path, safe=_PATH_CHARS) or "/"
    return f"{parts.scheme}://{host}{shown_port}{path}{query}"


def is_loopback(host: str) -> bool:
    """Return whether a host is this computer by its very name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
