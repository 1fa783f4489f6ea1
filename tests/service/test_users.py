"""The file of users: who is found in it, which mistakes are named, and how it is followed."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import UsageError
from enhance_gui.core.secret import Secret
from enhance_gui.service.users import User, Users, add_user, read_users

OWN = Secret("the service's own token")
ANAS = "a" * 43
BENS = "b" * 43


class SetClock(Clock):
    """A clock whose calendar is moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 30, 12, tzinfo=UTC)

    def wall(self) -> datetime:
        return self.at


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def user(name: str, token: str, more: str = "") -> str:
    return f'[[user]]\nname = "{name}"\ntoken_sha256 = "{digest(token)}"\n{more}\n'


def write(file: Path, text: str, clock: SetClock, ago_s: float = 10.0) -> None:
    """Write the file as if so long before the clock's time."""
    file.write_text(text, "utf-8")
    then_s = clock.wall().timestamp() - ago_s
    os.utime(file, (then_s, then_s))


def names(users: Users, *tokens: str) -> list[str | None]:
    return [found.name if (found := users.find(token)) else None for token in tokens]


def test_each_is_found_by_their_token_and_by_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_text(user("Ana", ANAS, "tasks_a_day = 2") + user("Ben", BENS), "utf-8")
    users = Users(OWN, file, Clock())
    ana = users.find(ANAS)
    assert ana is not None
    assert (ana.name, ana.tasks_a_day) == ("Ana", 2)
    assert digest(ANAS) not in repr(ana)
    assert names(users, OWN.reveal(), BENS) == ["", "Ben"]
    assert names(users, ANAS[:-1], ANAS + "a", digest(ANAS), "", "é") == [None] * 5
    assert names(Users(OWN, None, Clock()), OWN.reveal(), ANAS) == ["", None]


def test_a_user_that_is_added_has_a_token_of_which_only_the_hash_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    token = add_user(file, "Ana")
    second = add_user(file, 'Ben "the \\ Great" Ørsted')
    text = file.read_text("utf-8")
    assert len(token.reveal()) == 43
    assert token.reveal() not in text
    assert digest(token.reveal()) in text
    assert text.startswith("# Who may use")
    assert text.count("# Who may use") == 1
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    users = Users(OWN, file, Clock())
    assert names(users, token.reveal(), second.reveal()) == ["Ana", 'Ben "the \\ Great" Ørsted']
    for name, why in (("Ana", "already"), ("", "empty"), (" Cai", "space"), ("a\nb", "space")):
        with pytest.raises(UsageError, match=why):
            add_user(file, name)
    with pytest.raises(UsageError, match="64"):
        add_user(file, "n" * 65)
    assert file.read_text("utf-8") == text


def test_what_was_written_by_hand_stays_when_a_user_is_added(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    by_hand = f"# mine\n{user('Ana', ANAS)}tasks_a_day = 7".rstrip()
    file.write_text(by_hand, "utf-8")
    token = add_user(file, "Ben")
    assert file.read_text("utf-8").startswith(by_hand + "\n")
    assert [each.tasks_a_day for each in read_users(file)] == [7, None]
    assert names(Users(OWN, file, Clock()), ANAS, token.reveal()) == ["Ana", "Ben"]


SHA = digest(ANAS)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("[[user]]\nname = Ana", 2, "value"),
        ('\n[[user]]\nname = "Ana"\n', 2, "token_sha256"),
        (f'\n[[user]]\ntoken_sha256 = "{SHA}"', 2, "needs a name"),
        (f'[[user]]\nname = 7\ntoken_sha256 = "{SHA}"', 2, "needs a name"),
        (f'[[user]]\nname = ""\ntoken_sha256 = "{SHA}"', 2, "empty"),
        (f'# x\n[[user]] # y\nname = "Ana"\n\ntoken_sha256 = "{SHA[:-1]}"', 5, "64 digits"),
        ('[[user]]\nname = "Ana"\ntoken_sha256 = "' + "g" * 64 + '"', 3, "64 digits"),
        (user("Ana", ANAS) + "\n" + user("Ana", BENS), 7, "“Ana” above already"),
        (user("Ana", ANAS) + user("Ben", ANAS), 7, "same token"),
        (user("Ana", ANAS, "tasks_a_day = -1"), 4, "whole number"),
        (user("Ana", ANAS, "tasks_a_day = 1.5"), 4, "whole number"),
        (user("Ana", ANAS, "tasks_a_day = true"), 4, "whole number"),
        (user("Ana", ANAS, '"limit" = 5'), 4, "no “limit”"),
        (user("Ana", ANAS) + "\n[settings]\na = 1", 6, "no “settings”"),
        ("name = 'Ana'\n" + user("Ana", ANAS), 1, "no “name”"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number_and_without_the_token(
    tmp_path: Path, text: str, line: int, why: str
) -> None:
    file = tmp_path / "users.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=why) as refused:
        Users(OWN, file, Clock())
    assert f"line {line}" in refused.value.detail
    assert str(file) in refused.value.detail
    assert SHA not in refused.value.detail


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"#" * (2**20 + 1),
        b"a = " + b"[" * 100_000,
        b"user = 7",
        b"[user]\nname = 'Ana'",
        b"user = [{name = 'Ana'}]",
        "".join(user(f"user {n}", f"{n}") for n in range(1001)).encode(),
    ],
)
def test_what_is_no_file_of_users_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "users.toml"
    with pytest.raises(UsageError, match="cannot be read"):
        read_users(file)
    file.write_bytes(content)
    with pytest.raises(UsageError):
        read_users(file)


def test_a_file_with_a_byte_order_mark_and_one_without_users_are_read(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_bytes(b"\xef\xbb\xbf" + user("Ana", ANAS).replace("\n", "\r\n").encode())
    assert [each.name for each in read_users(file)] == ["Ana"]
    file.write_bytes(b"# nobody yet\n")
    assert read_users(file) == ()


def test_a_change_of_the_file_holds_as_soon_as_it_has_settled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, file = SetClock(), tmp_path / "users.toml"
    write(file, user("Ana", ANAS), clock)
    users = Users(OWN, file, clock)
    assert names(users, ANAS, BENS) == ["Ana", None]
    # An editor is writing it: half a file takes no token away.
    write(file, "", clock, ago_s=0.5)
    assert names(users, ANAS, BENS) == ["Ana", None]
    write(file, user("Ben", BENS, "tasks_a_day = 1"), clock, ago_s=0)
    assert names(users, ANAS, BENS) == ["Ana", None]
    clock.at += timedelta(seconds=1)
    assert names(users, ANAS, BENS) == [None, "Ben"]
    write(file, user("Ben", BENS, "tasks_a_day = 9"), clock, ago_s=1)
    assert users.find(BENS) == User("Ben", 9, bytes.fromhex(digest(BENS)))
    assert caplog.records == []


@pytest.mark.parametrize("broken", [True, False], ids=["a wrong line", "a folder"])
def test_after_a_bad_change_the_users_stay_and_the_log_says_why_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: bool
) -> None:
    clock, file = SetClock(), tmp_path / "users.toml"
    write(file, user("Ana", ANAS), clock)
    users = Users(OWN, file, clock)
    if broken:
        write(file, user("Ben", BENS) + "tasks_a_day = many", clock, ago_s=5)
    else:
        file.unlink()
        file.mkdir()
    assert names(users, ANAS, ANAS, BENS) == ["Ana", "Ana", None]
    (record,) = caplog.records
    assert "the users stay as they were" in record.getMessage()
    assert ("line 5" in record.getMessage()) == broken
    if not broken:
        file.rmdir()
    write(file, user("Ben", BENS), clock, ago_s=4)
    assert names(users, ANAS, BENS) == [None, "Ben"]


def deleted(file: Path, clock: SetClock, ago_s: float) -> None:
    """Delete the file as if so long before the clock's time."""
    file.unlink()
    then_s = clock.wall().timestamp() - ago_s
    os.utime(file.parent, (then_s, then_s))


def test_a_file_that_is_gone_lets_none_of_its_users_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, file = SetClock(), tmp_path / "users.toml"
    write(file, user("Ana", ANAS), clock)
    users = Users(OWN, file, clock)
    # However long nobody has asked.
    deleted(file, clock, ago_s=1)
    assert names(users, ANAS, OWN.reveal(), ANAS) == [None, "", None]
    (record,) = caplog.records
    assert f"{file} is gone: none of its users is let in until it is back" in record.getMessage()
    write(file, user("Ana", ANAS), clock)
    assert names(users, ANAS) == ["Ana"]


def test_a_file_that_an_editor_puts_another_in_the_place_of_keeps_its_users(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, file = SetClock(), tmp_path / "users.toml"
    write(file, user("Ana", ANAS), clock)
    users = Users(OWN, file, clock)
    for _ in range(3):
        deleted(file, clock, ago_s=0.1)
        assert names(users, ANAS) == ["Ana"]
        write(file, user("Ana", ANAS), clock)
        assert names(users, ANAS) == ["Ana"]
        clock.at += timedelta(seconds=5)
    # Something else in its folder changes all the time: that is no reason to wait for longer.
    deleted(file, clock, ago_s=0)
    assert names(users, ANAS) == ["Ana"]
    clock.at += timedelta(seconds=1)
    os.utime(tmp_path, (clock.wall().timestamp(), clock.wall().timestamp()))
    assert caplog.records == []
    assert names(users, ANAS) == [None]
