"""Names of pictures on the web: by their address, and by what a server says."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.images.picture_names import (
    name_by_server,
    name_of_address,
    name_of_disposition,
)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://h/photos/caf%C3%A9%20%231%20100%25.jpg", "café #1 100%.jpg"),
        ("https://h/th?id=OHR.ThreeLakes_EN.jpg&rf=x.jpg&pid=hp", "OHR.ThreeLakes_EN.jpg"),
        ("https://h/image.php?file=holiday_17.jpg", "holiday_17.jpg"),
        ("https://h/image.php?id=17&name=Two+words%21.JPEG", "Two words!.JPEG"),
        ("https://h/_next/image?url=%2Fphotos%2Fa%2520b.jpg%3Fx%3D1&w=640", "a b.jpg"),
        ("https://h/proxy?src=https%3A%2F%2Fo.example%2Fp%2Fa.webp%23top", "a.webp"),
        ("https://h/original.jpg?file=holiday.jpg", "holiday.jpg"),
        ("https://h/IMG_1.jpg?file=other.jpg", "IMG_1.jpg"),
        ("https://h/media/GFxYz12?format=jpg&name=orig", "GFxYz12"),
        ("https://h/named.php?d=1", "named.php"),
        ("https://h/view?file=.jpg", "view"),
        ("https://h/view?file=image.jpg", "view"),
        ("https://h/original.jpg?w=5", "original.jpg"),
        ("https://h/", "h"),
    ],
)  # fmt: skip
def test_a_picture_is_called_what_its_address_calls_it(address: str, name: str) -> None:
    assert name_of_address(address) == name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename=\"a.jpg\"; filename*=UTF-8''S%20%C3%BCber%20K.jpg", "S über K.jpg"),
        ("attachment; filename*=UTF-8''a.jpg; filename=b.jpg", "a.jpg"),
        ("attachment; filename*=iso-8859-1'en'%A3%20rates.jpg", "£ rates.jpg"),
        ("attachment; filename*=utf-8''%FF.jpg; filename=good.jpg", "good.jpg"),
        ("attachment; filename*=utf-7''+AAo-.jpg; filename=good.jpg", "good.jpg"),
        ("attachment; filename*=a.jpg; filename=good.jpg", "good.jpg"),
        ("inline;filename=plain.jpg", "plain.jpg"),
        ("inline; FileName = two words.jpg ; size=5", "two words.jpg"),
        ('attachment; filename="a \\"quoted\\" \\\\ name.jpg"', "name.jpg"),
        ('attachment; filename="say \\"cheese\\".jpg"', 'say "cheese".jpg'),
        ('attachment; filename="C:\\dir\\x.jpg"', "x.jpg"),
        ('attachment; filename="../../etc/x.jpg"', "x.jpg"),
        ('attachment; filename="%E2%82%AC%20rates.jpg"', "€ rates.jpg"),
        ('attachment; filename="100%.jpg"', "100%.jpg"),
        ('attachment; filename="50%FF.jpg"', "50%FF.jpg"),
        ('attachment; filename="Ã¼ber.jpg"', "über.jpg"),
        ('attachment; filename="été.jpg"', "été.jpg"),
        ('attachment; filename="名前;名.jpg"', "名前;名.jpg"),
        ('form-data; name="x; filename=evil.exe"; filename=ok.jpg', "ok.jpg"),
        ('attachment; myfilename="evil.exe"', ""),
        ("filename=only.jpg", "only.jpg"),
        ('attachment; filename="unclosed.jpg', "unclosed.jpg"),
        ('attachment; filename="a\u202egpj.exe\n.jpg"', "agpj.exe.jpg"),
        ('attachment; filename=""', ""),
        ("attachment; filename=; x=y", ""),
        ("attachment", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_server_s_name_is_read_as_standards_and_servers_have_it(header: str, name: str) -> None:
    assert name_of_disposition(header) == name


def test_a_name_that_says_nothing_is_no_better_than_the_address() -> None:
    said = 'attachment; filename="{}"'
    given, final = "https://h/AbC=s1600", "https://cdn/x"
    assert name_by_server(said.format("unnamed.jpg"), given, final) == ""
    assert name_by_server(said.format("Köln"), given, final) == "Köln"
    assert name_by_server("", given, "https://cdn/IMG_1.jpg") == "IMG_1.jpg"
    assert name_by_server("", "https://h/mine.jpg", "https://cdn/IMG_1.jpg") == ""


@given(st.text(), st.sampled_from(["{}", 'filename="{}"', "filename*={}", ";filename={};", '"{}']))
def test_no_header_breaks_it_and_every_name_is_one_line(text: str, form: str) -> None:
    name = name_of_disposition(form.format(text))
    assert name.isprintable()
    assert len(name) <= 255
    assert "/" not in name
    assert "\\" not in name


@pytest.mark.parametrize("unit", [";", '";', "; ", 'filename="', "filename=;", '\\"', "%41", " "])
def test_a_header_of_many_kilobytes_is_read_at_once(unit: str) -> None:
    header = 'attachment; filename="' + unit * (65_536 // len(unit))
    began_s = time.process_time()
    name_of_disposition(header)
    name_of_disposition(header[22:])
    assert time.process_time() - began_s < 1


def test_a_query_of_many_kilobytes_is_read_at_once() -> None:
    began_s = time.process_time()
    assert name_of_address("https://h/view?" + "a=%2F&" * 20_000) == "view"
    assert time.process_time() - began_s < 1
