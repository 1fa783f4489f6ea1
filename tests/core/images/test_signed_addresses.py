"""Signatures are taken out of addresses, and nothing else is."""

from __future__ import annotations

import pytest

from enhance_gui.core.images.addresses import without_signature


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://x.test/a.jpg", "https://x.test/a.jpg"),
        ("https://x.test/a.jpg?width=5&v=2", "https://x.test/a.jpg?width=5&v=2"),
        (
            "https://s3.test/a.jpg?X-Amz-Credential=AK%2F1&X-Amz-Expires=60&X-Amz-Signature=ab&v=2",
            "https://s3.test/a.jpg?v=2",
        ),
        ("https://x.test/a?AWSAccessKeyId=A&Expires=1&Signature=b", "https://x.test/a"),
        ("https://x.test/a?Policy=p&Signature=s&Key-Pair-Id=k", "https://x.test/a"),
        ("https://b.test/a?sv=2022&sig=abc%3D&sp=r", "https://b.test/a?sv=2022&sp=r"),
        ("https://x.test/a?id=7&access_token=t", "https://x.test/a?id=7"),
        ("https://x.test/a?%73ig=abc", "https://x.test/a"),
        ("https://x.test/a?design=1&authors=me", "https://x.test/a?design=1&authors=me"),
        ("/home/me/a.jpg?token=t", "/home/me/a.jpg?token=t"),
        ("http://[", "http://["),
        ("", ""),
    ],
)
def test_only_signatures_are_taken_out(address: str, shown: str) -> None:
    assert without_signature(address) == shown
