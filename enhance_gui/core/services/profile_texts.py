"""What each key of a service profile is and where its value is found: for people and for files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.text.i18n import mark


@dataclass(frozen=True, slots=True)
class KeyTexts:
    """One key in words."""

    label: str
    explanation: str
    """One line: what it is, and where to find it."""


KEY_TEXTS: Final[dict[str, KeyTexts]] = {
    "name": KeyTexts(mark("Name"), mark("What you call this service; free to choose.")),
    "base_url": KeyTexts(
        mark("Address"),
        mark(
            "The API's base address, without the name of a call, from the provider's "
            "documentation of your account."
        ),
    ),
    "method": KeyTexts(
        mark("HTTP method"),
        mark("The API's document names none. POST is assumed; ask the provider if calls fail."),
    ),
    "path": KeyTexts(
        mark("Path of a call"),
        mark(
            "What follows the address; {call} becomes createtask, gettask or deletetask. Assumed, "
            "not documented."
        ),
    ),
    "token_header": KeyTexts(
        mark("Header of the token"),
        mark(
            "Name of the request header that carries the token. “token” is assumed, because "
            "callbacks use it; the document does not say."
        ),
    ),
    "token_prefix": KeyTexts(
        mark("Text before the token"),
        mark("For example “Bearer ”, with the space; usually nothing."),
    ),
    "needs_token": KeyTexts(
        mark("Needs a token"),
        mark("Off only for a service of your own that asks for none."),
    ),
    "allow_private_addresses": KeyTexts(
        mark("Private addresses allowed"),
        mark(
            "Whether pictures and results may lie on this computer or in its network. Leave it "
            "off for a service on the internet."
        ),
    ),
    "requests_per_s": KeyTexts(
        mark("Requests per second"),
        mark("Most questions to the service a second; its operator may name a limit."),
    ),
    "max_in_flight": KeyTexts(
        mark("Pictures at a time"),
        mark("Parallel tasks on the service; 0 adapts automatically to how fast it is."),
    ),
    "upload_path": KeyTexts(
        mark("Path for uploads"),
        mark(
            "Only for a server run with “enhance-gui serve”: /upload. Empty: the service takes "
            "web addresses only, as the document has it."
        ),
    ),
    "private_id_is_idempotent": KeyTexts(
        mark("The same private id is the same task"),
        mark(
            "Whether a task sent twice with one private id is made once. True for “enhance-gui "
            "serve”. The document does not promise it: where it is wrong, a task may be paid "
            "twice."
        ),
    ),
    "limits.max_image_bytes": KeyTexts(
        mark("Largest file, in bytes"),
        mark("The document says 20 MB, which is 20971520 bytes."),
    ),
    "limits.min_side_px": KeyTexts(
        mark("Shortest side, in pixels"), mark("The document says 64, included.")
    ),
    "limits.max_side_px": KeyTexts(
        mark("Longest side, in pixels"), mark("The document says 9216, included.")
    ),
    "limits.formats": KeyTexts(
        mark("File types"),
        mark("With commas between them. Which ones a service takes is not documented: ask it."),
    ),
    "enhance_types": KeyTexts(
        mark("Enhance types"),
        mark(
            "What the service can do: its number for each, and the name you want to pick. "
            "The numbers are in the provider's table “Enhance Type”."
        ),
    ),
    "enhance_types.id": KeyTexts(
        mark("Number"), mark("The number of the type in the provider's table “Enhance Type”.")
    ),
    "enhance_types.name": KeyTexts(mark("Name"), mark("What you pick when you add pictures.")),
    "enhance_types.description": KeyTexts(
        mark("Description"), mark("One sentence for yourself; may stay empty.")
    ),
    "enhance_types.cost": KeyTexts(
        mark("Credits"), mark("What one picture costs; 0 where you do not know it.")
    ),
    "enhance_types.outputs": KeyTexts(
        mark("Further results"),
        mark("What comes beside the main picture: faces, versions to choose from, or nothing."),
    ),
    "status.queued": KeyTexts(
        mark("Waiting"), mark("Numbers of “status” that mean: in the service's queue.")
    ),
    "status.processing": KeyTexts(
        mark("Working"), mark("Numbers that mean: the service is at it.")
    ),
    "status.finished": KeyTexts(
        mark("Finished"), mark("Numbers that mean that the result is ready.")
    ),
    "status.failed": KeyTexts(mark("Failed"), mark("Numbers that mean: there will be no result.")),
    "callback.listen": KeyTexts(
        mark("Listen on"),
        mark("Address and port of this computer, such as 127.0.0.1:8899. Empty: off."),
    ),
    "callback.md5": KeyTexts(
        mark("Recipe of the md5 header"),
        mark(
            "Fields of the record and {token} in the provider's order, such as "
            "{taskid}{status}{token}. Not documented: ask the provider. Empty: not checked."
        ),
    ),
}


def words_of(key: str) -> KeyTexts:
    """Return the words for a key as :class:`ProfileInvalid` names it; rows have the same ones."""
    plain = re.sub(r"\[\d+\]", "", key)
    return KEY_TEXTS.get(plain, KeyTexts(key, ""))
