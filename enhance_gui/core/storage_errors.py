"""The errors of this computer's disk, the list of tasks and the password manager."""

from __future__ import annotations

from typing import ClassVar, Final

from enhance_gui.core.errors import EnhanceError, Explanation
from enhance_gui.core.text.i18n import N_

OWN_FOLDER_NOT_USABLE: Final = "own_folder_not_usable"
OWN_DISK_FULL: Final = "own_disk_full"
DATABASE_TOO_NEW: Final = "database_too_new"
LIST_REPLACED: Final = "list_replaced"
TASK_RECOVERED: Final = "recovered"
KEYRING_LOCKED: Final = "keyring_locked"
KEYRING_SILENT: Final = "keyring_silent"
KEYRING_CHANGED: Final = "keyring_changed"

_SAVED_LATER: Final = N_(
    "What was to be saved there is not; what the service has finished it keeps, and nothing is "
    "sent or charged again for that."
)
_STORED_IS_KEPT: Final = N_("What could not be stored is not sent; what is stored is kept.")
_NOT_TOUCHED: Final = N_("The token was neither read nor written, and nothing was sent with it.")


class StorageError(EnhanceError):
    """This computer's disk or database failed."""

    kind = "storage"
    title = N_("This computer could not store it")
    meaning = _STORED_IS_KEPT
    next_step = N_("Check the disk, then continue.")
    cases: ClassVar = {
        OWN_FOLDER_NOT_USABLE: Explanation(
            N_("The program's own folder cannot be used"),
            _STORED_IS_KEPT,
            N_(
                "Make it writable or make room in it; on Linux, XDG_DATA_HOME names another place "
                "for it."
            ),
        ),
        DATABASE_TOO_NEW: Explanation(
            N_("A newer version has been used here"),
            N_("The stored tasks are left untouched."),
            N_("Install the newer version of Enhance GUI again."),
        ),
        LIST_REPLACED: Explanation(
            N_("The list of tasks was replaced or deleted while the program works"),
            N_(
                "Nothing more is sent. What this run has added or changed is not in the list that "
                "the next start finds, and what it has sent may have been charged."
            ),
            N_("End the program, put the right list back if you have it, and start again."),
        ),
        TASK_RECOVERED: Explanation(
            N_("It may have been sent already"),
            N_(
                "It waited in a list of tasks that was damaged, or is older than the last run, "
                "so it may have been sent and charged since. It is not sent until you say so."
            ),
            N_("Check your account, then start it, which may cost again, or take it back."),
        ),
    }


class DiskFull(StorageError):
    """No room left."""

    kind = "disk_full"
    title = N_("The disk is full")
    meaning = _SAVED_LATER
    next_step = N_("Free some room or choose another folder, then continue.")
    cases: ClassVar = {
        OWN_DISK_FULL: Explanation(
            N_("There is no room left for the list of tasks"),
            _STORED_IS_KEPT,
            N_("Free some room, then continue; see that every picture is in the list."),
        )
    }


class FolderNotUsable(StorageError):
    """The save folder is gone, or cannot be written to."""

    kind = "folder_not_usable"
    title = N_("The save folder cannot be used")
    meaning = _SAVED_LATER
    next_step = N_("Bring the folder back or make it writable, then continue.")


class DatabaseDamaged(StorageError):
    """The database cannot be read."""

    kind = "database_damaged"
    title = N_("The list of tasks is damaged")
    meaning = N_("Nothing more is sent; it is set aside, and what can be read of it is kept.")
    next_step = N_("Look through the recovered tasks before you start any of them.")


class DatabaseBusy(StorageError):
    """Another program holds the database."""

    kind = "database_busy"
    title = N_("The list of tasks is in use")
    next_step = N_("Close the other program that holds it and try again.")


class TransitionRefused(EnhanceError):
    """A task was asked to make a step that its state does not allow."""

    kind = "transition_refused"
    title = N_("It has gone on meanwhile")
    meaning = N_("That is no longer possible in its current state, so nothing was done.")
    next_step = N_("Check its current state.")


class ListTakenOver(TransitionRefused):
    """Another start of the program has taken the list of tasks over: this one may not send."""

    kind = "list_taken_over"
    title = N_("Another start of the program works on the list of tasks")
    meaning = N_("Nothing more is sent from here, so nothing is paid twice.")
    next_step = N_("Close this one and go on in the other.")


class SendingPaused(TransitionRefused):
    """Sending was paused, or the task taken back, while it was about to be sent."""

    kind = "sending_paused"


class TypeChanged(TransitionRefused):
    """The user has chosen another enhance type while a task was about to be sent."""

    kind = "type_changed"


class KeyringProblem(EnhanceError):
    """The password manager that keeps the tokens failed."""

    kind = "keyring"
    title = N_("The password manager failed")
    meaning = _NOT_TOUCHED
    next_step = N_(
        "Read its own message, then try again; until then, set ENHANCE_GUI_TOKEN before starting."
    )
    cases: ClassVar = {
        KEYRING_LOCKED: Explanation(
            N_("The password manager is locked"),
            _NOT_TOUCHED,
            N_(
                "Unlock it, or create its keyring if it has none yet, then try again; or set "
                "ENHANCE_GUI_TOKEN before starting."
            ),
        ),
        KEYRING_SILENT: Explanation(
            N_("The password manager does not answer"),
            _NOT_TOUCHED,
            N_(
                "Look for its window, which may be waiting for your password, or restart it; or "
                "set ENHANCE_GUI_TOKEN before starting."
            ),
        ),
        # The token was kept by the other one.
        KEYRING_CHANGED: Explanation(
            N_("Another password manager answers than before"),
            N_("The token lies in the other one, and nothing is sent without it."),
            N_(
                "Start that one again, or enter the token again: in the window under Services, "
                "or with “enhance-gui token set”."
            ),
        ),
    }


class KeyringMissing(KeyringProblem):
    """There is no password manager that keeps a token safe."""

    kind = "keyring_missing"
    title = N_("No password manager is running")
    meaning = N_("The token is never written to a file instead; it can be used for one run.")
    next_step = N_(
        "Start or install one (on Linux: GNOME Keyring, KWallet or KeePassXC), or set "
        "ENHANCE_GUI_TOKEN before starting."
    )


KEYRING_KINDS: Final = frozenset({KeyringProblem.kind, KeyringMissing.kind, *KeyringProblem.cases})
"""Failures of the password manager: the token may be given without it."""

LIST_UNSAFE: Final = (DatabaseDamaged, ListTakenOver)
"""After these no work on the list can be trusted: they alone end the program."""
