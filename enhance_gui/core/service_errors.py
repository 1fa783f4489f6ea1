"""The errors of a service, and of the connection to it."""

from __future__ import annotations

from typing import ClassVar, Final

from enhance_gui.core.errors import EnhanceError, Explanation
from enhance_gui.core.text.i18n import mark

ALL_TASKS_UNKNOWN: Final = "all_tasks_unknown"
TASK_FAILED: Final = "task_failed"
SERVICE_DID_NOT_START: Final = "service_did_not_start"
CREATE_FAILED: Final = "create_failed"
ADDRESS_REFUSED: Final = "address_refused"
TOO_LARGE_FOR_SERVICE: Final = "too_large_for_service"
KIND_REFUSED: Final = "kind_refused"


class ServiceError(EnhanceError):
    """A service, or the connection to it, failed."""

    kind = "service"
    title = mark("The service failed")
    meaning = mark("The task ended without a result.")
    next_step = mark("Try again later.")
    cases: ClassVar = {
        # It may be that of another account.
        ALL_TASKS_UNKNOWN: Explanation(
            mark("The service knows none of its tasks"),
            mark(
                "It had accepted them and may have charged for them; they are kept and asked "
                "about, and nothing more is sent."
            ),
            mark("Is this the token of another account? Set the right one, then continue."),
        ),
        TASK_FAILED: Explanation(
            mark("The service could not enhance the picture"),
            mark("The task ended on the service without a result; it may have been charged."),
            mark("Try another enhance type or another copy of the picture."),
        ),
        SERVICE_DID_NOT_START: Explanation(
            mark("The service of this computer did not start"),
            mark("Nothing was lost; the tasks are kept."),
            mark("Run “enhance-gui serve” to see its message."),
        ),
    }


class ServiceUnreachable(ServiceError):
    """No connection: no byte of the request was sent."""

    kind = "service_unreachable"
    title = mark("The service cannot be reached")
    meaning = mark(
        "No request left this computer, so nothing was charged for it; the task is kept."
    )
    next_step = mark("Check the network and the service's address, then continue.")


class ServiceSilent(ServiceError):
    """The request was sent, and no trustworthy answer came back."""

    kind = "service_silent"
    title = mark("The service does not answer")
    meaning = mark("The task is kept and the service is asked again.")
    next_step = mark("Wait, or check the service's state.")


class ServiceBusy(ServiceError):
    """The service asks to be asked later (429, 503)."""

    kind = "service_busy"
    title = mark("The service is busy")
    meaning = mark(
        "It did not process the request, so nothing was charged for it; the task is kept."
    )
    next_step = mark("Wait: it is sent again when the service is ready.")


class TokenRefused(ServiceError):
    """The service does not accept the token (401, 403)."""

    kind = "token_refused"
    title = mark("The service does not accept the token")
    meaning = mark(
        "The request was not processed, so nothing was charged for it; the tasks are kept."
    )
    next_step = mark("Set the right token for this service, then continue.")


class NotTheApi(ServiceError):
    """The reply is not the documented envelope."""

    kind = "not_the_api"
    title = mark("That is not the service's API")
    meaning = mark("The reply was not the documented envelope.")
    next_step = mark("Check the base URL and the path in the service's profile.")


class RecordUnusable(NotTheApi):
    """The service answered, but its record is not about the task that was asked for."""

    kind = "record_unusable"
    title = mark("The service sends nothing usable about the task")
    meaning = mark(
        "It had accepted the task and may have charged for it; it is kept and asked about."
    )
    next_step = mark("If it stays so, ask the provider, naming the task id.")


class CreateInDoubt(ServiceError):
    """``createtask`` was sent and its answer is not known: it may have been charged."""

    kind = "in_doubt"
    title = mark("It may have been charged")
    meaning = mark(
        "The task was sent and no answer came back that tells whether it was created, so "
        "nobody here knows; it is kept, and a second attempt is made on your word alone."
    )
    next_step = mark("Check your account, then send it again (may cost twice) or give it up.")


class DoubtNotRepeated(CreateInDoubt):
    """In doubt, in a list that is outdated or incomplete: nothing is repeated by itself."""

    kind = "in_doubt_not_repeated"
    meaning = mark(
        "The task was sent and no answer is known here. The list of tasks is not the newest or "
        "was damaged, and it may have been settled since; so nothing is repeated by itself."
    )


class RequestRefused(ServiceError):
    """The service answered with an error code."""

    kind = "request_refused"
    title = mark("The service refused the request")
    meaning = mark("The service did not create a task.")
    next_step = mark("Read its message.")
    cases: ClassVar = {
        CREATE_FAILED: Explanation(
            mark("The service could not create the task"),
            mark("By its own word no task was created."),
            mark("Try again later."),
        ),
        ADDRESS_REFUSED: Explanation(
            mark("The service cannot fetch the picture"),
            mark("No task was created."),
            mark(
                "Make sure that the address works from the internet, without a redirect or a login."
            ),
        ),
        TOO_LARGE_FOR_SERVICE: Explanation(
            mark("Too large for this service"),
            mark("No task was created."),
            mark("Make the picture smaller, or choose another enhance type."),
        ),
        KIND_REFUSED: Explanation(
            mark("The service does not take this file type"),
            mark("No task was created."),
            mark("Save the picture as another file type, which the service takes, and try again."),
        ),
    }


class TaskUnknown(RequestRefused):
    """1002001: the service knows no such task."""

    kind = "task_unknown"
    title = mark("The service does not know the task now")
    meaning = mark(
        "It had accepted the task and may have charged for it; it may know it again later, and "
        "to ask again is free."
    )
    next_step = mark(
        "Ask again later; if it stays so, see that the token is that of the same account, or "
        "ask the provider, naming the task id."
    )


class TaskDeleted(RequestRefused):
    """1002002: the task was deleted on the service."""

    kind = "task_deleted"
    title = mark("The task was deleted on the service")
    meaning = mark("It had accepted the task and may have charged for it.")
    next_step = mark("Send it again if you still want it; that costs again.")


class BalanceTooLow(RequestRefused):
    """1003002: the account has no credit left."""

    kind = "balance_too_low"
    title = mark("No credit left")
    meaning = mark("The service refused before doing anything; the waiting tasks are kept.")
    next_step = mark("Add credit to the account, then continue.")
