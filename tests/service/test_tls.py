"""TLS by certificate: the program's own client on one end, the service on the other."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from enhance_gui.core.errors import UsageError
from enhance_gui.core.settings.network import NetworkSettings, ProxyMode, network_to_mapping
from enhance_gui.service.http import server
from enhance_gui.service.http.listening import tls_context
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import local_profile
from tests.service.serving import TOKEN, UPSCALE, serving, until
from tests.service.test_service_process import child, command
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes
from tests.support.program import Ended, run, write_profile
from tests.support.tls import AUTHORITY

BOTH = AUTHORITY.with_name("server.pem")
"""The certificate with its key in one file."""
GOODBYE_S = 25.0
"""Less than asyncio waits for the other end's last word of TLS."""
HERE: dict[str, Any] = {"tls_certificate": BOTH}


def in_two_files(folder: Path) -> tuple[Path, Path]:
    """Return certificate and key, each in a file of its own."""
    key, _, certificate = BOTH.read_text(encoding="ascii").partition("-----BEGIN CERTIFICATE")
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_text(f"-----BEGIN CERTIFICATE{certificate}", encoding="ascii")
    files[1].write_text(key, encoding="ascii")
    return files


def trust(ca_file: Path | None) -> None:
    """Have the program of this home trust further certificates, as its settings do."""
    network = NetworkSettings(ProxyMode.NONE, ca_file=ca_file)
    path = user_folders().preferences
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"network": network_to_mapping(network)}), encoding="utf-8")


def enhance(base_url: str, folder: Path) -> Ended:
    """Enhance a local picture on that service, with the command line."""
    picture = folder / "a.png"
    picture.write_bytes(picture_bytes())
    profile = replace(local_profile(), name="Studio", base_url=base_url)
    file = write_profile(folder / "studio.toml", profile)
    save = folder / "saved"
    save.mkdir(exist_ok=True)
    return asyncio.run(
        run(
            "enhance",
            picture,
            "--type",
            str(UPSCALE),
            "--service",
            file,
            "--save",
            save,
            token=TOKEN,
        )
    )


def test_a_picture_goes_over_tls_from_the_program_to_the_service_and_back(tmp_path: Path) -> None:
    certificate, key = in_two_files(tmp_path)
    options = ("--tls-cert", str(certificate), "--tls-key", str(key))
    with child(tmp_path / "data", *options, token=TOKEN) as service:
        base_url = service.first_line["base_url"]
        assert base_url.startswith("https://127.0.0.1:")
        trust(AUTHORITY)
        done = enhance(base_url, tmp_path)
        assert done.code == 0, done.err
        (saved,) = (tmp_path / "saved").glob("*.png")
        assert saved.read_bytes()[1:4] == b"PNG"


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(tmp_path: Path) -> None:
    with child(tmp_path / "data", "--tls-cert", str(BOTH), token=TOKEN) as service:
        with pytest.raises(httpx.ConnectError, match="certificate"):
            httpx.get(f"{service.first_line['base_url']}/healthz", trust_env=False)
        trusting = ssl.create_default_context(cafile=AUTHORITY)
        with httpx.Client(verify=trusting, trust_env=False) as http:
            assert http.get(f"{service.first_line['base_url']}/healthz").status_code == 200


def test_plain_http_is_not_spoken_beside_tls(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, **HERE) as asker:
            url = httpx.URL(asker.service.base_url)
            async with httpx.AsyncClient(trust_env=False) as plain:
                with pytest.raises(httpx.TransportError):
                    await plain.get(f"http://127.0.0.1:{url.port}/healthz")

    asyncio.run(go())


def test_who_never_shakes_hands_loses_its_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HANDSHAKE_S", 0.2)

    async def go() -> None:
        async with serving(tmp_path, **HERE) as asker:
            url = httpx.URL(asker.service.base_url)
            reader, writer = await asyncio.open_connection(url.host, url.port)
            async with asyncio.timeout(HUNG_S):
                assert await reader.read() == b""
            writer.close()

    asyncio.run(go())


def test_who_never_shakes_hands_takes_no_more_connections_than_another_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HANDSHAKE_S", 10 * HUNG_S)

    async def go() -> None:
        async with serving(tmp_path, max_unproven_connections=2, **HERE) as asker:
            url = httpx.URL(asker.service.base_url)
            made = [await asyncio.open_connection(url.host, url.port) for _ in range(3)]
            async with asyncio.timeout(HUNG_S):
                assert await made[0][0].read() == b""
            for _, writer in made:
                writer.close()

    asyncio.run(go())


def test_who_never_says_goodbye_loses_its_connection_all_the_same(tmp_path: Path) -> None:
    def mute(url: httpx.URL) -> ssl.SSLSocket:
        trusting = ssl.create_default_context(cafile=AUTHORITY)
        made = socket.create_connection((url.host, url.port or 0))
        return trusting.wrap_socket(made, server_hostname=url.host)

    async def go() -> None:
        async with serving(tmp_path, max_unproven_connections=2, **HERE) as asker:
            url = httpx.URL(asker.service.base_url)
            begun_s = time.monotonic()
            made = [await asyncio.to_thread(mute, url) for _ in range(3)]
            await until(lambda: len(asker.service.server.server_state.connections) == 2)
            # Else it is waited for, for half a minute.
            assert time.monotonic() - begun_s < GOODBYE_S
            for each in made:
                each.close()

    asyncio.run(go())


def test_a_certified_name_is_announced_only_where_the_service_answers_to_it(tmp_path: Path) -> None:
    async def go() -> None:
        # That of a proxy: at the service's own port it would be refused.
        async with serving(tmp_path / "a", public_url="https://studio.example", **HERE) as asker:
            assert asker.service.hosts.https_name is None
            port = httpx.URL(asker.service.base_url).port
        public_url = f"https://studio.example:{port}"
        async with serving(tmp_path / "b", port=port, public_url=public_url, **HERE) as asker:
            assert asker.service.hosts.https_name == "studio.example"
        async with serving(tmp_path / "c") as asker:
            assert asker.service.hosts.https_name == ""

    asyncio.run(go())


def test_a_certificate_that_cannot_be_used_is_said_before_anything_is_done(tmp_path: Path) -> None:
    certificate, key = in_two_files(tmp_path)
    (tmp_path / "empty.pem").write_text("")
    for cert, its_key in (
        (tmp_path / "missing.pem", None),
        (tmp_path / "empty.pem", None),
        (certificate, None),
        (certificate, tmp_path / "empty.pem"),
        (None, key),
    ):
        with pytest.raises(UsageError, match=r"certificate") as told:
            tls_context(cert, its_key)
        assert "None" not in told.value.detail
    done = subprocess.run(
        command(tmp_path / "data", "--tls-key", str(key)),
        capture_output=True,
        text=True,
        timeout=HUNG_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "enhance-gui serve: a key was given without its certificate.\n"
