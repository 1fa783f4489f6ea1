"""Pictures tagged as real ones are, by exiftool, and what exiftool finds in a file."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image, PngImagePlugin

needs_exiftool = pytest.mark.skipif(
    sys.platform != "linux", reason="exiftool is installed by the checks on Linux alone"
)

SIDES_PX: Final = (96, 72)


def exiftool(*arguments: str | Path) -> str:
    """Run exiftool; return what it prints."""
    done = subprocess.run(
        ["exiftool", "-charset", "filename=utf8", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


def tags_of(path: Path) -> dict[str, Any]:
    """Return all tags of a file with their groups, numbers as they are stored."""
    (found,) = tags_of_all([path])
    return found


def tags_of_all(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Return the tags of some files, read by one start of exiftool, in the order of the files."""
    return list(json.loads(exiftool("-j", "-n", "-G1", "-a", "-struct", *paths)))


def _photograph() -> Image.Image:
    return Image.effect_noise(SIDES_PX, 40).convert("RGB")


def _tagged(folder: Path, name: str, tags: Sequence[str], **options: Any) -> Path:
    path = folder / name
    _photograph().save(path, **options)
    exiftool("-q", "-overwrite_original", "-codedcharacterset=utf8", *tags, path)
    return path


def _maker_note() -> bytes:
    """Return tags with a maker's note of Canon, whose values count from the beginning of EXIF."""
    owner = b"Owner of the camera\0\0\0\0\0\0\0\0\0\0\0\0\0"
    entries = 1
    main = struct.pack("<HHHII", 1, 0x8769, 4, 1, 200) + struct.pack("<I", 0)
    make = struct.pack("<H", 3)
    make += struct.pack("<HHII", 0x010F, 2, 6, 150) + struct.pack("<HHII", 0x0110, 2, 15, 160)
    make += struct.pack("<HHII", 0x8769, 4, 1, 200) + struct.pack("<I", 0)
    note = struct.pack("<H", entries) + struct.pack("<HHII", 0x0009, 2, 32, 1000 + 18)
    note += struct.pack("<I", 0) + owner
    exif = struct.pack("<H", 2)
    exif += struct.pack("<HHI4s", 0x9000, 7, 4, b"0232")
    exif += struct.pack("<HHII", 0x927C, 7, len(note), 1000) + struct.pack("<I", 0)
    whole = bytearray(1000 + len(note))
    whole[:8] = b"II*\0" + struct.pack("<I", 8)
    assert len(main) < len(make)
    whole[8 : 8 + len(make)] = make
    whole[150:156] = b"Canon\0"
    whole[160:175] = b"Canon EOS 300D\0"
    whole[200 : 200 + len(exif)] = exif
    whole[1000:] = note
    return bytes(whole)


_NAMED_FACE: Final = (
    "{AppliedToDimensions={W=96,H=72,Unit=pixel},RegionList=[{Area="
    "{X=0.25,Y=0.4,W=0.1,H=0.2,Unit=normalized},Name=Ärger,Type=Face}]}"
)


def phone(folder: Path) -> Path:
    return _tagged(
        folder,
        "phone.jpg",
        [
            "-Make=Apple",
            "-Model=iPhone 14",
            "-Software=17.2",
            "-Orientation#=6",
            "-ExifImageWidth=96",
            "-ExifImageHeight=72",
            "-DateTimeOriginal=2024:05:01 12:34:56",
            "-CreateDate=2024:05:01 12:34:56",
            "-ModifyDate=2024:05:01 12:34:56",
            "-OffsetTime=+02:00",
            "-OffsetTimeOriginal=+02:00",
            "-SubSecTimeOriginal=123",
            "-GPSLatitude=48.1374",
            "-GPSLatitudeRef=N",
            "-GPSLongitude=11.5755",
            "-GPSLongitudeRef=E",
            "-GPSAltitude=519",
            "-GPSDateStamp=2024:05:01",
            "-FNumber=1.8",
            "-ExposureTime=1/120",
            "-ISO=64",
            "-FocalLength=5.7",
            "-LensModel=iPhone 14 back camera",
            "-SubjectArea=40 30 20 10",
            f"-RegionInfo={_NAMED_FACE}",
            "-RegionInfoMP={Regions=[{PersonDisplayName=Ärger,Rectangle=0.2|, 0.3|, 0.1|, 0.2}]}",
        ],
        quality=90,
    )


def camera_with_maker_note(folder: Path) -> Path:
    path = folder / "camera.jpg"
    _photograph().save(path, quality=90, exif=b"Exif\0\0" + _maker_note())
    return path


def stock_agency(folder: Path) -> Path:
    return _tagged(
        folder,
        "agency.jpg",
        [
            "-IPTC:ObjectName=Titel",
            "-IPTC:Headline=Überschrift",
            "-IPTC:Caption-Abstract=Eine Straße in Köln",
            "-IPTC:Keywords=Straße",
            "-IPTC:Keywords=Köln",
            "-IPTC:By-line=Jürgen Groß",
            "-IPTC:CopyrightNotice=© Jürgen Groß",
            "-IPTC:Credit=Agentur",
            "-IPTC:City=Köln",
            "-IPTC:Country-PrimaryLocationName=Deutschland",
            "-IPTC:DateCreated=2023:04:05",
            "-XMP-dc:Rights=© Jürgen Groß",
            "-XMP-dc:Creator=Jürgen Groß",
            "-XMP-dc:Subject=Straße",
            "-XMP-dc:Subject=Köln",
            "-XMP-photoshop:City=Köln",
            "-XMP-iptcCore:Location=Dom",
            "-XMP-iptcCore:CountryCode=DEU",
            "-XMP-iptcExt:LocationShownCity=Köln",
            "-XMP-plus:LicensorName=Agentur",
            "-XMP-xmpRights:WebStatement=https://example.org/licence",
            "-Artist=Jürgen Groß",
            "-EXIF:Copyright=© Jürgen Groß",
        ],
        quality=90,
        dpi=(240, 240),
    )


def lightroom(folder: Path) -> Path:
    return _tagged(
        folder,
        "lightroom.jpg",
        [
            "-XMP-crs:Exposure2012=+0.35",
            "-XMP-crs:HasSettings=True",
            "-XMP-crs:AlreadyApplied=True",
            "-XMP-xmp:Rating=4",
            "-XMP-xmp:Label=Rot",
            "-XMP-xmp:CreatorTool=Adobe Photoshop Lightroom Classic 13.0",
            "-XMP-lr:HierarchicalSubject=Orte|Köln",
            "-XMP-aux:Lens=EF24-70mm f/2.8L",
            "-XMP-xmpMM:DocumentID=xmp.did:1234",
            "-XMP-xmpMM:HistoryAction=derived",
            "-XMP-tiff:Orientation#=1",
            "-XMP-exif:ExifImageWidth=96",
            "-XResolution=300",
            "-YResolution=300",
            "-ResolutionUnit=inches",
        ],
        quality=90,
    )


def located(folder: Path) -> Path:
    return _tagged(
        folder,
        "located.jpg",
        [
            "-GPSLatitude=-33.85",
            "-GPSLatitudeRef=S",
            "-GPSLongitude=151.2",
            "-GPSLongitudeRef=E",
            "-GPSImgDirection=12.5",
            "-GPSProcessingMethod=GPS",
            "-XMP-exif:GPSLatitude=-33.85",
            "-XMP-exif:GPSLongitude=151.2",
            "-XMP-iptcExt:LocationCreatedCity=Sydney",
            "-XMP-photoshop:Country=Australia",
            "-IPTC:Sub-location=Opera",
            "-IPTC:City=Sydney",
            "-IPTC:Headline=Opera",
            "-Make=DJI",
        ],
        quality=90,
    )


def dates(folder: Path) -> Path:
    return _tagged(
        folder,
        "dates.jpg",
        [
            "-DateTimeOriginal=1999:12:31 23:59:59",
            "-OffsetTimeOriginal=-03:30",
            "-OffsetTimeDigitized=+05:45",
            "-SubSecTime=7",
            "-XMP-xmp:CreateDate=1999:12:31 23:59:59-03:30",
            "-XMP-photoshop:DateCreated=1999:12:31",
            "-IPTC:DateCreated=1999:12:31",
            "-IPTC:TimeCreated=23:59:59-03:30",
        ],
        quality=90,
    )


def japanese(folder: Path) -> Path:
    return _tagged(
        folder,
        "japanese.jpg",
        [
            "-XMP-dc:Title=日本の写真",
            "-XMP-dc:Title-ja-JP=桜",
            "-XMP-dc:Description=é ü ß 漢字 🙂",
            "-IPTC:Caption-Abstract=漢字とかな",
            "-ImageDescription=漢字",
            "-UserComment=コメント",
            "-XPTitle=題名",
            "-Artist=山田",
        ],
        quality=90,
    )


def texts(folder: Path) -> Path:
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "A title")
    info.add_itxt("Description", "Eine Beschreibung, 説明", lang="de")
    info.add_text("Author", "Müller", zip=True)
    info.add_text("Own keyword", "of a program")
    path = folder / "texts.png"
    _photograph().save(path, pnginfo=info, dpi=(150, 150))
    exiftool(
        "-q",
        "-overwrite_original",
        "-EXIF:Make=Scanner",
        "-EXIF:Copyright=© Müller",
        "-XMP-dc:Source=Archiv",
        "-IPTC:Headline=Kopf",
        "-codedcharacterset=utf8",
        path,
    )
    return path


def web(folder: Path) -> Path:
    return _tagged(
        folder,
        "web.webp",
        [
            "-EXIF:Make=Google",
            "-EXIF:Model=Pixel 8",
            "-EXIF:DateTimeOriginal=2024:01:02 03:04:05",
            "-XMP-dc:Creator=Zoë",
            "-EXIF:XResolution=200",
            "-EXIF:YResolution=200",
        ],
        quality=90,
    )


def broken_off_thumbnail(folder: Path) -> Path:
    """Return a picture with a thumbnail, which is that of the original and must not stay."""
    small = io.BytesIO()
    Image.new("RGB", (16, 12), "red").save(small, "JPEG")
    thumbnail = folder / "thumbnail.jpg"
    thumbnail.write_bytes(small.getvalue())
    tags = ["-Make=Nikon", f"-ThumbnailImage<={thumbnail}", "-ImageDescription=mit Vorschau"]
    return _tagged(folder, "thumbnailed.jpg", tags, quality=90)


def scanned(folder: Path) -> Path:
    return _tagged(
        folder,
        "scan.tif",
        [
            "-IFD0:Make=Epson",
            "-IFD0:Model=V850",
            "-IFD0:DocumentName=Seite 3",
            "-IFD0:Artist=Müller",
            "-ExifIFD:DateTimeOriginal=2020:02:02 02:02:02",
            "-XMP-dc:Title=Seite drei",
            "-IPTC:Headline=Kopf",
        ],
        dpi=(600, 600),
    )


SETS: Final[Mapping[str, Callable[[Path], Path]]] = {
    each.__name__: each
    for each in (
        phone,
        camera_with_maker_note,
        stock_agency,
        lightroom,
        located,
        dates,
        japanese,
        texts,
        web,
        broken_off_thumbnail,
        scanned,
    )
}


_OF_FILE: Final = ("SourceFile", "ExifTool:", "System:", "File:", "Composite:", "RIFF:", "IFD1:")
_OF_PIXELS: Final = frozenset(
    {
        "IFD0:Predictor",
        "JFIF:JFIFVersion",
        "JFIF:ResolutionUnit",
        "JFIF:XResolution",
        "JFIF:YResolution",
        "PNG:ImageWidth",
        "PNG:ImageHeight",
        "PNG:BitDepth",
        "PNG:ColorType",
        "PNG:Compression",
        "PNG:Filter",
        "PNG:Interlace",
        "PNG-pHYs:PixelsPerUnitX",
        "PNG-pHYs:PixelsPerUnitY",
        "PNG-pHYs:PixelUnits",
        "IFD0:ImageWidth",
        "IFD0:ImageHeight",
        "IFD0:BitsPerSample",
        "IFD0:Compression",
        "IFD0:PhotometricInterpretation",
        "IFD0:StripOffsets",
        "IFD0:SamplesPerPixel",
        "IFD0:RowsPerStrip",
        "IFD0:StripByteCounts",
        "IFD0:PlanarConfiguration",
        "IFD0:YCbCrPositioning",
        "Photoshop:IPTCDigest",
    }
)
_CHANGED: Final = frozenset(
    {
        "IFD0:Orientation",
        "ExifIFD:ExifImageWidth",
        "ExifIFD:ExifImageHeight",
        "ExifIFD:SubjectArea",
        "XMP-MP:RegionInfoMP",
        "XMP-exif:ExifImageWidth",
        "XMP-mwg-rs:RegionInfo",
        "XMP-tiff:Orientation",
        "XMP-xmpMM:History",
        "XMP-iptcExt:DigitalSourceType",
    }
)
"""What a result says otherwise; those are looked at one by one."""


def kept(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tags that a result has to have as they are."""
    return {
        name: value
        for name, value in tags.items()
        if not name.startswith(_OF_FILE) and name not in _OF_PIXELS | _CHANGED
    }
