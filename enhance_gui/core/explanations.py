"""The words for people: for every error a title, what it means, and what to do next.

In ``core`` and not in ``ui``, since the command line explains the same errors without Qt. The
error's own ``detail`` says what exactly happened; here stands what that means for the person's
money and pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.tasks import Failure


@dataclass(frozen=True, slots=True)
class Explanation:
    """One error in words."""

    title: str
    """A few words: the head of a card."""
    meaning: str
    """What it means for money and pictures; one sentence."""
    next_step: str
    """What the person can do; one sentence."""


_NOTHING_SPENT = "Nothing was sent and nothing was spent."
_NOT_TOUCHED = "The token was neither read nor written, and nothing was sent with it."

EXPLANATIONS: dict[str, Explanation] = {
    "error": Explanation(
        "Something went wrong",
        "The program met a fault that it does not know.",
        "Try again; if it stays, report it with the log.",
    ),
    "usage": Explanation(
        "The command is not right", _NOTHING_SPENT, "Correct it; --help shows how it is written."
    ),
    "enhance_type_unknown": Explanation(
        "Unknown enhance type", _NOTHING_SPENT, "Pick one of the service's types."
    ),
    "profile_invalid": Explanation(
        "The service profile has a mistake", _NOTHING_SPENT, "Correct the named key in the file."
    ),
    "profile_unknown": Explanation(
        "No such service",
        _NOTHING_SPENT,
        "Give a name that “enhance-gui services” lists, or the path of a profile file.",
    ),
    "token_missing": Explanation(
        "The service's token is missing",
        _NOTHING_SPENT,
        "Store it with “enhance-gui token set --service NAME”, or give it by ENHANCE_GUI_TOKEN for "
        "one run.",
    ),
    "list_unreadable": Explanation(
        "The list cannot be read",
        _NOTHING_SPENT,
        "Check the path; the list is plain text with one input a line.",
    ),
    "callbacks_not_received": Explanation(
        "Callbacks are not received",
        "The work goes on without them: the service is asked from time to time.",
        "Correct “listen” under [callback] in the service's profile.",
    ),
    "input": Explanation("The picture cannot be used", _NOTHING_SPENT, "Try another picture."),
    "address_not_usable": Explanation(
        "Not an address of a picture",
        _NOTHING_SPENT,
        "Give an address that begins with http:// or https://, or a local file.",
    ),
    "private_address": Explanation(
        "The address leads into a private network",
        "A service on the internet could not fetch it; nothing was sent and nothing was spent.",
        "Use “This computer” for it, or put the picture where the service can fetch it.",
    ),
    "picture_unreachable": Explanation(
        "The picture cannot be fetched",
        _NOTHING_SPENT,
        "Open the address in a browser; if it shows the picture there, try again.",
    ),
    "picture_missing": Explanation(
        "The file cannot be read", _NOTHING_SPENT, "Check the path and that you may read the file."
    ),
    "picture_too_large": Explanation(
        "The picture is too large for the service",
        _NOTHING_SPENT,
        "Make it smaller first, or choose a service with wider limits.",
    ),
    "picture_too_small": Explanation(
        "The picture is too small for the service", _NOTHING_SPENT, "Use a larger original."
    ),
    "kind_not_supported": Explanation(
        "Not a picture that the service takes",
        _NOTHING_SPENT,
        "Use the picture itself, not the page it stands on, or save it as JPEG or PNG first.",
    ),
    "picture_damaged": Explanation(
        "The picture is damaged", _NOTHING_SPENT, "Get a whole copy of the picture."
    ),
    "local_file_not_possible": Explanation(
        "This service takes addresses only",
        _NOTHING_SPENT,
        "Use “This computer” for local files, or put the file where the service can fetch it.",
    ),
    "service": Explanation(
        "The service did not do it", "The task ended without a result.", "Try again later."
    ),
    "service_unreachable": Explanation(
        "The service cannot be reached",
        "No request left this computer, so nothing was charged; the task is kept.",
        "Check the network and the service's address, then continue.",
    ),
    "service_silent": Explanation(
        "The service does not answer",
        "The task is kept and the service is asked again.",
        "Wait, or check the service's state.",
    ),
    "service_busy": Explanation(
        "The service is busy",
        "It did not process the request, so nothing was charged; the task is kept.",
        "Wait: it is sent again when the service is ready.",
    ),
    "token_refused": Explanation(
        "The service does not accept the token",
        "The request was not processed, so nothing was charged; the tasks are kept.",
        "Set the right token for this service, then continue.",
    ),
    "not_the_api": Explanation(
        "That is not the service's API",
        "The reply was not the documented envelope.",
        "Check the base URL and the path in the service's profile.",
    ),
    "in_doubt": Explanation(
        "It may have been charged",
        "The task was sent and no answer came back, so nobody here knows whether it exists; "
        "it is kept and never sent again by itself.",
        "Look at your account: then send it again (may cost twice) or give it up.",
    ),
    "request_refused": Explanation(
        "The service refused the request", "The service did not create a task.", "Read its message."
    ),
    "create_failed": Explanation(
        "The service could not create the task",
        "By its own word no task was created.",
        "Try again later.",
    ),
    "address_refused": Explanation(
        "The service cannot fetch the picture",
        "No task was created.",
        "Make sure that the address works from the internet, without a redirect or a login.",
    ),
    "too_large_for_service": Explanation(
        "The service finds the picture too large",
        "No task was created.",
        "Make the picture smaller, or choose another enhance type.",
    ),
    "kind_refused": Explanation(
        "The service does not take this file type",
        "No task was created.",
        "Save the picture as JPEG or PNG and try again.",
    ),
    "task_unknown": Explanation(
        "The service no longer knows the task",
        "It had accepted the task and may have charged for it.",
        "Ask the provider, naming the task id; a new attempt costs again.",
    ),
    "task_deleted": Explanation(
        "The task was deleted on the service",
        "It had accepted the task and may have charged for it.",
        "Send it again if you still want it; that costs again.",
    ),
    "balance_too_low": Explanation(
        "No credit left",
        "The service refused before doing anything; the waiting tasks are kept.",
        "Add credit to the account, then continue.",
    ),
    "task_failed": Explanation(
        "The service could not enhance the picture",
        "The task ended on the service without a result; it may have been charged.",
        "Try another enhance type or another copy of the picture.",
    ),
    "paused": Explanation(
        "Sending is paused",
        "Nothing is sent; what the service has accepted is still followed and saved.",
        "Continue when you want to.",
    ),
    "service_did_not_start": Explanation(
        "The service of this computer did not start",
        "Nothing was lost; the tasks are kept.",
        "Run “enhance-gui serve” to see its message.",
    ),
    "result": Explanation(
        "The result is not on disk", "The task is finished on the service.", "Try again."
    ),
    "result_unreachable": Explanation(
        "The result cannot be downloaded now",
        "The enhanced picture is paid for and waits on the service.",
        "Continue later; nothing is sent or charged again.",
    ),
    "result_gone": Explanation(
        "The result is no longer on the service",
        "The task was accepted and may have been charged; its result could not be fetched.",
        "Ask the provider, naming the task id; a new attempt costs again.",
    ),
    "result_not_as_promised": Explanation(
        "The result is not the picture promised",
        "What came was not saved as a result; the task may have been charged.",
        "Ask for it again, which is free; if it stays so, tell the provider.",
    ),
    "storage": Explanation(
        "This computer could not store it", "Nothing is lost.", "Check the disk, then continue."
    ),
    "disk_full": Explanation(
        "The disk is full",
        "The result is kept on the service and nothing is lost.",
        "Free some room or choose another folder, then continue.",
    ),
    "folder_not_usable": Explanation(
        "The save folder cannot be used",
        "The result is kept on the service and nothing is lost.",
        "Bring the folder back or make it writable, then continue.",
    ),
    "database_too_new": Explanation(
        "A newer version has been used here",
        "The stored tasks are left untouched.",
        "Install the newer version of Enhance GUI again.",
    ),
    "database_damaged": Explanation(
        "The list of tasks is damaged",
        "It was set aside and nothing was sent.",
        "Look through the recovered tasks before you start any of them.",
    ),
    "database_busy": Explanation(
        "The list of tasks is in use",
        _NOTHING_SPENT,
        "Close the other program that holds it and try again.",
    ),
    "keyring": Explanation(
        "The password manager did not do it",
        _NOT_TOUCHED,
        "See what it says itself, then try again; until then ENHANCE_GUI_TOKEN serves for one run.",
    ),
    "keyring_missing": Explanation(
        "There is no password manager to keep the token safe",
        "The token is never written to a file instead; it can be used for one run.",
        "Start or install one (on Linux: GNOME Keyring, KWallet or KeePassXC), or give the token "
        "by ENHANCE_GUI_TOKEN for one run.",
    ),
    "keyring_locked": Explanation(
        "The password manager is locked",
        _NOT_TOUCHED,
        "Unlock it, or create its keyring if it has none yet, then try again; or give the token by "
        "ENHANCE_GUI_TOKEN for one run.",
    ),
    "keyring_silent": Explanation(
        "The password manager does not answer",
        _NOT_TOUCHED,
        "Look for its window, which may wait for your password, or start it anew; or give the "
        "token by ENHANCE_GUI_TOKEN for one run.",
    ),
    "keyring_changed": Explanation(
        "Another password manager answers than before",
        "The token lies in the other one; nothing was sent.",
        "Start that one again, or store the token anew with “enhance-gui token set”.",
    ),
    "spending_limit": Explanation(
        "Your spending limit is reached",
        "Nothing more was sent; the waiting tasks are kept.",
        "Raise the limit, or say that more may be spent, then continue.",
    ),
    "transition_refused": Explanation(
        "A fault in the program",
        "A step that makes no sense was refused, so nothing was sent twice.",
        "Report it with the log.",
    ),
}


def explain(problem: EnhanceError | Failure) -> Explanation:
    """Return the words for an error, or for a stored failure."""
    return EXPLANATIONS.get(problem.kind, EXPLANATIONS["error"])


def sentence(problem: EnhanceError | Failure) -> str:
    """Return title and detail as one line: what happened."""
    title = explain(problem).title
    return f"{title}: {problem.detail}" if problem.detail else title
