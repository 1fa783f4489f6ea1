"""Hosts that no name server can know, wherever an address comes from: one task fails, no more."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.images.addresses import usable_web_address
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import TaskChanged
from tests.scenarios.running import Running, at_work, profile_of, with_provider
from tests.support.pictures import shows
from tests.support.provider import INPUT, RESULT, Provider
from tests.support.scriptable_service import envelope, redirect

NO_HOSTS = [
    "xn--a",
    "xn--",
    "a.xn--",
    "xn--99999999999.test",
    "a" * 64 + ".test",
    "a..test",
    "\u05d0\u05d1a.test",
    "xn--a-zhc.test",
    "1\u05d0\u05d1.test",
    "010.1.2.3",
]
"""Of each kind that the libraries below stumble over in another place."""

UNKNOWN_HOSTS = ["xn--ls8h.invalid", "xn--strae-oqa.invalid", "xn--4dbc.invalid"]
"""Names of letters that are good ones by one standard at least."""


def _addresses(hosts: list[str]) -> list[str]:
    return [f"http://{host}/x.png" for host in hosts]


@pytest.mark.parametrize("address", _addresses(NO_HOSTS))
def test_such_an_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(AddressNotUsable) as caught:
        usable_web_address(address)
    assert "is not a host name" in caught.value.detail


@pytest.mark.parametrize("address", _addresses(UNKNOWN_HOSTS))
def test_a_name_of_newer_letters_is_one(address: str) -> None:
    assert usable_web_address(address) == address


async def _see_alive(running: Running) -> None:
    """See that the queue saves an honest picture."""
    (task,) = await running.add_pictures("h")
    await running.until(task, TaskState.SAVED)


def _reported(running: Running, task: Task) -> bool:
    return any(
        isinstance(event, TaskChanged) and event.task.id == task.id and _is_of_address(event.task)
        for event in running.events
    )


def _is_of_address(task: Task) -> bool:
    return task.failure is not None and task.failure.detail.startswith("the result's address")


async def _go_on(running: Running) -> list[Task]:
    """Take up what an earlier run has left, and return it."""
    left = await running.queue.stored()
    await running.queue.resume(running.profile, left)
    return left


@pytest.mark.parametrize("leads", ["itself", "by a redirect"])
def test_such_an_input_fails_alone_at_every_start(tmp_path: Path, leads: str) -> None:
    async def test(provider: Provider) -> None:
        inputs = _addresses([*NO_HOSTS, *UNKNOWN_HOSTS])
        if leads == "by a redirect":
            for number, address in enumerate(inputs):
                # As a server would send it: bytes of UTF-8.
                provider.on(f"/{number}.png", redirect(address.encode().decode("latin-1")))
            inputs = [provider.url(f"/{number}.png") for number in range(len(inputs))]
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add(*inputs)
            for task in tasks[: len(NO_HOSTS)]:
                ended = await running.until_suspended(task)
                assert ended.state is TaskState.FAILED
                assert ended.failure is not None
                assert ended.failure.kind == "address_not_usable"
            await _see_alive(running)
        async with at_work(tmp_path, provider) as running:
            await _go_on(running)
            await _see_alive(running)
        assert len(provider.charged) == 2

    with_provider(test)


@pytest.mark.parametrize("place", ["outputurl", "facelist"])
def test_a_result_at_such_an_address_stays_askable(tmp_path: Path, place: str) -> None:
    async def test(provider: Provider) -> None:
        addresses = _addresses(NO_HOSTS[:7])

        def record(address: str) -> dict[str, Any]:
            if place == "outputurl":
                return {"outputurl": address}
            face = {"inputurl": provider.url("/a.jpg"), "outputurl": address}
            return {"facelist": [face], "facenum": 1}

        names = "abcdefg"
        by_input = dict(zip(provider.pictures(names), map(record, addresses), strict=True))
        provider.record_of_new = lambda task: by_input.get(task.picurl, {})
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures(names)
            await _see_alive(running)
            for task in tasks:
                if place == "outputurl":
                    await running.until_true(partial(_reported, running, task), "nothing was told")
        for each in provider.tasks.values():
            each.record = {}
        async with at_work(tmp_path, provider) as running:
            # A face may have been given up as missing, and its picture saved without it.
            for task in await _go_on(running):
                await running.until(task, TaskState.SAVED)
            for name in names:
                assert shows(running.results / f"{name}-enhance.png", RESULT)
        assert len(provider.charged) == len(tasks) + 1

    with_provider(test)


@pytest.mark.parametrize("host", [*NO_HOSTS, UNKNOWN_HOSTS[0]])
def test_a_service_at_such_an_address_costs_nothing_and_ends_nothing(
    tmp_path: Path, host: str
) -> None:
    async def test(provider: Provider) -> None:
        nowhere = profile_of(provider, name="Nowhere", base_url=f"https://{host}/api")
        async with at_work(tmp_path, provider) as running:
            at_nowhere = replace(running.new(provider.url("/a.jpg")), service=nowhere.name)
            await running.queue.add(nowhere, [at_nowhere])
            await running.until_true(
                lambda: len(running.line_states()) > 0, "nothing of the service was told"
            )
            await _see_alive(running)
        async with at_work(tmp_path, provider) as running:
            await running.queue.resume(nowhere, await running.queue.stored(nowhere.name))
            await _see_alive(running)
        assert len(provider.charged) == 2

    with_provider(test)


def test_an_upload_that_is_named_by_such_an_address_is_sent_as_it_is(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        picture = tmp_path / "own.jpg"
        picture.write_bytes(INPUT)
        profile = profile_of(provider, upload_path="/upload")
        for address in _addresses(NO_HOSTS):
            provider.on("/upload", envelope({"picurl": address}))
            async with at_work(tmp_path, provider, profile) as running:
                (task,) = await running.add(str(picture))
                await running.until(task, TaskState.SAVED)
                assert list(provider.tasks.values())[-1].picurl == address

    with_provider(test)
