"""A session with a secret in every place where Docker has one: none is in anything that the recorder writes."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from small_daemon import SmallDaemon, say
from wire_client import PATIENCE, WireClient

from fakedocker.cassettes.store import load


def planted(name: str) -> str:
    """Return a secret that is found nowhere by accident."""
    return f"planted-{name}-7Q2x"


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


#: What is planted -> where it is sent or answered.
SECRETS = {
    name: planted(name)
    for name in (
        *("registry-auth", "identity-token", "registry-config", "authorization", "cookie", "login", "login-answer"),
        *("build-arg", "build-arg-in-progress", "env-in-create", "env-in-inspect", "exec-env", "label", "history"),
        *("swarm-secret", "plugin-setting", "url-password", "url-in-log", "named-by-rule", "volume-option"),
        *("split-over-frames", "in-an-archive", "signing-key"),
    )
} | {
    "join-token": "SWMTKN-1-3pu6hszjas19xyp7ghgosyx9k8atbfcr8p2is99znpy26u2lkl-1awxwuwd3z9j1z3puu7rcgdbx",
    "unlock-key": "SWMKEY-1-7c37Cc8654o6p38HnroywCi19pllOnGtbdZEgtKxZu8",
    "matched-by-rule": "corp-0123456789-xyz",
}


class Recorder:
    """`fakedocker record` in front of a daemon, with rules of its own."""

    def __init__(self, daemon: SmallDaemon, cassette: Path) -> None:
        words = [
            "--upstream",
            daemon.url,
            "-c",
            str(cassette),
            "--redact",
            "X-Corp",
            "--redact",
            "/corp-[0-9]+-[a-z]+/",
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fakedocker", "record", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline()
        self.url = self.ready.rpartition("DOCKER_HOST=")[2].strip()

    def end(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0
        return f"{self.ready}{out}{err}"


@pytest.fixture
def daemon() -> Iterator[SmallDaemon]:
    with SmallDaemon() as daemon:
        yield daemon


def chunked(client: socket.socket, content_type: str, *pieces: bytes) -> None:
    client.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    for piece in (*pieces, b""):
        client.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))


def answer_with_secrets(daemon: SmallDaemon) -> None:
    s = SECRETS

    def progress(client: socket.socket) -> None:
        lines = [
            {"stream": f"Step 2/3 : RUN NPM_TOKEN={s['build-arg-in-progress']} npm install\n"},
            {"stream": f"got {s['build-arg']}\n"},
        ]
        chunked(client, "application/json", *(json.dumps(line).encode() + b"\r\n" for line in lines))

    def log(client: socket.socket) -> None:
        halves = s["split-over-frames"].encode()
        text = [
            b"password is " + halves[:9],
            halves[9:] + b"\n",
            f"git clone https://me:{s['url-in-log']}@host/x\n".encode(),
        ]
        chunked(
            client, "application/vnd.docker.raw-stream", *(b"\1\0\0\0" + len(t).to_bytes(4, "big") + t for t in text)
        )

    swarm = {"JoinTokens": {"Worker": s["join-token"], "Manager": s["join-token"]}, "Spec": {}}
    inspected = {"Id": "c" * 64, "Config": {"Env": ["PATH=/bin", f"API_TOKEN={s['env-in-inspect']}"]}}
    archive = b"\0" * 512 + f"Authorization: {s['authorization']}".encode() + b"\0" * 100_000
    answers: dict[str, Any] = {
        "POST /auth": {"Status": "Login Succeeded", "IdentityToken": s["login-answer"]},
        "GET /containers/web/json": inspected,
        "GET /images/web/history": [{"CreatedBy": f"/bin/sh -c #(nop)  ENV DB_PASSWORD={s['history']}"}],
        "GET /swarm": swarm,
        "GET /swarm/unlockkey": {"UnlockKey": s["unlock-key"]},
        "GET /info": {"Proxy": f"http://me:{s['url-password']}@proxy", "Note": s["matched-by-rule"]},
        "POST /secrets/create": {"ID": "s1"},
        "POST /containers/web/exec": {"Id": "e" * 64, "Echo": s["exec-env"]},
    }
    for place, value in answers.items():
        daemon.answers[place] = lambda client, value=value: say(client, 200, value)
    daemon.answers["POST /build"] = progress
    daemon.answers["GET /containers/web/logs"] = log

    def big(client: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nContent-Length: {len(archive)}\r\n\r\n"
        client.sendall(head.encode() + archive)

    daemon.answers["GET /containers/web/archive"] = big


def live_through(url: str) -> None:
    """Send every secret, and have every other one answered."""
    s = SECRETS
    with WireClient(url) as client:
        auth = {"username": "me", "password": s["registry-auth"], "identitytoken": s["identity-token"]}
        config = {"host": {"username": "me", "password": s["registry-config"]}}
        headers = {
            "X-Registry-Auth": packed(auth),
            "X-Registry-Config": packed(config),
            "Authorization": f"Bearer {s['authorization']}",
            "Cookie": f"session={s['cookie']}",
            "X-Corp": s["named-by-rule"],
        }
        client.post("/v1.41/images/create?fromImage=x", headers=headers)
        client.post("/v1.41/auth", json={"username": "me", "password": s["login"], "serveraddress": "host"})
        arguments = quote(json.dumps({"NPM_TOKEN": s["build-arg"]}))
        client.post(f"/v1.41/build?t=web&buildargs={arguments}")
        config = {
            "Image": "x",
            "Env": [f"DB_PASSWORD={s['env-in-create']}", f"LOG_SECRET={s['split-over-frames']}"],
            "Labels": {"deploy.token": s["label"]},
        }
        client.post("/v1.41/containers/create?name=web", json=config)
        client.get("/v1.41/containers/web/json")
        client.post("/v1.41/containers/web/exec", json={"Cmd": ["env"], "Env": [f"AWS_SECRET={s['exec-env']}"]})
        client.get("/v1.41/containers/web/logs?stdout=1")
        client.get("/v1.41/images/web/history")
        client.get("/v1.41/swarm")
        client.get("/v1.41/swarm/unlockkey")
        client.post("/v1.41/swarm/join", json={"JoinToken": s["join-token"]})
        client.post("/v1.41/swarm/update", json={"CAConfig": {"SigningCAKey": s["signing-key"]}})
        client.post(
            "/v1.41/secrets/create", json={"Name": "n", "Data": base64.b64encode(s["swarm-secret"].encode()).decode()}
        )
        client.post("/v1.41/plugins/x/set", json=[f"API_KEY={s['plugin-setting']}"])
        client.post("/v1.41/volumes/create", json={"Name": "v", "DriverOpts": {"password": s["volume-option"]}})
        client.get("/v1.41/info")
        client.get("/v1.41/containers/web/archive?path=/")
        tar = b"\0" * 512 + s["registry-auth"].encode() + b"\0" * 100_000 + s["in-an-archive"].encode()
        with_login = {"Content-Type": "application/x-tar", "X-Registry-Auth": packed({"password": s["in-an-archive"]})}
        client.request("PUT", "/v1.41/containers/web/archive?path=/", tar, headers=with_login)


def test_no_secret_is_in_anything_that_is_written(daemon: SmallDaemon, tmp_path: Path) -> None:
    cassette = tmp_path / "session.yaml"
    answer_with_secrets(daemon)
    recorder = Recorder(daemon, cassette)
    live_through(recorder.url)
    said = recorder.end()

    loaded = load(cassette)
    assert len(loaded.cassette.exchanges) == 18
    assert len(daemon.asked) == 19  # and who is there
    sides = {path.name: path.read_bytes() for path in cassette.with_name("session.yaml.files").iterdir()}
    assert len(sides) == 2
    written = {"the cassette": cassette.read_bytes(), "the terminal": said.encode(), **sides}
    found = [
        (name, where)
        for name, secret in SECRETS.items()
        for where, data in written.items()
        for form in (secret, base64.b64encode(secret.encode()).decode()[:-4], json.dumps(secret)[1:-1], quote(secret))
        if form.encode() in data
    ]
    assert found == []
    # And they were there: the daemon has seen what the client had sent, the client what the daemon had answered.
    sent = b"".join(daemon.heads + daemon.bodies)
    assert SECRETS["login"].encode() in sent
    assert SECRETS["named-by-rule"].encode() in sent
    hidden = re.search(r"^fakedocker: redacted: (.*)$", said, re.MULTILINE)
    assert hidden
    assert len(hidden[1].split(", ")) >= 20
