"""Web addresses and network addresses: what is let through, what is refused."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.images.addresses import (
    MAX_ADDRESS_CHARS,
    is_public_address,
    safe_for_log,
    usable_web_address,
    without_login,
)
from enhance_gui.core.picture_errors import AddressNotUsable

USABLE = {
    "https://example.org": "https://example.org/",
    "  https://example.org/a.jpg \n": "https://example.org/a.jpg",
    "HTTPS://EXAMPLE.org:443/A.jpg": "https://example.org/A.jpg",
    "http://example.org:80/": "http://example.org/",
    "http://example.org:8080/a": "http://example.org:8080/a",
    "https://example.org/a?b=c&d=%20e#part": "https://example.org/a?b=c&d=%20e",
    "https://exämple.org/bild": "https://xn--exmple-cua.org/bild",
    "https://example.org/straße?q=ü": "https://example.org/stra%C3%9Fe?q=%C3%BC",
    "https://my_bucket.example.org/a": "https://my_bucket.example.org/a",
    "https://example.org./a": "https://example.org./a",
    "http://[2001:DB8::1]:81/a": "http://[2001:db8::1]:81/a",
    "http://１２７.0.0.1/": "http://127.0.0.1/",
    "https://example.org/a%2Fb/../c;v=1": "https://example.org/c;v=1",
    "https://example.org/a/%2E%2e/./b/.": "https://example.org/b/",
    "https://example.org/../..": "https://example.org/",
    "https://example.org/a?b=/../c": "https://example.org/a?b=/../c",
    "https://example.org/my holiday photo.jpg": "https://example.org/my%20holiday%20photo.jpg",
    "https://example.org/a b?c d#e f": "https://example.org/a%20b?c%20d",
    "https://example.org/été-海.jpg": "https://example.org/%C3%A9t%C3%A9-%E6%B5%B7.jpg",
    "https://example.org/👨‍👩.jpg": "https://example.org/%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9.jpg",
    "https://example.org/a\u00a0b.jpg": "https://example.org/a%C2%A0b.jpg",
    "https://example.org/100%.jpg?a=50%&b=%zz": "https://example.org/100%.jpg?a=50%&b=%zz",
    "https://example.org/a<b>\"c`.jpg?'": "https://example.org/a%3Cb%3E%22c%60.jpg?'",
    "https:\\\\example.org\\a\\b.jpg?c\\d": "https://example.org/a/b.jpg?c%5Cd",
    "http://example.org\\@evil.test/": "http://example.org/@evil.test/",
    "\u202ahttps://example.org/a.jpg\u202c\u200b": "https://example.org/a.jpg",
    "http://2130706433/a": "http://127.0.0.1/a",
}

NOT_USABLE = [
    "",
    "   ",
    "example.org/a.jpg",
    "/etc/passwd",
    "C:\\a.jpg",
    "\\\\host\\share\\a.jpg",
    "file:///etc/passwd",
    "file://host/a.jpg",
    "ftp://example.org/a.jpg",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "blob:https://example.org/1",
    "http://",
    "http:///a.jpg",
    "http://?a",
    "http://:80/",
    "http://.example.org/",
    "http://example..org/",
    "http://" + "a" * 64 + ".org/",
    "http://" + "a." * 130 + "org/",
    "http://user@example.org/",
    "http://user:secret@example.org/",
    "http://@example.org/",
    "http://example.org:0/",
    "http://example.org:65536/",
    "http://example.org:http/",
    "http://[::1/",
    "http://[::g]/",
    "http://[fe80::1%25eth0]/",
    "http://exam ple.org/",
    "http://example.org/a\tb",
    "http://example.org/a\r\nHost: evil",
    "http://example.org/\x00",
    "http://example.org/\u202egpj.exe",
    "http://exa<mple.org/",
    "http://exa%6dple.org/",
    "https://example.org/" + "a" * MAX_ADDRESS_CHARS,
    "https://example.org/" + "ü" * 2000,
]


@pytest.mark.parametrize(("text", "plain"), USABLE.items())
def test_a_usable_address_becomes_plain(text: str, plain: str) -> None:
    assert usable_web_address(text) == plain
    assert usable_web_address(plain) == plain


@pytest.mark.parametrize("text", NOT_USABLE)
def test_what_no_service_could_fetch_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(AddressNotUsable) as caught:
        usable_web_address(text)
    assert caught.value.detail
    assert "secret" not in caught.value.detail


@given(st.one_of(st.text(max_size=80), st.text(max_size=60).map("http://{}".format)))
def test_any_text_is_either_plain_or_refused(text: str) -> None:
    try:
        plain = usable_web_address(text)
    except AddressNotUsable:
        return
    assert plain.isascii()
    assert plain.isprintable()
    assert " " not in plain
    assert len(plain) <= MAX_ADDRESS_CHARS
    assert usable_web_address(plain) == plain


_PARTS = st.text(alphabet="aZ09 %2eEfü海\u200d./\\\\?#&='\"<>[]{}|^`;,@:~\u202e\t", max_size=30)


@given(_PARTS)
def test_what_is_shown_of_an_address_is_what_is_fetched(rest: str) -> None:
    try:
        plain = usable_web_address(f"https://faß.example/{rest}")
    except AddressNotUsable:
        return
    assert plain.startswith("https://xn--fa-hia.example/")
    assert not re.search(r"[\x00-\x20\x7f-\uffff\"<>`]", plain)
    url = httpx.URL(plain)
    asked = f"https://{url.netloc.decode()}{url.raw_path.decode()}"
    assert asked == plain
    assert usable_web_address(plain) == plain


def test_a_login_is_refused_with_what_to_do_and_not_kept() -> None:
    with pytest.raises(AddressNotUsable, match="save the picture there, and add the file"):
        usable_web_address("https://me:secret@example.org/a.jpg")
    for text in ("https://me:se@cret@example.org/a.jpg", " HTTP:\\\\me:secret@example.org/a.jpg"):
        assert "cret" not in without_login(text)
        with pytest.raises(AddressNotUsable, match="a password"):
            usable_web_address(without_login(text))
    assert without_login("https://example.org/@me/a.jpg") == "https://example.org/@me/a.jpg"


@given(st.text(max_size=60).map("http://{}/a".format))
def test_httpx_sees_the_same_host_in_a_plain_address(text: str) -> None:
    try:
        plain = usable_web_address(text)
        url = httpx.URL(plain)
    except (AddressNotUsable, httpx.InvalidURL):
        return
    assert plain.startswith(f"http://{url.raw_host.decode()}") or url.raw_host.startswith(b":")
    assert not url.userinfo


@pytest.mark.parametrize(
    "ip",
    [
        "8.8.8.8",
        "1.1.1.1",
        "2606:4700::1111",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "::ffff:8.8.8.8",
    ],
)
def test_the_public_internet_is_public(ip: str) -> None:
    assert is_public_address(ip)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104  named, not bound to
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.170",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "100::1",
        "2001:db8::1",
        "2001:10::1",
        "2001:0:7f00:1::1",
        "2002:7f00:1::1",
        "2002:c0a8:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "",
        "example.org",
        "2130706433",
    ],
)
def test_everything_else_is_not(ip: str) -> None:
    assert not is_public_address(ip)


@given(st.ip_addresses())
def test_what_is_public_is_global_unicast(ip: object) -> None:
    public = is_public_address(ip)  # type: ignore[arg-type]
    if public:
        assert not ip.is_private or "ff9b" in str(ip) or str(ip).startswith("2002")  # type: ignore[attr-defined]
        assert not ip.is_loopback  # type: ignore[attr-defined]
        assert not ip.is_multicast  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:pw@example.org:81/a.jpg?sig=canary#x", "https://example.org:81/a.jpg"),
        ("http://[::1]:8/a?b", "http://[::1]:8/a"),
        ("nonsense?canary", "(not an address)"),
        ("http://[::1?canary", "(not an address)"),
        ("http://example.org/a\x1b[31m", "http://example.org/a?[31m"),
    ],
)
def test_a_log_shows_no_secret_of_an_address(address: str, shown: str) -> None:
    assert safe_for_log(address) == shown


@given(st.text(max_size=60))
def test_any_text_can_be_shown_in_a_log(text: str) -> None:
    assert safe_for_log(text).isprintable()
    assert safe_for_log(f"http://{text}").isprintable()
