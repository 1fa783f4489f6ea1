"""Which host a name is: as browsers read it, by UTS 46, and the same one everywhere."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.images.addresses import host_of, same_spelling, usable_web_address
from enhance_gui.core.images.hosts import plain_host
from enhance_gui.core.picture_errors import AddressNotUsable


# As Chromium and Firefox have them.
@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("EXAMPLE.org", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("FAẞ.de", "xn--fa-hia.de"),
        ("xn--fa-hia.de", "xn--fa-hia.de"),
        ("XN--FA-HIA.de", "xn--fa-hia.de"),
        ("fass.de", "fass.de"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("i❤️.example", "xn--i-7iq.example"),
        ("💩.la", "xn--ls8h.la"),
        ("日本語。ＪＰ", "xn--wgv71a119e.jp"),
        ("so\u00adft.example", "soft.example"),
        ("my_bucket.bücher.example", "my_bucket.xn--bcher-kva.example"),
        ("नी\u200dक.example", None),
        ("क्\u200dष.example", "xn--11b2ezcw70k.example"),
        ("ⅷ.example", "viii.example"),
        # Four numbers, in whatever way they are written.
        ("１２７.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("1.2.3.4.example", "1.2.3.4.example"),
        ("2001:DB8:0::1", "[2001:db8::1]"),
        # Octal to some, decimal to others.
        ("010.1.2.3", None),
        ("1.2.3.256", None),
        ("1.2.3.4.5", None),
        ("256", "0.0.1.0"),
        ("1_0.2", None),
        ("example.1", None),
        # What reads as another host than it is.
        ("℀.com", None),
        ("exa\u2044mple.org", "xn--example-3d7c.org"),
        ("אa.example", None),
        ("א.0a.example", None),
        ("אב.example", "xn--4dbc.example"),
        ("\u0301a.example", None),
        ("xn--a", None),
        ("xn--fa-hIA.de", "xn--fa-hia.de"),
        ("xn--fass-.de", None),
        ("xn--bcher-2pa.example", None),
        ("xn--A-7ga.de", "xn--a-7ga.de"),
        ("a\u202eb.example", None),
        ("👨\u200d👩.example", None),
        ("\u00ad", None),
        ("a b.example", None),
        ("", None),
    ],
)
def test_a_host_is_the_one_that_browsers_connect_to(host: str, plain: str | None) -> None:
    if plain is not None:
        assert plain_host(host) == plain
        return
    with pytest.raises(AddressNotUsable):
        plain_host(host)


_LETTERS = "aZ0-_.ßς\u0301üßẞ💩❤\ufe0fא\u0660ａ。\u00ad\u200d\u200c日/@:#?%\\ \u202ex-n--"
HOSTS = st.one_of(
    st.text(alphabet=_LETTERS, min_size=1, max_size=20),
    st.text(min_size=1, max_size=12).map("{}.example".format),
    st.text(alphabet="0123456789xabcdef.", min_size=1, max_size=16),
    st.text(alphabet="abcdefgh0123456789-", min_size=1, max_size=10).map("xn--{}.example".format),
)


@given(HOSTS)
def test_a_plain_host_stays_what_it_is_and_is_what_is_asked_for(host: str) -> None:
    try:
        plain = plain_host(host)
    except AddressNotUsable:
        return
    assert plain_host(plain.strip("[]")) == plain
    assert plain.isascii()
    assert not set(plain) & set("/@#?%\\ \t")
    assert httpx.URL(f"https://{plain}/a").raw_host.decode() == plain.strip("[]")


@given(HOSTS)
def test_every_way_to_an_address_has_the_same_host(host: str) -> None:
    address = f"https://{host}/api"
    try:
        plain = usable_web_address(address)
    except AddressNotUsable:
        return
    assert host_of(address) == host_of(plain) == httpx.URL(plain).raw_host.decode()
    if plain.endswith("/api") and not set(host) & set("/\\@?#: "):
        assert same_spelling(address) == plain == same_spelling(plain)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("https://FAß.de:443/api", "https://xn--fa-hia.de/api"),
        ("https://xn--fa-hia.de/api#a1", "https://xn--fa-hia.de/api#a1"),
        ("HTTP://[::0001]:80", "http://[::1]"),
        ("http://Studio.example:8080/Api", "http://studio.example:8080/Api"),
        ("https://Studio.example#lost", "https://studio.example#lost"),
        # None that could be connected to: it keeps a spelling of its own.
        ("https://A..b/X", "https://a..b/X"),
        ("Studio", "Studio"),
        ("", ""),
    ],
)
def test_a_service_has_one_spelling(written: str, plain: str) -> None:
    assert same_spelling(written) == plain
    assert same_spelling(plain) == plain
