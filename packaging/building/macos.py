"""Packages for macOS: the bundle of the program in a disk image."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Final

from messages import say

from building import checksums, frozen, icon_files, identity, notices, sbom
from building.order import Order
from building.signing import AD_HOC, Signing, run

ENTITLEMENTS: Final = Path("packaging") / "macos" / "entitlements.plist"


def build(order: Order) -> list[Path]:
    """Build the packages; return them and what accompanies them.

    :raises SetUpFailed: a tool is missing or fails.
    """
    signing = Signing.of_environment()
    icon_files.write_icns(order.root, order.root / "build" / "icons" / "enhance-gui.icns")
    bundle = frozen.freeze(order)
    notices.write(order, bundle, frozen.insides(bundle) / "resources")
    frozen.write_facts(order, bundle, "bundle")
    # Only now: whatever is written into a bundle afterwards breaks its signature.
    sign(order, bundle, signing)
    stem = f"enhance-gui-{order.version}-macos-{platform.machine()}"
    image = order.output / f"{stem}.dmg"
    _pack(order, bundle, image)
    if signing.macos_profile:
        notarize(image, signing)
    bill = sbom.write(order, bundle, order.output / f"{stem}.cdx.json")
    sums = checksums.write([image, bill], order.output / f"{stem}.SHA256SUMS")
    return [image, bill, sums]


def sign(order: Order, bundle: Path, signing: Signing) -> None:
    """Sign a bundle with all that is in it, and check the signature."""
    run(sign_command(order, bundle, signing), "The bundle was not signed")
    run(["codesign", "--verify", "--deep", "--strict", str(bundle)], "The signature does not hold")


def sign_command(order: Order, bundle: Path, signing: Signing) -> list[str]:
    """Return the command that signs a bundle."""
    command = ["codesign", "--force", "--deep", "--sign", signing.macos_identity]
    if signing.macos_identity != AD_HOC:
        # What Apple wants of a program that it is to notarize.
        command += ["--timestamp", "--options", "runtime"]
        command += ["--entitlements", str(order.root / ENTITLEMENTS)]
    return [*command, str(bundle)]


def image_command(folder: Path, image: Path) -> list[str]:
    """Return the command that makes a disk image of a folder."""
    command = ["hdiutil", "create", "-volname", identity.NAME, "-srcfolder", str(folder)]
    return [*command, "-fs", "HFS+", "-format", "UDZO", "-ov", str(image)]


def notarize(image: Path, signing: Signing) -> None:
    """Have Apple look through an image, and put its word for it into the image."""
    say("Apple looks through the image: this takes some minutes.")
    told = ["--keychain-profile", signing.macos_profile, "--wait"]
    run(["xcrun", "notarytool", "submit", str(image), *told], "The image was not notarized")
    run(["xcrun", "stapler", "staple", str(image)], "Apple's word was not put into the image")


def _pack(order: Order, bundle: Path, image: Path) -> None:
    """Put the bundle, beside a link to where it belongs, into an image to be dragged from."""
    folder = order.work / "image"
    folder.mkdir()
    # A copy by Apple's own tool keeps links and signatures as they are.
    run(["ditto", str(bundle), str(folder / bundle.name)], "The bundle was not copied")
    (folder / "Applications").symlink_to("/Applications")
    run(image_command(folder, image), "No disk image was made")
