"""The one tree of errors.

Every foreign error (httpx, sqlite3, Pillow, the service's codes) becomes one of these at one
door of its layer. An error carries facts, never a token and never markup; the words for people
are in :mod:`enhance_gui.core.text.explanations`, keyed by :attr:`EnhanceError.kind`.

::

    EnhanceError
    ├── UsageError                     the command or a file of the user is wrong; nothing was sent
    │   ├── EnhanceTypeUnknown
    │   ├── ProfileInvalid
    │   ├── ProfileUnknown
    │   ├── TokenMissing
    │   ├── TokenDiffers               the program that is running has another one
    │   ├── ListUnreadable
    │   └── CallbacksNotReceived       the work goes on without them
    ├── InputError                     the picture cannot be used; nothing was spent
    │   ├── AddressNotUsable
    │   ├── PrivateAddress
    │   ├── PictureUnreachable
    │   ├── PictureMissing
    │   ├── PictureTooLarge
    │   ├── PictureTooSmall
    │   ├── KindNotSupported
    │   ├── PictureDamaged
    │   ├── OrderedBefore              it is where another task's picture is
    │   └── LocalFileNotPossible
    ├── ServiceError                   the service, or the way to it
    │   ├── ServiceUnreachable         no byte of the request was sent
    │   ├── ServiceSilent              sent, but no answer to believe came back
    │   ├── ServiceBusy
    │   ├── TokenRefused
    │   ├── NotTheApi
    │   │   └── RecordUnusable         the envelope, but nothing about the task in it
    │   ├── CreateInDoubt              the task may have been created, and charged
    │   │   └── DoubtNotRepeated       told by a list of tasks that is not the newest
    │   ├── RequestRefused             an error code of the API
    │   │   ├── CreateFailed           1001001
    │   │   ├── AddressRefused         1001002
    │   │   ├── TooLargeForService     1001003
    │   │   ├── KindRefused            1001004
    │   │   ├── TaskUnknown            1002001
    │   │   ├── TaskDeleted            1002002
    │   │   └── BalanceTooLow          1003002
    │   ├── TaskFailed                 the service's own verdict on the picture
    │   ├── AllTasksUnknown            1002001 of every task that is followed
    │   └── ServiceDidNotStart
    ├── ResultError                    the enhanced picture is not (yet) on disk
    │   ├── ResultUnreachable
    │   ├── ResultGone
    │   └── ResultNotAsPromised
    ├── StorageError                   this computer's disk or database
    │   ├── DiskFull
    │   │   └── OwnDiskFull            where the list of tasks lies
    │   ├── FolderNotUsable
    │   ├── OwnFolderNotUsable         where the list of tasks lies
    │   ├── DatabaseTooNew
    │   ├── DatabaseDamaged
    │   ├── ListReplaced
    │   ├── TaskRecovered              it waited in a list that cannot be relied on
    │   └── DatabaseBusy
    ├── KeyringProblem                 the password manager that keeps the tokens
    │   ├── KeyringMissing             none that keeps them safe
    │   ├── KeyringLocked
    │   ├── KeyringSilent              asked, and no answer in time
    │   └── KeyringChanged             the token lies in another one than the one that answers
    ├── UpdateNotKnown                 whether there is a newer version could not be found out
    ├── SpendingLimitReached           the user's own limit: nothing more is sent before a yes
    │   └── CostUnknown                    what it leaves cannot be told without the task's cost
    ├── TransitionRefused              a task was asked to go where it no longer can
    │   └── ListTakenOver              another start of the program has the list of tasks
    └── Fault                          an error of the program that nobody foresaw
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar, Final

from enhance_gui.core.redaction import without_tokens


class Transience(Enum):
    """What of a trouble may soon be over by itself, so that it is worth another try."""

    PERMANENT = "nothing"
    HOST = "host"
    """A server that stumbles, or is overrun, for a moment: whatever is wanted of it can wait."""
    CONNECTION = "way"
    """The way to a server: no connection came about, so nobody could have been asked for more."""
    RESOURCE = "this"
    """The one thing that was asked for, of a server that is there."""


class EnhanceError(Exception):
    """Root of the tree."""

    kind: ClassVar[str] = "error"
    """The stable word of the command line's JSON."""

    def __init__(self, detail: str = "", *, code: int | None = None) -> None:
        # A service may quote in its message what it was sent; this detail is shown and stored.
        detail = without_tokens(detail)
        super().__init__(detail)
        self.detail = detail
        """What exactly happened: one clause for people, without a full stop at its end."""
        self.code = code
        """The service's own number, where it sent one."""
        self.transience = Transience.PERMANENT
        """What of it may soon be over by itself."""


class UsageError(EnhanceError):
    """The command, or a file it names, is wrong. Nothing was sent."""

    kind = "usage"


class EnhanceTypeUnknown(UsageError):
    """No single enhance type answers to what was asked for."""

    kind = "enhance_type_unknown"

    def __init__(self, wanted: str, known: list[str]) -> None:
        there = ", ".join(known) or "none: its profile lists no types yet"
        asked = wanted if len(wanted) <= 60 else f"{wanted[:57]}…"
        super().__init__(f"“{asked}” is not an enhance type of this service (there are: {there})")


class ProfileInvalid(UsageError):
    """A service profile has a mistake."""

    kind = "profile_invalid"

    def __init__(self, source: str, key: str, reason: str) -> None:
        super().__init__(f"{source}: {key}: {reason}" if key else f"{source}: {reason}")
        self.key = key
        """The key at fault, dotted; empty where the file as a whole is."""
        self.reason = reason


class ProfileUnknown(UsageError):
    """No profile has this name, and no file this path."""

    kind = "profile_unknown"


class TokenMissing(UsageError):
    """The service needs a token and there is none."""

    kind = "token_missing"


class TokenDiffers(UsageError):
    """The program that has the list of tasks sends another token than the one that is wanted."""

    kind = "token_differs"


class ListUnreadable(UsageError):
    """The file of ``--list`` cannot be read."""

    kind = "list_unreadable"


class CallbacksNotReceived(UsageError):
    """The profile wants callbacks received, and they cannot be. The work goes on without them."""

    kind = "callbacks_not_received"


class InputError(EnhanceError):
    """The picture cannot be used. Nothing was spent."""

    kind = "input"


class AddressNotUsable(InputError):
    """Not an http(s) address that a service could fetch."""

    kind = "address_not_usable"


class PrivateAddress(InputError):
    """The address leads into a private network or to this computer."""

    kind = "private_address"


class PictureUnreachable(InputError):
    """The picture's server did not hand it out."""

    kind = "picture_unreachable"


class PictureMissing(InputError):
    """No such local file, or it cannot be read."""

    kind = "picture_missing"


class PictureTooLarge(InputError):
    """More bytes or pixels than the service takes."""

    kind = "picture_too_large"


class PictureTooSmall(InputError):
    """Fewer pixels than the service takes."""

    kind = "picture_too_small"


class KindNotSupported(InputError):
    """Not a picture, or not of a kind the service takes."""

    kind = "kind_not_supported"


class PictureDamaged(InputError):
    """A picture by its first bytes, but cut or broken."""

    kind = "picture_damaged"


class OrderedBefore(InputError):
    """It lies at the address of a picture that another task may have been charged for, or will."""

    kind = "ordered_before"


class LocalFileNotPossible(InputError):
    """The service takes addresses only."""

    kind = "local_file_not_possible"


class ServiceError(EnhanceError):
    """The service, or the way to it."""

    kind = "service"


class ServiceUnreachable(ServiceError):
    """No connection: no byte of the request was sent."""

    kind = "service_unreachable"


class ServiceSilent(ServiceError):
    """The request was sent, and no answer to believe came back."""

    kind = "service_silent"


class ServiceBusy(ServiceError):
    """The service asks to be asked later (429, 503)."""

    kind = "service_busy"

    def __init__(self, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
        """Seconds the service asked for; ``None`` where it named none."""


class TokenRefused(ServiceError):
    """The service does not accept the token (401, 403)."""

    kind = "token_refused"


class NotTheApi(ServiceError):
    """The reply is not the documented envelope."""

    kind = "not_the_api"


class RecordUnusable(NotTheApi):
    """The service answered, and what it tells is not about the task that was asked for."""

    kind = "record_unusable"


class CreateInDoubt(ServiceError):
    """``createtask`` was sent and its answer is not known: it may have been charged."""

    kind = "in_doubt"


class DoubtNotRepeated(CreateInDoubt):
    """The same, told by a list that is not the newest, or not whole: much may have come since."""

    kind = "in_doubt_not_repeated"


class RequestRefused(ServiceError):
    """The service answered with an error code."""

    kind = "request_refused"

    def __init__(self, detail: str, *, code: int) -> None:
        super().__init__(detail, code=code)


class CreateFailed(RequestRefused):
    """1001001: the service could not create the task."""

    kind = "create_failed"


class AddressRefused(RequestRefused):
    """1001002: the service cannot use the picture's address."""

    kind = "address_refused"


class TooLargeForService(RequestRefused):
    """1001003: the service finds the picture too large."""

    kind = "too_large_for_service"


class KindRefused(RequestRefused):
    """1001004: the service does not take this file type."""

    kind = "kind_refused"


class TaskUnknown(RequestRefused):
    """1002001: the service knows no such task."""

    kind = "task_unknown"


class AllTasksUnknown(ServiceError):
    """The service knows none of the tasks that it had accepted: it may be another account's."""

    kind = "all_tasks_unknown"


class TaskDeleted(RequestRefused):
    """1002002: the task was deleted on the service."""

    kind = "task_deleted"


class BalanceTooLow(RequestRefused):
    """1003002: the account has no credit left."""

    kind = "balance_too_low"


class TaskFailed(ServiceError):
    """The service accepted the task and could not enhance the picture."""

    kind = "task_failed"


class ServiceDidNotStart(ServiceError):
    """The service of this computer could not be started."""

    kind = "service_did_not_start"


class ResultError(EnhanceError):
    """The task is finished, the enhanced picture is not on disk."""

    kind = "result"


class ResultUnreachable(ResultError):
    """The result's server did not hand it out; it may later."""

    kind = "result_unreachable"

    def __init__(
        self, detail: str = "", *, retry_after_s: float | None = None, may_pass: bool = True
    ) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
        """Seconds the server asked for; ``None`` where it named none."""
        self.may_pass = may_pass
        """Whether it is worth another try soon: not where the server has said what lasts."""


class ResultGone(ResultError):
    """The result's address no longer works, asked anew included."""

    kind = "result_gone"


class ResultNotAsPromised(ResultError):
    """What came is not the picture the service promised."""

    kind = "result_not_as_promised"


class StorageError(EnhanceError):
    """This computer's disk or database."""

    kind = "storage"


class DiskFull(StorageError):
    """No room left."""

    kind = "disk_full"


class OwnDiskFull(DiskFull):
    """No room left where the program keeps its list of tasks."""

    kind = "own_disk_full"


class FolderNotUsable(StorageError):
    """The save folder is gone, or cannot be written to."""

    kind = "folder_not_usable"


class OwnFolderNotUsable(StorageError):
    """The program's own folder cannot be made or written to."""

    kind = "own_folder_not_usable"


class DatabaseTooNew(StorageError):
    """The database was written by a newer version of the program."""

    kind = "database_too_new"


class DatabaseDamaged(StorageError):
    """The database cannot be read."""

    kind = "database_damaged"


class ListReplaced(StorageError):
    """The list of tasks was deleted or replaced while the program works in it."""

    kind = "list_replaced"


class TaskRecovered(StorageError):
    """A task waited in a list that was damaged, or is older than the last run."""

    kind = "recovered"


class DatabaseBusy(StorageError):
    """Another program holds the database."""

    kind = "database_busy"


class KeyringProblem(EnhanceError):
    """The password manager that keeps the tokens did not do it."""

    kind = "keyring"


class KeyringMissing(KeyringProblem):
    """There is no password manager that keeps a token safe."""

    kind = "keyring_missing"


class KeyringLocked(KeyringProblem):
    """The password manager is locked and was not unlocked."""

    kind = "keyring_locked"


class KeyringSilent(KeyringProblem):
    """The password manager did not answer in time."""

    kind = "keyring_silent"


class KeyringChanged(KeyringProblem):
    """The token was kept by another password manager than the one that answers now."""

    kind = "keyring_changed"


class UpdateNotKnown(EnhanceError):
    """Whether there is a newer version could not be found out."""

    kind = "update_not_known"


class SpendingLimitReached(EnhanceError):
    """The next task might cost more than the user's limit leaves. It was not sent."""

    kind = "spending_limit"

    def __init__(self, detail: str = "", *, of_batch: bool = False) -> None:
        super().__init__(detail)
        self.of_batch = of_batch
        """Whether it is the limit of one batch, and says nothing of the service's other tasks."""


class CostUnknown(SpendingLimitReached):
    """There is a limit, and nobody knows what the next task costs. It was not sent."""

    kind = "cost_unknown"


class TransitionRefused(EnhanceError):
    """A task was asked to make a step that its state does not allow."""

    kind = "transition_refused"


class ListTakenOver(TransitionRefused):
    """Another start of the program has taken the list of tasks over: this one may not send."""

    kind = "list_taken_over"


class Fault(EnhanceError):
    """An error that nobody foresaw. What it means is for whoever meets it to say."""

    kind = "fault"


LIST_UNSAFE: Final = (DatabaseDamaged, ListTakenOver)
"""After these no work on the list can be trusted: they end the program, and no other error does."""
