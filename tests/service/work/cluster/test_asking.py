"""What is said where a cluster cannot be used; encrypted traffic; who has which seat."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from enhance_gui.core.errors import UsageError
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work.cluster import check_cluster, cluster_slots
from enhance_gui.service.work.cluster.orders import ProgramVersion
from enhance_gui.service.work.cluster.seats import Seat, SeatLost, Seats
from tests.service.serving import serving
from tests.service.work.cluster.clusters import a_cluster
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes


@pytest.mark.parametrize(
    "address", ["host:8786", "http://host:8786", "tcp://host", "tcp://:8786", "tcp://host:port", ""]
)
def test_an_address_that_is_none_of_a_scheduler_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="tcp://HOST:PORT"):
        check_cluster(address)


def test_without_dask_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    settings = ServiceSettings(tmp_path, cluster="tcp://127.0.0.1:8786")
    with pytest.raises(UsageError, match=r"pip install 'enhance-gui\[cluster\]'"):
        cluster_slots(settings)


def test_versions_differ_by_number_and_by_commit_where_both_are_known() -> None:
    here = ProgramVersion("1.0", "a" * 40)
    assert here.fits(here)
    assert here.fits(ProgramVersion("1.0", ""))
    assert not here.fits(ProgramVersion("1.0", "b" * 40))
    assert not here.fits(ProgramVersion("1.1", "a" * 40))


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("openssl") is None,
    reason="ends processes as Linux has them, and needs openssl for a certificate",
)
def test_the_traffic_can_be_encrypted_by_dasks_own_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask

    certificate, key = str(tmp_path / "studio.pem"), str(tmp_path / "studio.key")
    made_by = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = "-subj /CN=studio -addext subjectAltName=IP:127.0.0.1"
    files = ["-out", certificate, "-keyout", key]
    subprocess.run([*made_by.split(), *names.split(), *files], check=True, capture_output=True)
    settings = {"distributed.comm.tls.ca-file": certificate}
    for role in ("scheduler", "worker", "client"):
        of_role = f"distributed.comm.tls.{role}"
        settings |= {f"{of_role}.cert": certificate, f"{of_role}.key": key}
    for name, value in settings.items():
        variable = name.replace(".", "__").replace("-", "_").upper()
        monkeypatch.setenv(f"DASK_{variable}", value)

    async def go(address: str) -> None:
        async with serving(tmp_path / "data", cluster=address) as asker:
            task_id = await asker.create(picture_bytes())
            assert (await asker.ended(task_id))["status"] == Status.FINISHED

    with (
        dask.config.set(settings),
        a_cluster(tmp_path / "cluster", workers=1, protocol="tls") as cluster,
    ):
        asyncio.run(go(cluster.address))


def test_who_waits_longest_has_the_next_seat_and_a_cancelled_wait_loses_none() -> None:
    async def go() -> None:
        seats = Seats(lambda: None)
        loop = asyncio.get_running_loop()
        waits = [loop.create_task(seats.take()) for _ in range(3)]
        await asyncio.sleep(0)
        assert seats.room == 0
        seats.add(Seat("a", 1))
        # It has been woken, and goes before it runs.
        waits[0].cancel()
        seat = await waits[1]
        assert (seat.address, seat.taken, seats.room) == ("a", 1, 1)
        await asyncio.sleep(0)
        assert not waits[2].done()
        seats.give_back(seat)
        assert await waits[2] is seat

    asyncio.run(go())


def test_jobs_are_spread_over_the_workers_and_break_off_with_theirs() -> None:
    async def go() -> None:
        seats = Seats(lambda: None)
        seats.add(Seat("a", 2))
        seats.add(Seat("b", 2))
        first, second = await seats.take(), await seats.take()
        assert {first.address, second.address} == {"a", "b"}
        loop = asyncio.get_running_loop()
        loop.call_soon(seats.lose, first.address)
        with pytest.raises(TimeoutError):
            await _wait_with(first)
        assert seats.room == 2
        with pytest.raises(SeatLost):
            await _wait_with(first)
        third = await seats.take()
        assert third is second

    asyncio.run(go())


@pytest.mark.parametrize("with_cluster", [False, True])
def test_what_a_doubted_worker_still_does_breaks_off_with_it(*, with_cluster: bool) -> None:
    async def go() -> None:
        seats = Seats(lambda: None)
        seats.add(Seat("a", 2))
        failed, other = await seats.take(), await seats.take()
        seats.retire(failed)
        seats.give_back(failed)
        loop = asyncio.get_running_loop()
        if with_cluster:
            loop.call_soon(seats.lose_all)
        else:
            loop.call_soon(seats.lose, "a")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(HUNG_S):
                await _wait_with(other)
        assert other.lost is not None
        assert other.lost.with_cluster is with_cluster
        seats.give_back(other)
        assert seats._retired == set()

    asyncio.run(go())


def test_a_paused_worker_ends_what_it_is_at_and_what_it_has_not_begun_is_taken_back() -> None:
    async def go() -> None:
        seats = Seats(lambda: None)
        assert not seats.pause("a")
        seats.add(Seat("a", 2))
        seat, same = await seats.take(), await seats.take()
        assert same is seat
        loop = asyncio.get_running_loop()
        begun = loop.create_task(_wait_with(seat, begun_for_s=HUNG_S))
        waiting = loop.create_task(_wait_with(seat))
        await asyncio.sleep(0)
        assert seats.pause("a")
        with pytest.raises(TimeoutError):
            await waiting
        seats.give_back(seat)
        assert (seats.room, seat.is_paused, seat.lost, begun.done()) == (0, True, None, False)
        seats.lose("a")
        await asyncio.sleep(0)
        seats.lose_all()
        with pytest.raises(TimeoutError):
            await begun
        assert seat.lost is not None

    asyncio.run(go())


async def _wait_with(seat: Seat, *, begun_for_s: float | None = None) -> None:
    async with asyncio.timeout(begun_for_s) as timeout:
        with seat.watch(timeout):
            await asyncio.Event().wait()
