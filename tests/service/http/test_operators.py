"""What those who run the service can ask: whether it lives, takes tasks, and what it has done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from enhance_gui.service.http.metrics import Durations
from tests.service.serving import TOKEN, UPSCALE, Asker, serving
from tests.support.pictures import picture_bytes

Figures = dict[tuple[str, tuple[str, ...]], float]


def stranger(asker: Asker) -> httpx.AsyncClient:
    """Return somebody without the token."""
    return httpx.AsyncClient(base_url=asker.service.base_url, trust_env=False)


async def figures(asker: Asker) -> Figures:
    """Return the metrics, by name and the values of their labels, in the order of those."""
    reply = await asker.http.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def test_without_a_token_health_and_readiness_are_told_and_nothing_else(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker, stranger(asker) as other:
            assert (await other.get("/healthz")).json() == {"status": "alive"}
            ready = await other.get("/readyz")
            assert ready.json() == {"status": "ready", "reasons": []}
            assert (await other.head("/readyz")).status_code == 200
            for path in ("/metrics", "/openapi.json"):
                assert (await other.get(path)).status_code == 401
                assert (await other.get(path, headers={"token": "wrong"})).status_code == 401
            for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
                for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
                    assert (await asker.http.get(path, headers=headers)).status_code == 403
                refused = await asker.http.post(path)
                assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")

    asyncio.run(go())


def test_on_a_nearly_full_disk_the_service_lives_and_is_not_ready(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, reserve_bytes=2**62) as asker, stranger(asker) as other:
            assert (await other.get("/healthz")).status_code == 200
            reply = await other.get("/readyz")
            assert reply.status_code == 503
            reasons = ["the disk is nearly full or cannot be used"]
            assert reply.json() == {"status": "not ready", "reasons": reasons}
            assert str(tmp_path) not in reply.text
            # Whoever watches keeps its connection.
            assert "connection" not in reply.headers
            assert (await figures(asker))["enhance_gui_ready", ()] == 0

    asyncio.run(go())


def test_the_metrics_count_calls_codes_and_tasks_and_name_none_of_them(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            finished = await asker.create(picture_bytes())
            await asker.ended(finished)
            await asker.call("createtask", picurl="", type=UPSCALE)
            await asker.http.get(await asker.upload(picture_bytes()))
            await asker.http.post("/nothing/secret", json={})
            found = await figures(asker)
            requests = "enhance_gui_requests_total"
            assert found[requests, ("upload", "0")] == 2
            assert found[requests, ("createtask", "0")] == 1
            assert found[requests, ("createtask", "1001002")] == 1
            assert found[requests, ("file", "0")] == 1
            assert found[requests, ("other", "9000404")] == 1
            assert found["enhance_gui_request_duration_seconds_count", ("upload",)] == 2
            assert found["enhance_gui_tasks_ended_total", ("finished", str(UPSCALE))] == 1
            assert found["enhance_gui_work_duration_seconds_count", (str(UPSCALE),)] == 1
            assert found["enhance_gui_tasks", ("queued",)] == 0
            assert found["enhance_gui_workers", ("idle",)] == 1
            assert found["enhance_gui_uploads_bytes", ()] == 2 * 65_536
            assert found["enhance_gui_ready", ()] == 1
            text = (await asker.http.get("/metrics")).text
            for secret in (finished, TOKEN, "secret", str(tmp_path)):
                assert secret not in text

    asyncio.run(go())


def test_the_metrics_take_the_token_as_collectors_send_it_and_calls_do_not(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker, stranger(asker) as other:
            for value, status in (
                (f"Bearer {TOKEN}", 200),
                (TOKEN, 401),
                (f"Basic {TOKEN}", 401),
                ("Bearer wrong", 401),
                ("Bearer", 401),
            ):
                shown = {"authorization": value}
                assert (await other.get("/metrics", headers=shown)).status_code == status, value
            bearer = {"authorization": f"Bearer {TOKEN}"}
            task = {"taskid": "a", "type": 1}
            assert (await other.post("/gettask", json=task, headers=bearer)).status_code == 401
            assert (await other.get("/openapi.json", headers=bearer)).status_code == 401

    asyncio.run(go())


@pytest.mark.parametrize(
    ("took_s", "counts"),
    [((), [0, 0, 0]), ((0.5,), [1, 1, 1]), ((0.6, 2.0, 7.0), [0, 2, 3])],
)
def test_a_bucket_counts_all_that_took_no_longer(
    took_s: tuple[float, ...], counts: list[float]
) -> None:
    durations = Durations((0.5, 2.0))
    for each in took_s:
        durations.add(each)
    assert durations.buckets() == list(zip(["0.5", "2.0", "+Inf"], counts, strict=True))
    assert durations.sum_s == sum(took_s)
