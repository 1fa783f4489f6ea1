"""The words for people: for every error a title, what it means, and what to do next.

In ``core`` and not in ``ui``, since the command line explains the same errors without Qt. The
error's own ``detail`` says what exactly happened; here stands what that means for the person's
money and pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.details import shown_detail
from enhance_gui.core.text.i18n import mark, tr


@dataclass(frozen=True, slots=True)
class Explanation:
    """One error in words."""

    title: str
    """A few words: the head of a card."""
    meaning: str
    """What it means for money and pictures; one sentence."""
    next_step: str
    """What the person can do; one sentence."""


NOT_STARTED = "not_started"
"""Kind of the word about a draft: it waits for its start."""

CHARGE_POSSIBLE = "charge_possible"
"""The kind that stands for an attempt which may have been charged, where no failure tells of it."""

_NOTHING_SPENT = mark("Nothing was sent and nothing was spent.")
_NOTHING_MORE = mark("Nothing more is sent; what waits is kept.")
_SAVED_LATER = mark(
    "What was to be saved there is not; what the service has finished it keeps, and nothing is "
    "sent or charged again for that."
)
_STORED_IS_KEPT = mark("What could not be stored is not sent; what is stored is kept.")
_NOT_TOUCHED = mark("The token was neither read nor written, and nothing was sent with it.")

EXPLANATIONS: dict[str, Explanation] = {
    "error": Explanation(
        mark("Something went wrong"),
        mark("The program met a fault that it does not know."),
        mark("Try again; if it stays, report it with the log."),
    ),
    "usage": Explanation(
        mark("The command is not right"),
        _NOTHING_SPENT,
        mark("Correct it; --help shows how it is written."),
    ),
    "enhance_type_unknown": Explanation(
        mark("Unknown enhance type"), _NOTHING_SPENT, mark("Pick one of the service's types.")
    ),
    "profile_invalid": Explanation(
        mark("The service profile has a mistake"),
        _NOTHING_SPENT,
        mark("Correct the named key in the file."),
    ),
    "profile_unknown": Explanation(
        mark("No such service"),
        _NOTHING_SPENT,
        mark("Give a name that “enhance-gui services” lists, or the path of a profile file."),
    ),
    "token_missing": Explanation(
        mark("The service's token is missing"),
        _NOTHING_SPENT,
        mark(
            "Set it in the window under Services, or with “enhance-gui token set --service NAME”; "
            "ENHANCE_GUI_TOKEN gives it for one run."
        ),
    ),
    "token_differs": Explanation(
        mark("Another token is in use"),
        _NOTHING_SPENT,
        mark("Wait until the program that is running has ended, or give this one the same token."),
    ),
    "list_unreadable": Explanation(
        mark("The list cannot be read"),
        _NOTHING_SPENT,
        mark("Check the path; the list is plain text with one input a line."),
    ),
    "callbacks_not_received": Explanation(
        mark("Callbacks are not received"),
        mark("The work goes on without them: the service is asked from time to time."),
        mark(
            "Correct “Listen on” in the service's settings (“listen” under [callback] in its file)."
        ),
    ),
    "input": Explanation(
        mark("The picture cannot be used"), _NOTHING_SPENT, mark("Try another picture.")
    ),
    "address_not_usable": Explanation(
        mark("Not an address of a picture"),
        _NOTHING_SPENT,
        mark("Give an address that begins with http:// or https://, or a local file."),
    ),
    "private_address": Explanation(
        mark("The address leads into a private network"),
        mark(
            "A service on the internet could not fetch it; nothing was sent and nothing was spent."
        ),
        mark("Use “This computer” for it, or put the picture where the service can fetch it."),
    ),
    "picture_unreachable": Explanation(
        mark("The picture cannot be fetched"),
        _NOTHING_SPENT,
        mark("Open the address in a browser; if it shows the picture there, try again."),
    ),
    "picture_missing": Explanation(
        mark("The file cannot be read"),
        _NOTHING_SPENT,
        mark("Check the path and that you may read the file."),
    ),
    "picture_too_large": Explanation(
        mark("The picture is too large for the service"),
        _NOTHING_SPENT,
        mark("Make it smaller first, or choose a service with wider limits."),
    ),
    "picture_too_small": Explanation(
        mark("The picture is too small for the service"),
        _NOTHING_SPENT,
        mark("Use a larger original."),
    ),
    "kind_not_supported": Explanation(
        mark("Not a picture that the service takes"),
        _NOTHING_SPENT,
        mark(
            "Use the picture itself, not the page it stands on, or save it first as a file type "
            "that the service takes."
        ),
    ),
    "picture_damaged": Explanation(
        mark("The picture is damaged"), _NOTHING_SPENT, mark("Get a whole copy of the picture.")
    ),
    "ordered_before": Explanation(
        mark("The picture was ordered before"),
        mark("Nothing was sent for this one; the earlier task may have been charged."),
        mark(
            "Name that address instead, which tells how the earlier task stands; sent all the "
            "same, it costs again."
        ),
    ),
    "local_file_not_possible": Explanation(
        mark("This service takes addresses only"),
        _NOTHING_SPENT,
        mark(
            "Use “This computer” for local files, or put the file where the service can fetch it."
        ),
    ),
    "service": Explanation(
        mark("The service did not do it"),
        mark("The task ended without a result."),
        mark("Try again later."),
    ),
    "service_unreachable": Explanation(
        mark("The service cannot be reached"),
        mark("No request left this computer, so nothing was charged for it; the task is kept."),
        mark("Check the network and the service's address, then continue."),
    ),
    "service_silent": Explanation(
        mark("The service does not answer"),
        mark("The task is kept and the service is asked again."),
        mark("Wait, or check the service's state."),
    ),
    "service_busy": Explanation(
        mark("The service is busy"),
        mark("It did not process the request, so nothing was charged for it; the task is kept."),
        mark("Wait: it is sent again when the service is ready."),
    ),
    "token_refused": Explanation(
        mark("The service does not accept the token"),
        mark("The request was not processed, so nothing was charged for it; the tasks are kept."),
        mark("Set the right token for this service, then continue."),
    ),
    "not_the_api": Explanation(
        mark("That is not the service's API"),
        mark("The reply was not the documented envelope."),
        mark("Check the base URL and the path in the service's profile."),
    ),
    "record_unusable": Explanation(
        mark("The service tells nothing usable of the task"),
        mark("It had accepted the task and may have charged for it; it is kept and asked about."),
        mark("If it stays so, ask the provider, naming the task id."),
    ),
    "in_doubt": Explanation(
        mark("It may have been charged"),
        mark(
            "The task was sent and no answer came back that tells whether it was created, so "
            "nobody here knows; it is kept, and a second attempt is made on your word alone."
        ),
        mark("Look at your account: then send it again (may cost twice) or give it up."),
    ),
    "in_doubt_not_repeated": Explanation(
        mark("It may have been charged"),
        mark(
            "The task was sent and no answer is known here. The list of tasks is not the newest or "
            "was damaged, and it may have been settled since; so nothing is repeated by itself."
        ),
        mark("Look at your account: then send it again (may cost twice) or give it up."),
    ),
    "request_refused": Explanation(
        mark("The service refused the request"),
        mark("The service did not create a task."),
        mark("Read its message."),
    ),
    "create_failed": Explanation(
        mark("The service could not create the task"),
        mark("By its own word no task was created."),
        mark("Try again later."),
    ),
    "address_refused": Explanation(
        mark("The service cannot fetch the picture"),
        mark("No task was created."),
        mark("Make sure that the address works from the internet, without a redirect or a login."),
    ),
    "too_large_for_service": Explanation(
        mark("The service finds the picture too large"),
        mark("No task was created."),
        mark("Make the picture smaller, or choose another enhance type."),
    ),
    "kind_refused": Explanation(
        mark("The service does not take this file type"),
        mark("No task was created."),
        mark("Save the picture as another file type, which the service takes, and try again."),
    ),
    "task_unknown": Explanation(
        mark("The service does not know the task now"),
        mark(
            "It had accepted the task and may have charged for it; it may know it again later, and "
            "to ask again is free."
        ),
        mark(
            "Ask again later; if it stays so, see that the token is that of the same account, or "
            "ask the provider, naming the task id."
        ),
    ),
    "all_tasks_unknown": Explanation(
        mark("The service knows none of its tasks"),
        mark(
            "It had accepted them and may have charged for them; they are kept and asked about, "
            "and nothing more is sent."
        ),
        mark("Is this the token of another account? Set the right one, then continue."),
    ),
    CHARGE_POSSIBLE: Explanation(
        mark("It may have been charged"),
        mark("An earlier attempt may have been charged."),
        mark("Look at your account before you pay for another attempt."),
    ),
    "task_deleted": Explanation(
        mark("The task was deleted on the service"),
        mark("It had accepted the task and may have charged for it."),
        mark("Send it again if you still want it; that costs again."),
    ),
    "balance_too_low": Explanation(
        mark("No credit left"),
        mark("The service refused before doing anything; the waiting tasks are kept."),
        mark("Add credit to the account, then continue."),
    ),
    "task_failed": Explanation(
        mark("The service could not enhance the picture"),
        mark("The task ended on the service without a result; it may have been charged."),
        mark("Try another enhance type or another copy of the picture."),
    ),
    "paused": Explanation(
        mark("Sending is paused"),
        mark("Nothing is sent; what the service has accepted is still followed and saved."),
        mark("Continue when you want to."),
    ),
    "service_did_not_start": Explanation(
        mark("The service of this computer did not start"),
        mark("Nothing was lost; the tasks are kept."),
        mark("Run “enhance-gui serve” to see its message."),
    ),
    "result": Explanation(
        mark("The result is not on disk"),
        mark("The task is finished on the service."),
        mark("Try again."),
    ),
    "result_unreachable": Explanation(
        mark("The result cannot be downloaded now"),
        mark("The enhanced picture is paid for and waits on the service."),
        mark("Continue later; nothing is sent or charged again."),
    ),
    "result_gone": Explanation(
        mark("The result is no longer on the service"),
        mark("The task was accepted and may have been charged; its result could not be fetched."),
        mark("Ask the provider, naming the task id; a new attempt costs again."),
    ),
    "result_not_as_promised": Explanation(
        mark("The result is not the picture promised"),
        mark("What came was not saved as a result; the task may have been charged."),
        mark("Ask for it again, which is free; if it stays so, tell the provider."),
    ),
    "storage": Explanation(
        mark("This computer could not store it"),
        _STORED_IS_KEPT,
        mark("Check the disk, then continue."),
    ),
    "disk_full": Explanation(
        mark("The disk is full"),
        _SAVED_LATER,
        mark("Free some room or choose another folder, then continue."),
    ),
    "own_disk_full": Explanation(
        mark("There is no room left for the list of tasks"),
        _STORED_IS_KEPT,
        mark("Free some room, then continue; see that every picture is in the list."),
    ),
    "folder_not_usable": Explanation(
        mark("The save folder cannot be used"),
        _SAVED_LATER,
        mark("Bring the folder back or make it writable, then continue."),
    ),
    "own_folder_not_usable": Explanation(
        mark("The program's own folder cannot be used"),
        _STORED_IS_KEPT,
        mark(
            "Make it writable or make room in it; on Linux, XDG_DATA_HOME names another place for "
            "it."
        ),
    ),
    "database_too_new": Explanation(
        mark("A newer version has been used here"),
        mark("The stored tasks are left untouched."),
        mark("Install the newer version of Enhance GUI again."),
    ),
    "database_damaged": Explanation(
        mark("The list of tasks is damaged"),
        mark("Nothing more is sent; it is set aside, and what can be read of it is kept."),
        mark("Look through the recovered tasks before you start any of them."),
    ),
    "list_replaced": Explanation(
        mark("The list of tasks was replaced or deleted while the program works"),
        mark(
            "Nothing more is sent. What this run has added or changed is not in the list that the "
            "next start finds, and what it has sent may have been charged."
        ),
        mark("End the program, put the right list back if you have it, and start again."),
    ),
    NOT_STARTED: Explanation(
        mark("It has not been started"),
        mark("It was added in the window and waits there. It is not sent without your word."),
        mark("Start it in the window, or take it back."),
    ),
    "recovered": Explanation(
        mark("It may have been sent already"),
        mark(
            "It waited in a list of tasks that was damaged, or is older than the last run, so it "
            "may have been sent and charged since. It is not sent without your word."
        ),
        mark("Look at your account: then start it, which may cost again, or take it back."),
    ),
    "database_busy": Explanation(
        mark("The list of tasks is in use"),
        _STORED_IS_KEPT,
        mark("Close the other program that holds it and try again."),
    ),
    "keyring": Explanation(
        mark("The password manager did not do it"),
        _NOT_TOUCHED,
        mark(
            "See what it says itself, then try again; until then ENHANCE_GUI_TOKEN serves for one "
            "run."
        ),
    ),
    "keyring_missing": Explanation(
        mark("There is no password manager to keep the token safe"),
        mark("The token is never written to a file instead; it can be used for one run."),
        mark(
            "Start or install one (on Linux: GNOME Keyring, KWallet or KeePassXC), or give the "
            "token by ENHANCE_GUI_TOKEN for one run."
        ),
    ),
    "keyring_locked": Explanation(
        mark("The password manager is locked"),
        _NOT_TOUCHED,
        mark(
            "Unlock it, or create its keyring if it has none yet, then try again; or give the "
            "token by ENHANCE_GUI_TOKEN for one run."
        ),
    ),
    "keyring_silent": Explanation(
        mark("The password manager does not answer"),
        _NOT_TOUCHED,
        mark(
            "Look for its window, which may wait for your password, or start it anew; or give the "
            "token by ENHANCE_GUI_TOKEN for one run."
        ),
    ),
    "keyring_changed": Explanation(
        mark("Another password manager answers than before"),
        mark("The token lies in the other one, and nothing is sent without it."),
        mark(
            "Start that one again, or set the token anew: in the window under Services, or with "
            "“enhance-gui token set”."
        ),
    ),
    "update_not_known": Explanation(
        mark("No word of a newer version"),
        mark("Nothing has changed, and the program works as before."),
        mark("Try again later, or look where you got the program from."),
    ),
    "spending_limit": Explanation(
        mark("Your spending limit is reached"),
        mark("Nothing more was sent; the waiting tasks are kept."),
        mark("Raise the limit, or say that more may be spent, then continue."),
    ),
    "cost_unknown": Explanation(
        mark("What it costs is not known, and there is a limit"),
        mark("It was not sent; the waiting task is kept."),
        mark(
            "Name what the enhance type costs in the service's profile, take the limit away, or "
            "say that it may be sent all the same."
        ),
    ),
    "transition_refused": Explanation(
        mark("It has gone on meanwhile"),
        mark("What was wanted is no longer possible where it stands now, so nothing was done."),
        mark("Look at where it stands."),
    ),
    "list_taken_over": Explanation(
        mark("Another start of the program works on the list of tasks"),
        mark("Nothing more is sent from here, so nothing is paid twice."),
        mark("Close this one and go on in the other."),
    ),
    "fault": Explanation(
        mark("A fault in the program"),
        mark("All other work goes on, and what the service has accepted is kept there."),
        mark("Try it once more; if it stays so, report it with the log."),
    ),
}


def explain(problem: EnhanceError | Failure) -> Explanation:
    """Return the words for an error, or for a stored failure, in the user's language."""
    english = explain_in_english(problem)
    return Explanation(tr(english.title), tr(english.meaning), tr(english.next_step))


def explain_pause(failure: Failure) -> Explanation:
    """Return the words for why a service gets nothing more, in the user's language.

    Much may have been sent to it before, so that what is said of a command or a picture which was
    refused at once would be false here.
    """
    words = explain(failure)
    if explain_in_english(failure).meaning != _NOTHING_SPENT:
        return words
    return Explanation(words.title, tr(_NOTHING_MORE), words.next_step)


def explain_in_english(problem: EnhanceError | Failure) -> Explanation:
    """Return the words for what leaves the window: reports, files, other programs."""
    return EXPLANATIONS.get(problem.kind, EXPLANATIONS["error"])


def sentence(problem: EnhanceError | Failure) -> str:
    """Return title and detail as one line: what happened."""
    return _joined(explain(problem).title, shown_detail(problem.detail))


def sentence_in_english(problem: EnhanceError | Failure) -> str:
    """Return the same for what leaves the window."""
    return _joined(explain_in_english(problem).title, problem.detail)


def _joined(title: str, detail: str) -> str:
    if detail[: len(title)].casefold() == title.casefold():
        return title + detail[len(title) :]  # it says no more than that, but for its end
    return f"{title}: {detail}" if detail else title
