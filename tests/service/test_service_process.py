"""``enhance-gui serve`` as a process: its first line, its end, and what a kill leaves."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from enhance_gui.command_line import serve
from enhance_gui.service.tasks.status import Status
from tests.service.serving import UPSCALE, UPSCALE_4, contents
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="signals and process groups of POSIX")


@dataclass
class Child:
    """A service in a process of its own."""

    process: subprocess.Popen[str]
    first_line: dict[str, str]

    def call(self, name: str, **fields: Any) -> dict[str, Any]:
        reply = httpx.post(
            f"{self.first_line['base_url']}/{name}",
            json=fields,
            headers={"token": self.first_line["token"]},
            trust_env=False,
            timeout=HUNG_S,
        )
        envelope: dict[str, Any] = reply.json()
        assert envelope["code"] == 0, envelope
        data: dict[str, Any] = envelope["data"]
        return data

    def upload(self, picture: bytes) -> str:
        reply = httpx.post(
            f"{self.first_line['base_url']}/upload",
            content=picture,
            headers={
                "token": self.first_line["token"],
                "content-type": "application/octet-stream",
            },
            trust_env=False,
            timeout=HUNG_S,
        )
        address: str = reply.json()["data"]["picurl"]
        return address

    def ended(self, task_id: str) -> dict[str, Any]:
        end_s = time.monotonic() + HUNG_S
        while True:
            record = self.call("gettask", taskid=task_id, type=UPSCALE)
            if record["status"] in (Status.FINISHED, Status.FAILED):
                return record
            assert time.monotonic() < end_s
            time.sleep(0.02)


def command(data: Path, *more: str) -> list[str]:
    program = [sys.executable, "-m", "enhance_gui"]
    return [*program, "serve", "--data", str(data), "--workers", "1", *more]


@contextlib.contextmanager
def child(
    data: Path, *more: str, stdin: int | IO[str] | None = subprocess.DEVNULL, token: str = ""
) -> Iterator[Child]:
    environment = {**os.environ, "ENHANCE_GUI_TOKEN": token}
    process = subprocess.Popen(
        command(data, *more),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield Child(process, json.loads(line))
    finally:
        process.kill()
        process.communicate()


def descendants(process_id: int) -> set[int]:
    """Return the processes below one, by Linux' own list."""
    found: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            _, _, rest = stat.read_text().rpartition(")")
            if int(rest.split()[1]) == process_id:
                found |= {int(stat.parent.name)} | descendants(int(stat.parent.name))
    return found


def wait_until(holds: Callable[[], bool], limit_s: float = HUNG_S) -> None:
    end_s = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def processor_s(process_id: int) -> float:
    """Return the processor's time that a process has used so far."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_gone(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_the_first_line_names_address_and_token_and_sigterm_ends_everything(
    tmp_path: Path,
) -> None:
    with child(tmp_path) as service:
        assert set(service.first_line) == {"base_url", "token"}
        assert service.first_line["base_url"].startswith("http://127.0.0.1:")
        assert len(service.first_line["token"]) >= 32
        if sys.platform == "linux":
            # On a computer with nothing else to do, a third of a second.
            assert processor_s(service.process.pid) < 2
        task = service.call(
            "createtask", picurl=service.upload(picture_bytes()), type=UPSCALE, chtaskid="a"
        )
        assert service.ended(task["taskid"])["status"] == Status.FINISHED
        below = descendants(service.process.pid) if sys.platform == "linux" else set()
        service.process.terminate()
        assert service.process.wait(HUNG_S) == (0 if os.name != "nt" else 1)
        assert service.process.stdout is not None
        assert service.process.stderr is not None
        assert service.process.stdout.read() == ""
        assert service.process.stderr.read() == ""
        wait_until(lambda: all(is_gone(each) for each in below))


@pytest.mark.long
@POSIX_ONLY
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_in_the_middle_of_work_ends_it_cleanly(
    tmp_path: Path, number: int
) -> None:
    with child(tmp_path) as service:
        address = service.upload(picture_bytes("jpg", 1500, 1500))
        for _ in range(3):
            service.call("createtask", picurl=address, type=UPSCALE)
        os.killpg(service.process.pid, number)
        assert service.process.wait(HUNG_S) == 0
        assert service.process.stderr is not None
        assert "Traceback" not in service.process.stderr.read()


def test_a_given_token_is_used_and_inherited_by_no_worker(tmp_path: Path) -> None:
    with child(tmp_path, token="a token given by the caller") as service:
        assert service.first_line["token"] == "a token given by the caller"
        task = service.call("createtask", picurl=service.upload(picture_bytes()), type=UPSCALE)
        service.ended(task["taskid"])
        if sys.platform == "linux":
            workers = descendants(service.process.pid)
            assert workers
            for worker in workers:
                assert b"given by the caller" not in Path(f"/proc/{worker}/environ").read_bytes()


@POSIX_ONLY
def test_a_kill_in_the_middle_of_work_loses_no_task_and_no_file(tmp_path: Path) -> None:
    with child(tmp_path) as service:
        address = service.upload(picture_bytes("jpg", 600, 600))
        ids = [
            service.call("createtask", picurl=address, type=UPSCALE, chtaskid=f"{number}")["taskid"]
            for number in range(4)
        ]
        service.ended(ids[0])
        service.call("deletetask", taskid=ids[3])
        service.process.kill()
        service.process.wait()
    with child(tmp_path) as service:
        again = service.call("createtask", picurl=address, type=UPSCALE, chtaskid="2")
        assert again["taskid"] == ids[2]
        for task_id in ids[:3]:
            record = service.ended(task_id)
            assert record["status"] == Status.FINISHED
            assert len(httpx.get(record["outputurl"]).content) == record["outpathsize"]
        folders = [name.partition(os.sep)[0] for name in contents(tmp_path)]
        assert sorted(folders) == ["inputs"] * 3 + ["results"] * 3 + ["uploads"]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in Linux' list")
def test_a_killed_service_takes_a_worker_along_that_is_busy_for_seconds(tmp_path: Path) -> None:
    with child(tmp_path) as service:
        # Many times as long as the end of a process takes, on a slow computer too.
        address = service.upload(picture_bytes("jpg", 2300, 2300))
        task_id = service.call("createtask", picurl=address, type=UPSCALE_4)["taskid"]
        wait_until(lambda: service.call("gettask", taskid=task_id, type=UPSCALE_4)["status"] == 1)
        below = descendants(service.process.pid)
        assert len(below) == 2  # the worker, and Python's own tracker of shared resources
        service.process.kill()
        service.process.wait()
        wait_until(lambda: all(is_gone(each) for each in below), 8)


@POSIX_ONLY
def test_kills_at_any_moment_lose_no_task_that_was_answered(tmp_path: Path) -> None:
    promised: set[str] = set()
    for delay_s in (0.0, 0.05, 0.2):
        with child(tmp_path) as service:
            address = service.upload(picture_bytes("jpg", 100, 100))
            killed_s = time.monotonic() + delay_s
            while time.monotonic() < killed_s or not promised:
                task = service.call("createtask", picurl=address, type=UPSCALE)
                promised.add(task["taskid"])
            service.process.kill()
            service.process.wait()
    with child(tmp_path) as service:
        for task_id in promised:
            service.call("gettask", taskid=task_id, type=UPSCALE)
        assert service.ended(min(promised))["status"] == Status.FINISHED


@POSIX_ONLY
def test_a_picture_that_does_not_come_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, child(tmp_path) as service:
        asking = socket.create_connection(
            (
                httpx.URL(service.first_line["base_url"]).host,
                httpx.URL(service.first_line["base_url"]).port or 0,
            )
        )
        body = json.dumps(
            {"picurl": f"http://127.0.0.1:{silent.getsockname()[1]}/a.png", "type": UPSCALE}
        )
        asking.sendall(
            (
                "POST /createtask HTTP/1.1\r\n"
                f"Host: {httpx.URL(service.first_line['base_url']).netloc.decode()}\r\n"
                f"token: {service.first_line['token']}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
        )
        fetching, _ = silent.accept()
        service.process.terminate()
        assert service.process.wait(HUNG_S) == 0
        fetching.close()
        asking.close()


def test_the_service_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    with child(tmp_path, "--stop-with-stdin", stdin=subprocess.PIPE) as service:
        assert service.process.stdin is not None
        service.process.stdin.close()
        service.process.stdin = None
        assert service.process.wait(HUNG_S) == 0


def test_a_second_service_on_the_same_data_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with child(tmp_path) as service:
        second = subprocess.run(
            command(tmp_path), capture_output=True, text=True, timeout=HUNG_S, check=False
        )
        assert second.returncode == 2
        assert second.stdout == ""
        assert second.stderr == "enhance-gui serve: another service uses this data folder.\n"
        service.upload(picture_bytes())


def test_what_cannot_work_is_said_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "tasks.sqlite").write_bytes(b"not a database" * 100)
    wrong = [
        (tmp_path / "file", ()),
        (damaged, ()),
        (tmp_path / "a", ("--host", "192.0.2.1")),
        (tmp_path / "b", ("--network-from-stdin",)),
    ]
    running = [
        subprocess.Popen(
            command(data, *more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for data, more in wrong
    ]
    for process in running:
        out, err = process.communicate(timeout=HUNG_S)
        assert (process.returncode, out) == (2, "")
        assert err.startswith("enhance-gui serve: ")
        assert err.count("\n") == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_a_token_that_can_be_guessed_is_not_used_on_a_network(tmp_path: Path, host: str) -> None:
    process = subprocess.Popen(
        command(tmp_path, "--host", host),
        env={**os.environ, "ENHANCE_GUI_TOKEN": "fifteen letters"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    token = json.loads(process.stdout.readline())["token"]
    process.terminate()
    _, err = process.communicate(timeout=HUNG_S)
    assert process.returncode == 0
    assert len(token) >= 40
    assert err.splitlines()[0] == (
        "enhance-gui serve: ENHANCE_GUI_TOKEN has fewer than 16 characters and could be guessed "
        "over the network: it is not used. The first line of standard output names a fresh one."
    )


@pytest.mark.parametrize(
    ("host", "token", "warning"),
    [
        ("127.0.0.1", "fifteen letters", "other users of this computer could guess it"),
        ("0.0.0.0", "sixteen letters!", "this is plain HTTP"),  # noqa: S104
        ("127.0.0.1", "sixteen letters!", ""),
    ],
)
def test_what_a_service_lays_open_is_said_where_it_starts(
    tmp_path: Path, host: str, token: str, warning: str
) -> None:
    process = subprocess.Popen(
        command(tmp_path, "--host", host),
        env={**os.environ, "ENHANCE_GUI_TOKEN": token},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["token"] == token
    process.terminate()
    _, err = process.communicate(timeout=HUNG_S)
    assert process.returncode == 0
    assert warning in err
    assert err.count("\n") == bool(warning)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--port", "70000"),
        ("--workers", "0"),
        ("--callback-url", "ftp://example.org/"),
        ("--keep-days", "0"),
    ],
)
def test_a_wrong_argument_is_named(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    serve.add_parser(parser.add_subparsers())
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args(["serve", *wrong])
    assert wrong[0] in capsys.readouterr().err
