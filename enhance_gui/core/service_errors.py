"""The errors of a service, and of the connection to it."""

from __future__ import annotations

from typing import ClassVar, Final

from enhance_gui.core.errors import EnhanceError, Explanation
from enhance_gui.core.text.i18n import N_

ALL_TASKS_UNKNOWN: Final = "all_tasks_unknown"
TASK_FAILED: Final = "task_failed"
SERVICE_DID_NOT_START: Final = "service_did_not_start"
CREATE_FAILED: Final = "create_failed"
ADDRESS_REFUSED: Final = "address_refused"
TOO_LARGE_FOR_SERVICE: Final = "too_large_for_service"
KIND_REFUSED: Final = "kind_refused"
STAND_BY_READY: Final = "stand_by_ready"
SERVICE_DISK_FULL: Final = "service_disk_full"
DAY_LIMIT: Final = "day_limit"
WAY_REFUSED: Final = "way_refused"


class ServiceError(EnhanceError):
    """A service, or the connection to it, failed."""

    kind = "service"
    title = N_("The service failed")
    meaning = N_("The task ended without a result.")
    next_step = N_("Try again later.")
    cases: ClassVar = {
        # It may be that of another account.
        ALL_TASKS_UNKNOWN: Explanation(
            N_("The service knows none of its tasks"),
            N_(
                "It had accepted them and may have charged for them; they are kept and asked "
                "about, and nothing more is sent."
            ),
            N_("Is this the token of another account? Set the right one, then continue."),
        ),
        TASK_FAILED: Explanation(
            N_("The service could not enhance the picture"),
            N_("The task ended on the service without a result; it may have been charged."),
            N_("Try another enhance type or another copy of the picture."),
        ),
        SERVICE_DID_NOT_START: Explanation(
            N_("The service of this computer did not start"),
            N_("Nothing was lost; the tasks are kept."),
            N_("Run “enhance-gui serve” to see its message."),
        ),
    }


class ServiceUnreachable(ServiceError):
    """No connection: no byte of the request was sent."""

    kind = "service_unreachable"
    title = N_("The service cannot be reached")
    meaning = N_("No request left this computer, so nothing was charged for it; the task is kept.")
    next_step = N_("Check the network and the service's address, then continue.")


class SearchFailed(EnhanceError):
    """The local network cannot be searched for servers."""

    kind = "search_failed"
    title = N_("The network cannot be searched for servers")
    meaning = N_("Servers in it are not listed; a service works without that.")
    next_step = N_("Type the address that the server prints when it starts.")


class ServiceSilent(ServiceError):
    """The request was sent, and no trustworthy answer came back."""

    kind = "service_silent"
    title = N_("The service does not answer")
    meaning = N_("The task is kept and the service is asked again.")
    next_step = N_("Wait, or check the service's state.")


class ServiceBusy(ServiceError):
    """The service asks to be asked later (429, 503)."""

    kind = "service_busy"
    title = N_("The service is busy")
    meaning = N_("It did not process the request, so nothing was charged for it; the task is kept.")
    next_step = N_("Wait: it is sent again when the service is ready.")
    cases: ClassVar = {
        SERVICE_DISK_FULL: Explanation(
            N_("The service has no room left on its disk"),
            N_("It took nothing, so nothing was charged; the task is kept."),
            N_(
                "Tell whoever runs the service, or make room on that disk if it is yours; it is "
                "sent again by itself from time to time."
            ),
        ),
    }


class TokenRefused(ServiceError):
    """The service does not accept the token (401, 403)."""

    kind = "token_refused"
    title = N_("The service does not accept the token")
    meaning = N_(
        "The request was not processed, so nothing was charged for it; the tasks are kept."
    )
    next_step = N_("Set the right token for this service, then continue.")
    cases: ClassVar = {
        # The token may well be right.
        WAY_REFUSED: Explanation(
            N_("The service refuses what comes to it this way"),
            N_("The request was not processed, so nothing was charged for it; the tasks are kept."),
            N_(
                "Check the service's address, or ask whoever runs it under which address, and "
                "through which proxy, it may be asked; then continue."
            ),
        ),
    }


class NotTheApi(ServiceError):
    """The reply is not the documented envelope."""

    kind = "not_the_api"
    title = N_("That is not the service's API")
    meaning = N_("The reply was not the documented envelope.")
    next_step = N_("Check the base URL and the path in the service's profile.")


class RecordUnusable(NotTheApi):
    """The service answered, but its record is not about the task that was asked for."""

    kind = "record_unusable"
    title = N_("The service sends nothing usable about the task")
    meaning = N_(
        "It had accepted the task and may have charged for it; it is kept and asked about."
    )
    next_step = N_("If it stays so, ask the provider, naming the task id.")


class CreateInDoubt(ServiceError):
    """``createtask`` was sent and its answer is not known: it may have been charged."""

    kind = "in_doubt"
    title = N_("It may have been charged")
    meaning = N_(
        "The task was sent and no answer came back that tells whether it was created, so "
        "nobody here knows; it is kept, and a second attempt is made on your word alone."
    )
    next_step = N_("Check your account, then send it again (may cost twice) or give it up.")


class DoubtNotRepeated(CreateInDoubt):
    """In doubt, in a list that is outdated or incomplete: nothing is repeated by itself."""

    kind = "in_doubt_not_repeated"
    meaning = N_(
        "The task was sent and no answer is known here. The list of tasks is not the newest or "
        "was damaged, and it may have been settled since; so nothing is repeated by itself."
    )


class RequestRefused(ServiceError):
    """The service answered with an error code."""

    kind = "request_refused"
    title = N_("The service refused the request")
    meaning = N_("The service did not create a task.")
    next_step = N_("Read its message.")
    cases: ClassVar = {
        CREATE_FAILED: Explanation(
            N_("The service could not create the task"),
            N_("By its own word no task was created."),
            N_("Change what it names; if it names nothing, try again later."),
        ),
        ADDRESS_REFUSED: Explanation(
            N_("The service cannot fetch the picture"),
            N_("No task was created."),
            N_(
                "Make sure that the address works from the internet, without a redirect or a "
                "login; or save the picture in your browser, and add that file."
            ),
        ),
        STAND_BY_READY: Explanation(
            N_("The service cannot fetch the picture"),
            N_("No task was created."),
            N_("Send it again: the picture that came with your drag is sent then."),
        ),
        TOO_LARGE_FOR_SERVICE: Explanation(
            N_("Too large for this service"),
            N_("No task was created."),
            N_("Make the picture smaller, or choose another enhance type."),
        ),
        KIND_REFUSED: Explanation(
            N_("The service does not take this file"),
            N_("No task was created."),
            N_(
                "Get a whole copy of the picture, or save it as a file type that the service "
                "takes, and try again."
            ),
        ),
    }


class TaskUnknown(RequestRefused):
    """1002001: the service knows no such task."""

    kind = "task_unknown"
    title = N_("The service does not know the task now")
    meaning = N_(
        "It had accepted the task and may have charged for it; it may know it again later, and "
        "to ask again is free."
    )
    next_step = N_(
        "Ask again later; if it stays so, see that the token is that of the same account, or "
        "ask the provider, naming the task id."
    )


class TaskDeleted(RequestRefused):
    """1002002: the task was deleted on the service."""

    kind = "task_deleted"
    title = N_("The task was deleted on the service")
    meaning = N_("It had accepted the task and may have charged for it.")
    next_step = N_("Send it again if you still want it; that costs again.")


class BalanceTooLow(RequestRefused):
    """1003002: the account has no credit left, or what a studio allows its user is used up."""

    kind = "balance_too_low"
    title = N_("No credit left")
    meaning = N_("The service refused before doing anything; the waiting tasks are kept.")
    next_step = N_("Add credit to the account, then continue.")
    cases: ClassVar = {
        DAY_LIMIT: Explanation(
            N_("Your pictures of today are used up"),
            N_(
                "It is no question of credit: whoever runs the service allows you so many a day. "
                "It refused before doing anything; the waiting tasks are kept."
            ),
            N_(
                "Continue tomorrow, or ask whoever runs the service for a higher limit, then "
                "continue."
            ),
        ),
    }
