"""What of a picture does not reach the result is said while it is checked, and at its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.command_line.enhance.test_enhance import Desk
from tests.imaging.test_further_parts import XMP, animation, jpeg_with, segment
from tests.scenarios.running import with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply

_PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/></rdf:RDF>'
    b"</x:xmpmeta>"
)
GAIN_MAP = segment(0xE1, XMP + _PACKET)


def written(sidecar: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(sidecar).read_text("utf-8"))
    return found


def test_an_animation_and_a_gain_map_are_said_before_and_after(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/dance.webp", Reply(body=animation("WEBP", 5)))
        provider.on("/shot.jpg", Reply(body=jpeg_with(GAIN_MAP)))
        urls = [provider.url("/dance.webp"), provider.url("/shot.jpg"), *provider.pictures("a")]
        done = await Desk(tmp_path, provider).enhance(*urls)
        assert done.code == 0, done.err
        for url, note in (
            (urls[0], "only the first frame of the animation is enhanced"),
            (urls[1], "the HDR gain map is not carried over"),
        ):
            before = f"{url}: {note}"
            after = f"{note[0].upper()}{note[1:]}."
            printed = done.err.splitlines()
            assert printed.count(before) == 1
            (end,) = [line for line in printed if f" {url}: saved as" in line]
            assert end.endswith(after)
            assert printed.index(before) < printed.index(end)
        lines = {line["input"]: line for line in done.lines()}
        animated = {
            "part": "animation",
            "reason": "only the first frame of the animation is enhanced",
        }
        mapped = {"part": "gain_map", "reason": "the HDR gain map is not carried over"}
        for url, left_out in zip(urls, ([animated], [mapped], []), strict=True):
            line = lines[url]
            assert line["left_out"] == left_out
            assert written(line["sidecar"])["left_out"] == left_out

    with_provider(test)
