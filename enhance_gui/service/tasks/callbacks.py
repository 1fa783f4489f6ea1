"""Sends callbacks about ended tasks to the operator's address, as the document describes it.

A try counts only if the answer is HTTP 200 with ``data.success`` true. How many tries are left is
stored before each, so a restart neither forgets a callback nor repeats it for ever.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.addresses import safe_for_log
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import NotTheApi, ServiceUnreachable
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.task_store import StoredTask, TaskThread
from enhance_gui.service.tasks.calls import Calls
from enhance_gui.wire.callback import LOCAL_RECIPE, MD5_HEADER, TOKEN_HEADER, callback_md5
from enhance_gui.wire.envelope import read_envelope, write_envelope

_LOG = logging.getLogger(__name__)
_AT_ONCE: Final = 4
_MAX_ANSWER_BYTES: Final = 64 * 1024


@dataclass(slots=True)
class CallbackSender:
    """Delivers callbacks without ever holding up the queue of tasks."""

    tasks: TaskThread
    calls: Calls
    settings: ServiceSettings
    token: Secret
    clock: Clock
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def deliver(self, task_id: str) -> None:
        """Announce one ended task, with the further tries it has left."""
        started_s = self.clock.now_s()
        while True:
            task = await self.tasks.do(self.tasks.store.find, task_id)
            if task is None or task.callback_tries_left == 0:
                return
            further = task.callback_tries_left - 1
            await self.tasks.do(self.tasks.store.set_callback_tries, task_id, further)
            async with self._turns:
                is_accepted = await self._try(task)
            if is_accepted:
                await self.tasks.do(self.tasks.store.set_callback_tries, task_id, 0)
                return
            if further == 0:
                _LOG.warning("a callback was given up: the caller has to ask for the task")
                return
            due_s = started_s + self.settings.callback_offsets_s[-further]
            await self.clock.sleep(max(0.0, due_s - self.clock.now_s()))

    async def _try(self, task: StoredTask) -> bool:
        data = await self.calls.record_data(task, task.host)
        headers = {
            "content-type": "application/json",
            TOKEN_HEADER: self.token.reveal(),
            MD5_HEADER: callback_md5(LOCAL_RECIPE, data, self.token),
        }
        try:
            async with asyncio.timeout(self.settings.callback_timeout_s):
                return await self._post(headers, write_envelope(data))
        except (EnhanceError, TimeoutError) as error:
            detail = error.detail if isinstance(error, EnhanceError) else "no answer in time"
            shown = safe_for_log(self.settings.callback_url)
            _LOG.warning("a callback to %s failed: %s", shown, detail)
            return False

    async def _post(self, headers: dict[str, str], body: bytes) -> bool:
        """Send one callback; return whether it was accepted.

        :raises EnhanceError: it did not arrive, or what answered is not the documented envelope.
        """
        # httpx takes a good while to load, so it is not loaded before the service listens.
        from enhance_gui.transport.body import body_chunks
        from enhance_gui.transport.clients import api_client
        from enhance_gui.transport.error_mapping import map_http_errors
        from enhance_gui.transport.send_tracker import SendTracker
        from enhance_gui.transport.timeouts import Timeouts

        with map_http_errors(ServiceUnreachable, ServiceUnreachable, SendTracker()):
            async with (
                api_client(keep_alive=False) as client,
                client.stream(
                    "POST", self.settings.callback_url, headers=headers, content=body
                ) as response,
            ):
                if response.status_code != 200:
                    raise NotTheApi(f"it answered with HTTP status {response.status_code}")
                chunks = body_chunks(
                    response,
                    max_bytes=_MAX_ANSWER_BYTES,
                    too_long=NotTheApi("its answer is too long"),
                    timeouts=Timeouts(overall_s=self.settings.callback_timeout_s),
                )
                answer = b"".join([chunk async for chunk in chunks])
        return read_envelope(answer).data.get("success") is True
