"""Web addresses and network addresses: which may be used, and how one is shown in a log."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit

from enhance_gui.core.images.hosts import plain_host
from enhance_gui.core.picture_errors import AddressNotUsable

MAX_ADDRESS_CHARS: Final = 8192
"""Longest address taken, before and after its characters are escaped: signed addresses of clouds
with their temporary credentials have over 2,000."""

_AROUND: Final = (
    " \t\n\r\f\v\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029\u3000\ufeff\u200b\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"
)
"""Spaces and unseen marks: what other programs leave around what they give to be copied."""

_CONTROL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What no address has, or only so that it reads as another one."""

_LOGIN: Final = re.compile(r"^(\s*https?:[/\\]{2})[^/?#\\]*@", re.IGNORECASE)
_BEHIND_PATH: Final = re.compile("[?#]")
_PATH_CHARS: Final = "/:@!$&'()*+,;=~%-._"
_QUERY_CHARS: Final = "/:@!$&'()*+,;=~%-._?[]"
"""What is not escaped. Browsers leave some signs more (such as "|") as they are; services with
strict readers of addresses refuse these, and to the picture's server both are the same."""

_HERE: Final = frozenset({".", "%2e"})
_UP: Final = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_SERVICE: Final = re.compile(
    r"(?P<scheme>[^:/?#]*)://(?P<host>\[[^]/?#]*\]|[^:/?#]*)(?P<port>:[0-9]*)?"
)

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

    It is read as browsers read it (WHATWG URL): spaces and letters beyond ASCII are escaped as
    UTF-8, what is escaped already and a lone "%" stay, "\\" is "/", and "." and ".." are followed.

    :raises AddressNotUsable: not an address that a service could fetch; the detail says why.
    """
    address = stripped(text)
    if not address:
        raise AddressNotUsable("the address is empty")
    if len(address) > MAX_ADDRESS_CHARS:
        raise AddressNotUsable(
            "the address is longer than {count} characters", count=MAX_ADDRESS_CHARS
        )
    if _CONTROL.search(address):
        raise AddressNotUsable("the address contains a control character")
    try:
        parts = urlsplit(_with_slashes(address))
        port = parts.port
    except ValueError as error:
        raise AddressNotUsable("it is not a web address") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise AddressNotUsable("the address does not begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise AddressNotUsable(
            "the address carries a user name or a password, which the service and its logs would "
            "get to see: log in with a browser, save the picture there, and add the file"
        )
    if port == 0:
        raise AddressNotUsable("the address names port 0")
    plain = _joined(parts, plain_host(parts.hostname or ""), port)
    if len(plain) > MAX_ADDRESS_CHARS:
        raise AddressNotUsable(
            "the address is longer than {count} characters", count=MAX_ADDRESS_CHARS
        )
    return plain


def stripped(text: str) -> str:
    """Return an input without the spaces and unseen marks around it."""
    return text.strip(_AROUND)


def _with_slashes(address: str) -> str:
    behind = _BEHIND_PATH.search(address)
    end = behind.start() if behind else len(address)
    return address[:end].replace("\\", "/") + address[end:]


def host_of(text: str) -> str:
    """Return the host that an input lies on, as it is connected to; empty: it is no web address."""
    try:
        parts = urlsplit(_with_slashes(stripped(text)))
        host = plain_host(parts.hostname or "").strip("[]")
    except (AddressNotUsable, ValueError):
        return ""
    return host if parts.scheme in _DEFAULT_PORTS else ""


def same_spelling(base_url: str) -> str:
    """Return the address of a service in its normalised form.

    Scheme in lower case, host as :func:`plain_host` has it, without the default port of the scheme.
    """
    match = _SERVICE.match(base_url)
    if match is None:
        return base_url
    scheme, host, port = match["scheme"].lower(), match["host"], match["port"] or ""
    try:
        host = plain_host(host.removeprefix("[").removesuffix("]"))
    except AddressNotUsable:
        host = host.lower()
    port = port.removesuffix(f":{_DEFAULT_PORTS.get(scheme)}")
    return f"{scheme}://{host}{port}{base_url[match.end() :]}"


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


def without_login(text: str) -> str:
    """Return an input without what stands for user and password in it; anything else as it is."""
    return _LOGIN.sub(r"\1…@", text)


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


def _joined(parts: SplitResult, host: str, port: int | None) -> str:
    shown_port = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    query = f"?{quote(parts.query, safe=_QUERY_CHARS)}" if parts.query else ""
    path = _without_dots(quote(parts.path, safe=_PATH_CHARS))
    return f"{parts.scheme}://{host}{shown_port}{path}{query}"


def _without_dots(path: str) -> str:
    """Return a path as it is asked for: "." and ".." are followed before, escaped ones too."""
    kept: list[str] = []
    for part in path.split("/")[1:]:
        is_up, is_here = part.lower() in _UP, part.lower() in _HERE
        if is_up and kept:
            kept.pop()
        if not is_up and not is_here:
            kept.append(part)
    ends_in_folder = path.rpartition("/")[2].lower() in _UP | _HERE
    return "/" + "/".join([*kept, ""] if ends_in_folder and kept else kept)


def is_loopback(host: str) -> bool:
    """Return whether a host is this computer by its very name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
