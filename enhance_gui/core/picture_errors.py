"""The errors of pictures: before they are sent, and of their results."""

from __future__ import annotations

from typing import ClassVar, Final

from enhance_gui.core.errors import NOTHING_SPENT, EnhanceError, Explanation
from enhance_gui.core.text.i18n import N_

PICTURE_TOO_SMALL: Final = "picture_too_small"
PICTURE_MISSING: Final = "picture_missing"
PICTURE_CHANGED: Final = "picture_changed"
ORDERED_BEFORE: Final = "ordered_before"
LOCAL_FILE_NOT_POSSIBLE: Final = "local_file_not_possible"
KIND_AT_ADDRESS: Final = "kind_at_address"


class InputError(EnhanceError):
    """The picture cannot be used. Nothing was spent."""

    kind = "input"
    title = N_("The picture cannot be used")
    meaning = NOTHING_SPENT
    next_step = N_("Try another picture.")
    cases: ClassVar = {
        PICTURE_TOO_SMALL: Explanation(
            N_("The picture is too small for the service"),
            NOTHING_SPENT,
            N_("Use a larger original."),
        ),
        PICTURE_MISSING: Explanation(
            N_("The file cannot be read"),
            NOTHING_SPENT,
            N_("Check the path and that you may read the file."),
        ),
        PICTURE_CHANGED: Explanation(
            N_("The file has changed since it was checked"),
            NOTHING_SPENT,
            N_("Start it again: it is checked anew before it is sent."),
        ),
        # A duplicate by its final address.
        ORDERED_BEFORE: Explanation(
            N_("The picture was ordered before"),
            N_("Nothing was sent for this one; the earlier task may have been charged."),
            N_(
                "Give that address instead to see the state of the earlier task; sending it "
                "anyway costs again."
            ),
        ),
        LOCAL_FILE_NOT_POSSIBLE: Explanation(
            N_("This service takes addresses only"),
            NOTHING_SPENT,
            N_(
                "Use “This computer” for local files, or put the file where the service can "
                "fetch it."
            ),
        ),
    }


class AddressNotUsable(InputError):
    """Not an http(s) address that a service could fetch."""

    kind = "address_not_usable"
    title = N_("Not an address of a picture")
    next_step = N_("Give an address that begins with http:// or https://, or a local file.")


class PrivateAddress(InputError):
    """The address leads into a private network or to this computer."""

    kind = "private_address"
    title = N_("The address leads into a private network")
    meaning = N_(
        "A service on the internet could not fetch it; nothing was sent and nothing was spent."
    )
    next_step = N_("Use “This computer” for it, or put the picture where the service can fetch it.")


class PictureUnreachable(InputError):
    """The picture's server did not deliver it."""

    kind = "picture_unreachable"
    title = N_("The picture cannot be fetched")
    next_step = N_(
        "Open the address in a browser. If it shows the picture there, try again, or save the "
        "picture and add that file."
    )


class PictureTooLarge(InputError):
    """More bytes or pixels than the service takes."""

    kind = "picture_too_large"
    title = N_("The picture is too large for the service")
    next_step = N_("Make it smaller first, or choose a service with wider limits.")


class KindNotSupported(InputError):
    """Not a picture, or not of a kind the service takes."""

    kind = "kind_not_supported"
    title = N_("Unsupported file type")
    next_step = N_(
        "Use the picture itself, not the page it is on, or first save it as a file type "
        "that the service accepts."
    )
    cases: ClassVar = {
        # Files are converted before they are uploaded; an address is fetched by the service itself.
        KIND_AT_ADDRESS: Explanation(
            N_("Unsupported file type"),
            NOTHING_SPENT,
            N_("Save it to your computer and drop the file: it is then converted for the service."),
        ),
    }


class PictureDamaged(InputError):
    """A picture by its first bytes, but cut or broken."""

    kind = "picture_damaged"
    title = N_("The picture is damaged")
    next_step = N_("Get a whole copy of the picture.")


class NotConvertible(EnhanceError):
    """A result cannot be saved as the kind of file that its new name stands for."""

    kind = "not_convertible"
    title = N_("It cannot be saved as this kind of file")
    meaning = N_("Nothing was written; the result itself is as it was.")
    next_step = N_("Give it a name that ends in .jpg, .png, .webp or .tif.")


class ResultError(EnhanceError):
    """The task is finished, the enhanced picture is not on disk."""

    kind = "result"
    title = N_("The result is not on disk")
    meaning = N_("The task is finished on the service.")
    next_step = N_("Try again.")


class ResultUnreachable(ResultError):
    """The result's server did not deliver it; it may later."""

    kind = "result_unreachable"
    title = N_("The result cannot be downloaded now")
    meaning = N_("The enhanced picture is paid for and waits on the service.")
    next_step = N_("Continue later; nothing is sent or charged again.")

    def __init__(
        self, detail: str = "", *, retry_after_s: float | None = None, may_pass: bool = True
    ) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.may_pass = may_pass
        """Whether it is worth another try soon: not where the server has said what lasts."""


class ResultGone(ResultError):
    """The result's address no longer works, asked anew included."""

    kind = "result_gone"
    title = N_("The result is no longer on the service")
    meaning = N_(
        "The task was accepted and may have been charged; its result could not be fetched."
    )
    next_step = N_("Ask the provider, naming the task id; a new attempt costs again.")


class ResultNotAsPromised(ResultError):
    """The downloaded file is not the picture that the service promised."""

    kind = "result_not_as_promised"
    title = N_("The result is not the picture promised")
    meaning = N_("What came was not saved as a result; the task may have been charged.")
    next_step = N_("Ask for it again, which is free; if it stays so, tell the provider.")
