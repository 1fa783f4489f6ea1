"""The program's exception classes, in one tree.

Every foreign error (httpx, sqlite3, Pillow, the service's codes) becomes one of these in one
place of its layer. An error carries facts, never a token and never markup; what it means to people
stands on its class. Those of pictures, services and storage have modules of their own.

::

    EnhanceError
      UsageError              ProfileInvalid TokenMissing TokenDiffers CallbacksNotReceived
      InputError              AddressNotUsable PrivateAddress PictureUnreachable PictureTooLarge
                              KindNotSupported PictureDamaged
      ServiceError            ServiceUnreachable ServiceSilent ServiceBusy TokenRefused
        NotTheApi             RecordUnusable
        CreateInDoubt         DoubtNotRepeated
        RequestRefused        TaskUnknown TaskDeleted BalanceTooLow
      ResultError             ResultUnreachable ResultGone ResultNotAsPromised
      NotConvertible
      StorageError            DiskFull FolderNotUsable DatabaseDamaged DatabaseBusy
      KeyringProblem          KeyringMissing
      SpendingLimitReached    CostUnknown
      TransitionRefused       ListTakenOver SendingPaused TypeChanged
      UpdateNotKnown
      SearchFailed
      Fault
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import ClassVar, Final, NamedTuple

from enhance_gui.core.redaction import without_tokens
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

NOTHING_SPENT: Final = N_("Nothing was sent and nothing was spent.")

LIST_UNREADABLE: Final = "list_unreadable"
ENHANCE_TYPE_UNKNOWN: Final = "enhance_type_unknown"
PROFILE_UNKNOWN: Final = "profile_unknown"


# Not a dataclass: to make one takes milliseconds, and the window is to be seen first.
class Explanation(NamedTuple):
    """An error explained to people: title, meaning and next step."""

    title: str
    """A few words: the head of a card."""
    meaning: str
    """What it means for money and pictures; one sentence."""
    next_step: str
    """What the person can do; one sentence."""


class Transience(Enum):
    """Which failures are transient, and how far the cause reaches."""

    PERMANENT = "nothing"
    HOST = "host"
    """A server that fails, or is overloaded, for a moment: every request to it can wait."""
    CONNECTION = "way"
    """The connection to a server: it could not be established, so no request was sent."""
    RESOURCE = "this"
    """The one resource that was asked for, of a server that answers."""


class EnhanceError(Exception):
    """Root of the tree."""

    kind: str = "error"
    """The stable identifier in the command line's JSON, and in what is stored."""
    title: ClassVar[str] = N_("Something went wrong")
    meaning: ClassVar[str] = N_("The program met a fault that it does not know.")
    next_step: ClassVar[str] = N_("Try again; if it stays, report it with the log.")
    """With the two above what an :class:`Explanation` holds."""
    cases: ClassVar[Mapping[str, Explanation]] = {}
    """Further kinds of this class, which differ in nothing but their texts."""

    def __init__(
        self,
        detail: str = "",
        *,
        kind: str = "",
        code: int | None = None,
        retry_after_s: float | None = None,
        **fields: object,
    ) -> None:
        """
        :param detail: a :class:`Detail`, or its template where ``fields`` are given for it.
        :param kind: one of :attr:`cases`; empty: that of the class.
        """
        if kind:
            self.kind = kind
        whole = Detail(detail, **fields) if fields else detail
        # A service may quote in its message what it was sent; this detail is shown and stored.
        hidden = without_tokens(whole)
        super().__init__(hidden)
        self.detail = whole if hidden == whole else hidden
        """What exactly happened: one clause for people, without a full stop at its end."""
        self.code = code
        """The service's own number, where it sent one."""
        self.retry_after_s = retry_after_s
        """Seconds that the server asked for; ``None`` where it named none."""
        self.transience = Transience.PERMANENT
        """What of it may soon be over by itself."""


class UsageError(EnhanceError):
    """The command, or a file it names, is wrong. Nothing was sent."""

    kind = "usage"
    title = N_("The command is not right")
    meaning = NOTHING_SPENT
    next_step = N_("Correct it; --help shows how it is written.")
    cases: ClassVar = {
        LIST_UNREADABLE: Explanation(
            N_("The list cannot be read"),
            NOTHING_SPENT,
            N_("Check the path; the list is plain text with one input a line."),
        ),
        ENHANCE_TYPE_UNKNOWN: Explanation(
            N_("Unknown enhance type"), NOTHING_SPENT, N_("Pick one of the service's types.")
        ),
        PROFILE_UNKNOWN: Explanation(
            N_("No such service"),
            NOTHING_SPENT,
            N_("Give a name that “enhance-gui services” lists, or the path of a profile file."),
        ),
    }


class ProfileInvalid(UsageError):
    """A service profile has a mistake."""

    kind = "profile_invalid"
    title = N_("The service profile has a mistake")
    next_step = N_("Correct the named key in the file.")

    def __init__(self, source: str, key: str, reason: str) -> None:
        form = "{source}: {key}: {reason}" if key else "{source}: {reason}"
        super().__init__(form, source=source, key=key, reason=reason)
        self.source = source
        """The name of the file, or of the service."""
        self.key = key
        """The key at fault, dotted; empty where the file as a whole is."""
        self.reason = reason


class TokenMissing(UsageError):
    """The service needs a token and there is none."""

    kind = "token_missing"
    title = N_("The service's token is missing")
    next_step = N_(
        "Set it in the window under Services, or with “enhance-gui token set --service NAME”; "
        "ENHANCE_GUI_TOKEN gives it for one run."
    )


class TokenDiffers(UsageError):
    """The program that has the list of tasks sends another token than the one that is wanted."""

    kind = "token_differs"
    title = N_("Another token is in use")
    next_step = N_(
        "Wait until the program that is running has ended, or give this one the same token."
    )


class CallbacksNotReceived(UsageError):
    """The profile asks for callbacks, which cannot be received. The work goes on without them."""

    kind = "callbacks_not_received"
    title = N_("Callbacks are not received")
    meaning = N_("The work goes on without them: the service is asked from time to time.")
    next_step = N_(
        "Correct “Listen on” in the service's settings (“listen” under [callback] in its file)."
    )


class UpdateNotKnown(EnhanceError):
    """Whether there is a newer version could not be found out."""

    kind = "update_not_known"
    title = N_("Could not check for updates")
    meaning = N_("Nothing has changed, and the program works as before.")
    next_step = N_("Try again later, or check the place where you got the program.")


class SpendingLimitReached(EnhanceError):
    """The next task might cost more than the user's limit leaves. It was not sent."""

    kind = "spending_limit"
    title = N_("Your spending limit is reached")
    meaning = N_("Nothing more was sent; the waiting tasks are kept.")
    next_step = N_("Raise the limit, or say that more may be spent, then continue.")

    def __init__(self, detail: str = "", *, of_batch: bool = False) -> None:
        super().__init__(detail)
        self.of_batch = of_batch
        """Whether it is the limit of one batch, and says nothing of the service's other tasks."""


class CostUnknown(SpendingLimitReached):
    """There is a limit, and nobody knows what the next task costs. It was not sent."""

    kind = "cost_unknown"
    title = N_("What it costs is not known, and there is a limit")
    meaning = N_("It was not sent; the waiting task is kept.")
    next_step = N_(
        "Enter what the enhance type costs in the service's profile, remove the limit, "
        "or allow it to be sent anyway."
    )


class Fault(EnhanceError):
    """An unexpected error of the program. What it means depends on where it is caught."""

    kind = "fault"
    title = N_("A fault in the program")
    meaning = N_("All other work goes on, and what the service has accepted is kept there.")
    next_step = N_("Try it once more; if it stays so, report it with the log.")
