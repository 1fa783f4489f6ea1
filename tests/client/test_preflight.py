"""Preflight: what a picture is, learned from its first bytes, without being led astray."""

from __future__ import annotations

import asyncio
import gzip
import os
from pathlib import Path

import pytest

from enhance_gui.client.preflight import check_address, check_file
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.formats import KNOWN_FORMATS
from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.picture_errors import (
    PICTURE_MISSING,
    PICTURE_TOO_SMALL,
    AddressNotUsable,
    InputError,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
    PictureUnreachable,
    PrivateAddress,
)
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.imaging.header import read_header
from enhance_gui.imaging.structure import check_structure
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.host_lookup import AddressPolicy, Resolver, resolve
from enhance_gui.transport.timeouts import Timeouts
from tests.support.patience import HUNG_S, QUICK, UNHURRIED, undisturbed
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk, redirect
from tests.support.tls import TRUSTING, server_context
from tests.support.waiting import eventually

LIMITS = PictureLimits()
GZIP = {"Content-Encoding": "gzip"}
GZIPPED = gzip.compress(picture_bytes("jpg")[:60])


async def check(
    url: str,
    policy: AddressPolicy = AddressPolicy.ANY,
    resolver: Resolver = resolve,
    limits: PictureLimits = LIMITS,
    timeouts: Timeouts = UNHURRIED,
) -> CheckedPicture:
    async with picture_client(policy, resolver=resolver, settings=TRUSTING) as client:
        return await check_address(
            url, limits, client=client, read_header=read_header, timeouts=timeouts
        )


def check_one(*steps: Step, limits: PictureLimits = LIMITS) -> CheckedPicture:
    """Check a picture whose host answers with these steps."""

    async def run() -> CheckedPicture:
        async with ScriptableService() as host:
            host.on("/a", *steps)
            return await check(host.url("/a"), limits=limits)

    return asyncio.run(run())


def big_jpg_metadata(size_bytes: int) -> bytes:
    """Return a JPEG whose sides come after this much of metadata."""
    picture = picture_bytes("jpg")
    segment = b"\xff\xe1\xff\xff" + bytes(65_533)
    return picture[:2] + segment * (size_bytes // len(segment) + 1) + picture[2:]


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "bmp"])
def test_a_picture_passes_with_kind_sides_size_and_address(kind: str) -> None:
    body = picture_bytes(kind, 120, 90)

    async def run() -> None:
        async with ScriptableService() as host:
            host.on("/a", Reply(200, body, {"Content-Type": "text/html"}))
            checked = await check(host.url("/a#part"))
            assert checked.location == host.url("/a")
            assert checked.header.format == kind
            assert (checked.header.width_px, checked.header.height_px) == (120, 90)
            assert checked.size_bytes == len(body)

    asyncio.run(run())


def test_what_a_proxy_has_changed_is_a_picture_too() -> None:
    assert check_one(Reply(203, picture_bytes())).header.format == "png"


def test_the_size_of_a_compressed_picture_is_not_that_of_its_body() -> None:
    checked = check_one(Reply(200, gzip.compress(picture_bytes("bmp", 200, 150)), GZIP))
    assert (checked.header.width_px, checked.header.height_px) == (200, 150)
    assert checked.size_bytes is None


def test_the_size_is_unknown_where_the_host_does_not_tell() -> None:
    assert check_one(Reply(200, picture_bytes(), tells_length=False)).size_bytes is None


def test_no_more_is_read_than_the_header_needs() -> None:
    whole_bytes = 19 * 2**20

    async def run() -> None:
        async with ScriptableService() as host:

            async def long_picture(talk: Talk) -> None:
                start = picture_bytes("png")[:1000]
                await talk.send(Reply(200, start, {"Content-Length": str(whole_bytes)}).to_bytes())
                while talk.sent_bytes < whole_bytes:
                    await talk.send(bytes(2**16))

            host.on("/a", long_picture)
            checked = await check(host.url("/a"))
            assert checked.size_bytes == whole_bytes
            await eventually(lambda: host.talks[0].is_over, "the connection is closed")
            # What the kernel's buffers took in on both sides is all that left.
            assert host.talks[0].sent_bytes < whole_bytes / 2

    asyncio.run(run())


def test_long_metadata_before_the_sides_is_read_through() -> None:
    for metadata_bytes in (600_000, 2_200_000, 12_000_000):
        assert check_one(Reply(200, big_jpg_metadata(metadata_bytes))).header.width_px == 100
    with pytest.raises(PictureDamaged, match="first megabyte"):
        check_one(Reply(200, big_jpg_metadata(17_000_000)))


def test_a_picture_of_no_known_length_is_read_no_further_than_it_may_be_long() -> None:
    reply = Reply(200, big_jpg_metadata(2_200_000), tells_length=False)
    assert check_one(reply).size_bytes is None
    with pytest.raises(PictureTooLarge, match=r"more than 1\.0 MB"):
        check_one(reply, limits=PictureLimits(max_image_bytes=2**20))
    packed = Reply(200, gzip.compress(big_jpg_metadata(12_000_000)), GZIP)
    with pytest.raises(PictureTooLarge, match=r"more than 1\.0 MB"):
        check_one(packed, limits=PictureLimits(max_image_bytes=2**20))


def test_a_long_head_is_given_more_time_than_the_others() -> None:
    start = big_jpg_metadata(2_200_000)

    async def late(talk: Talk) -> None:
        await talk.send(Reply(200, start[:-50], {"Content-Length": str(len(start))}).to_bytes())
        await asyncio.sleep(0.4)
        await talk.send(start[-50:])

    async def run() -> None:
        async with ScriptableService() as host:
            host.on("/a", late)
            short = Timeouts(read_s=60, overall_s=0.3)
            checked = await undisturbed(
                lambda: check(host.url("/a"), timeouts=short), PictureUnreachable
            )
            assert checked.header.format == "jpg"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "disposition", "name"),
    [
        ("/a", "attachment; filename=\"x.jpg\"; filename*=UTF-8''f%C3%BCr.jpg", "für.jpg"),
        ("/a", 'inline; filename="holiday.jpg"', "holiday.jpg"),
        ("/a", "attachment; filename=" + "ä" * 30_000, "ä" * 255),
        ("/IMG_1.jpg", 'inline; filename="unnamed.jpg"', ""),
        ("/IMG_1.jpg", "inline", ""),
        ("/leads/on", "", "IMG_2.jpg"),
        ("/leads/IMG_3.jpg", "", ""),
    ],
)
def test_a_picture_is_called_what_its_server_calls_it(
    path: str, disposition: str, name: str
) -> None:
    async def run() -> None:
        headers = {"Content-Disposition": disposition} if disposition else {}
        async with ScriptableService() as host:
            if path.startswith("/leads"):
                host.on(path, redirect("/IMG_2.jpg"))
                host.on("/IMG_2.jpg", Reply(200, picture_bytes()))
            else:
                host.on(path, Reply(200, picture_bytes(), headers))
            assert (await check(host.url(path))).name == name

    asyncio.run(run())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (
            Reply(200, b"<!DOCTYPE html><html>", {"Content-Type": "image/jpeg"}),
            KindNotSupported.kind,
        ),
        (Reply(200, b"\n <html lang=en><head>"), KindNotSupported.kind),
        (Reply(200, b"%PDF-1.7" + bytes(50)), KindNotSupported.kind),
        (Reply(200, b"plain words, and enough of them to be sure"), KindNotSupported.kind),
        (Reply(200, picture_bytes("gif")), KindNotSupported.kind),
        (Reply(200, b""), PictureDamaged.kind),
        (Reply(200, picture_bytes("png")[:20]), PictureDamaged.kind),
        (Reply(200, picture_bytes("jpg")[:40], tells_length=False), PictureDamaged.kind),
        (Reply(200, picture_bytes("png", 63, 100)), PICTURE_TOO_SMALL),
        (Reply(200, b"", {"Content-Length": "20971521"}), PictureTooLarge.kind),
        (Reply(204), PictureUnreachable.kind),
        (Reply(304), PictureUnreachable.kind),
        (Reply(401), PictureUnreachable.kind),
        (Reply(404, b"<html>"), PictureUnreachable.kind),
        (Reply(500), PictureUnreachable.kind),
        (Reply(200, b"x", {"Content-Encoding": "zstd"}), PictureUnreachable.kind),
        (Reply(200, GZIPPED[:-9], GZIP), PictureUnreachable.kind),
    ],
)
def test_each_refusal_has_its_error(reply: Reply, kind: str) -> None:
    with pytest.raises(EnhanceError) as caught:
        check_one(reply)
    assert caught.value.kind == kind
    assert not caught.value.detail.endswith(".")


def test_a_web_page_is_called_one() -> None:
    with pytest.raises(KindNotSupported, match="web page, not a picture"):
        check_one(Reply(200, b"<html><body>" + bytes(100), {"Content-Type": "image/png"}))


def test_limits_are_the_service_s_own() -> None:
    body = picture_bytes("png", 300, 100)
    with pytest.raises(PictureTooLarge, match="300"):
        check_one(Reply(200, body), limits=PictureLimits(max_side_px=299))
    with pytest.raises(KindNotSupported, match="JPG"):
        check_one(Reply(200, body), limits=PictureLimits(formats=("jpg",)))


# -- redirects -------------------------------------------------------------------------------


def test_redirects_are_followed_and_the_final_address_handed_on() -> None:
    async def run() -> None:
        async with ScriptableService() as host:
            for hop in range(5):
                host.on(f"/{hop}", redirect(f"{hop + 1}", [301, 302, 303, 307, 308][hop]))
            host.on("/5", Reply(200, picture_bytes()))
            assert (await check(host.url("/0"))).location == host.url("/5")

    asyncio.run(run())


def test_ten_redirects_are_followed_and_no_eleventh() -> None:
    async def run() -> None:
        async with ScriptableService() as host:
            for hop in range(11):
                host.on(f"/{hop}", redirect(f"{hop + 1}"))
            host.on("/11", Reply(200, picture_bytes()))
            assert (await check(host.url("/1"))).location == host.url("/11")
            with pytest.raises(PictureUnreachable, match="more than 10 times"):
                await check(host.url("/0"))

    asyncio.run(run())


def test_an_address_that_leads_round_in_a_circle_is_said_to() -> None:
    async def run() -> None:
        async with ScriptableService() as host:
            host.on("/a", redirect("/b"))
            host.on("/b", redirect("/c"))
            host.on("/c", redirect("/b"))
            with pytest.raises(PictureUnreachable, match="in a circle"):
                await check(host.url("/a"))
            assert len(host.requests) == 3

    asyncio.run(run())


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("file:///etc/passwd", AddressNotUsable),
        ("//user:secret@example.org/", AddressNotUsable),
        ("javascript:alert(1)", AddressNotUsable),
        ("http://[::1", PictureUnreachable),
    ],
)
def test_a_redirect_to_what_is_no_web_address_is_refused(
    target: str, kind: type[EnhanceError]
) -> None:
    with pytest.raises(kind):
        check_one(redirect(target))


def test_a_redirect_from_https_to_http_is_refused() -> None:
    async def run() -> None:
        async with ScriptableService(server_context()) as safe, ScriptableService() as open_one:
            safe.on("/a", redirect(open_one.url("/a")))
            with pytest.raises(PictureUnreachable, match="https"):
                await check(safe.url("/a"))
            assert open_one.connections == 0
            open_one.on("/a", redirect(safe.url("/b")))
            safe.on("/b", Reply(200, picture_bytes()))
            assert (await check(open_one.url("/a"))).location == safe.url("/b")

    asyncio.run(run())


# -- private addresses -----------------------------------------------------------------------


PRIVATE_HOSTS = [
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",  # noqa: S104  named, not bound to
    "10.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "[fe80::1]",
    "[fd00::1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
]


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_no_spelling_of_a_private_host_is_connected_to(host: str) -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            with pytest.raises((PrivateAddress, AddressNotUsable)):
                await check(f"http://{host}:{service.port}/a", AddressPolicy.PUBLIC_ONLY)
            assert service.connections == 0

    asyncio.run(run())


# -- hostile hosts ---------------------------------------------------------------------------


async def _trickling_headers(talk: Talk) -> None:
    await talk.trickle(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 10_000)


async def _trickling_body(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    await talk.trickle(b"\xff\xd8" + b"\xff" * 10_000)


async def _endless_headers(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await talk.send(b"X-More: " + b"m" * 1000 + b"\r\n")


async def _endless_metadata(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8")
    while True:
        await talk.send(b"\xff\xe1\xff\xff" + bytes(65_533))


async def _short_body(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n\xff\xd8\xff\xe0")
    await talk.close()


async def _silence(talk: Talk) -> None:
    await talk.until_closed_by_peer()


@pytest.mark.parametrize(
    ("step", "kind", "timeouts"),
    [
        (_trickling_headers, PictureUnreachable, QUICK),
        (_trickling_body, PictureUnreachable, QUICK),
        (_silence, PictureUnreachable, QUICK),
        (_endless_headers, PictureUnreachable, UNHURRIED),
        (_endless_metadata, PictureDamaged, UNHURRIED),
        (_short_body, PictureUnreachable, UNHURRIED),
        (Talk.reset, PictureUnreachable, UNHURRIED),
    ],
)
def test_a_hostile_host_ends_with_words_in_time(
    step: Step, kind: type[EnhanceError], timeouts: Timeouts
) -> None:
    async def run() -> None:
        async with asyncio.timeout(HUNG_S / 2), ScriptableService() as host:
            host.on("/a", step)
            with pytest.raises(kind):
                await check(host.url("/a"), timeouts=timeouts)

    asyncio.run(run())


# -- local files -----------------------------------------------------------------------------


def test_a_local_picture_passes(tmp_path: Path) -> None:
    picture = tmp_path / "a.txt"
    picture.write_bytes(big_jpg_metadata(1_300_000))
    checked = check_file(picture, LIMITS, read_header, check_structure)
    assert checked.location == str(picture)
    assert checked.header.format == "jpg"
    assert checked.size_bytes == picture.stat().st_size


def test_a_link_to_a_picture_passes(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture_bytes())
    link = tmp_path / "link"
    try:
        link.symlink_to("a.png")
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert check_file(link, LIMITS, read_header, check_structure).header.width_px == 100


def test_a_file_that_is_not_there_to_be_read_is_missing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    for path in (tmp_path / "no.png", tmp_path, empty, Path("a\0b"), Path("x" * 5000)):
        with pytest.raises(InputError) as caught:
            check_file(path, LIMITS, read_header, check_structure)
        assert caught.value.kind == PICTURE_MISSING
        assert not caught.value.detail.endswith(".")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a file"):
        check_file(tmp_path / "pipe", LIMITS, read_header, check_structure)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "bmp", "tiff", "gif", "avif", "jp2"])
def test_a_local_file_is_followed_to_its_end(tmp_path: Path, kind: str) -> None:
    limits = PictureLimits(formats=KNOWN_FORMATS)
    picture = tmp_path / "a.jpg"
    whole = picture_bytes(kind)
    picture.write_bytes(whole)
    assert check_file(picture, limits, read_header, check_structure).header.format == kind
    for left in (len(whole) // 2, len(whole) - 60):
        picture.write_bytes(whole[:left])
        with pytest.raises(PictureDamaged) as caught:
            check_file(picture, limits, read_header, check_structure)
        assert not caught.value.detail.endswith(".")


def test_what_no_service_takes_is_told_before_its_damage(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(picture_bytes("png", 400, 300)[:20_000])
    with pytest.raises(PictureTooLarge):
        check_file(picture, PictureLimits(max_side_px=300), read_header, check_structure)


def test_a_local_file_is_held_to_the_same_limits(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    for content, kind in (
        (picture_bytes("png")[:20], PictureDamaged.kind),
        (picture_bytes("png", 10, 10), PICTURE_TOO_SMALL),
        (b"<html>" + bytes(100), KindNotSupported.kind),
        (b"ab", KindNotSupported.kind),
    ):
        picture.write_bytes(content)
        with pytest.raises(InputError) as caught:
            check_file(picture, LIMITS, read_header, check_structure)
        assert caught.value.kind == kind
    picture.write_bytes(picture_bytes())
    with pytest.raises(PictureTooLarge):
        check_file(picture, PictureLimits(max_image_bytes=100), read_header, check_structure)
