"""What macOS reads about the program in its bundle."""

from __future__ import annotations

from typing import Any, Final

from building import identity

OLDEST_MACOS: Final = "14.0"
"""What the pins are resolved for: see ``packaging/pin.py``."""

_PICTURES: Final = "Pictures that you add are read there, and results are saved where you choose."
_NETWORK: Final = "Services that you have set up may be in your own network."

REASONS: Final = {
    "NSDesktopFolderUsageDescription": _PICTURES,
    "NSDocumentsFolderUsageDescription": _PICTURES,
    "NSDownloadsFolderUsageDescription": _PICTURES,
    "NSLocalNetworkUsageDescription": _NETWORK,
    "NSNetworkVolumesUsageDescription": _PICTURES,
    "NSRemovableVolumesUsageDescription": _PICTURES,
}
"""What the system shows where it asks the user whether the program may look there."""


def info_plist(version: str) -> dict[str, Any]:
    """Return what stands in ``Info.plist`` beside what PyInstaller writes by itself."""
    return {
        "CFBundleName": identity.NAME,
        "CFBundleDisplayName": identity.NAME,
        "CFBundleIdentifier": identity.APPLICATION_ID,
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "de", "es", "ja", "zh_CN"],
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Picture",
                "CFBundleTypeRole": "Viewer",
                # Offered under "Open With", never taken over from the system's own viewer.
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": [kind.apple for kind in identity.PICTURE_KINDS],
            },
            {
                "CFBundleTypeName": "Folder",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["public.folder"],
            },
        ],
        "LSApplicationCategoryType": "public.app-category.photography",
        "LSMinimumSystemVersion": OLDEST_MACOS,
        "NSHighResolutionCapable": True,
        # Without it the system draws the window coarsely, and enlarges it.
        "NSPrincipalClass": "NSApplication",
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSHumanReadableCopyright": f"© {identity.PUBLISHER}. MIT licence.",
        **REASONS,
    }
