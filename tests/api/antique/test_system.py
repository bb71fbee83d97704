"""The daemon itself over the wire: version, info, login."""

from __future__ import annotations

from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.engine.accounts import Login

JSON, TEXT = "application/json", "text/plain; charset=utf-8"
ACTIVATE = "Account created. Please use the confirmation link we sent to your e-mail to activate it.\n"


def test_version_says_which_daemon_this_is(client: WireClient) -> None:
    reply = client.get("/version")
    assert (reply.status, reply.type) == (200, JSON)
    assert reply.text == '{"Version":"0.4.0","GitCommit":"5ecfe13","GoVersion":"go1.1"}'


def test_info_counts_everything(client: WireClient, daemon: FakeDocker) -> None:
    before = client.get("/info").json
    assert list(before) == ["Debug", "Containers", "Images", "NFd", "NGoroutines", "MemoryLimit", "SwapLimit"]
    assert (before["Debug"], before["Containers"], before["Images"]) == (False, 0, 2)
    daemon.engine.create("base", "true")
    daemon.engine.run("base", "sleep", "1000")
    after = client.get("/info").json
    assert (after["Containers"], after["Images"]) == (2, 2)
    assert after["NFd"] > before["NFd"]


@pytest.mark.parametrize(
    ("contract", "shown"),
    [("documented", {"Debug", "MemoryLimit", "SwapLimit"}), ("observed", {"Debug"})],
)
def test_info_of_a_debugging_daemon_on_a_poor_host(tmp_path, contract: Any, shown: set[str]) -> None:
    fixture = tmp_path / "poor.yaml"
    fixture.write_text("host: {memory_limit: false, swap_limit: false}\n")
    with FakeDocker(fixture, contract=contract, debug=True, profile="0.4") as daemon, WireClient(daemon.url) as client:
        info = client.get("/info").json
    assert info["Debug"] is True
    assert info.keys() - {"Containers", "Images", "NFd", "NGoroutines"} == shown
    assert not any(info.get(name, False) for name in ("MemoryLimit", "SwapLimit"))


@pytest.mark.parametrize(
    ("host", "memory", "warnings", "kept"),
    [
        ("{memory_limit: true, swap_limit: true}", 1 << 25, [], (1 << 25, 0)),
        ("{memory_limit: true, swap_limit: false}", 0, [], (0, 0)),
        (
            "{memory_limit: true, swap_limit: false}",
            1 << 25,
            ["Your kernel does not support memory swap capabilities. Limitation discarded."],
            (1 << 25, -1),
        ),
        ("{memory_limit: false, swap_limit: false}", 1 << 25, [], (0, 0)),
    ],
)
def test_a_limit_that_the_host_cannot_keep_is_warned_of(
    tmp_path, host: str, memory: int, warnings: list[str], kept: tuple[int, int]
) -> None:
    fixture = tmp_path / "host.yaml"
    fixture.write_text(f"host: {host}\nimages: [{{name: base}}]\n")
    with FakeDocker(fixture, profile="0.4") as daemon, WireClient(daemon.url) as client:
        answer = client.post("/containers/create", json={"Image": "base", "Cmd": ["true"], "Memory": memory}).json
        config = client.get(f"/containers/{answer['Id']}/json").json["Config"]
    assert answer["Warnings"] == warnings
    assert (config["Memory"], config["MemorySwap"]) == kept


# -- auth -------------------------------------------------------------------------------------------------


def test_the_stored_login_is_shown_without_its_password(client: WireClient) -> None:
    assert client.get("/auth").text == '{"username":"hannibal","email":"hannibal@a-team.com"}'


@pytest.mark.parametrize("world", ["empty"])
def test_without_login_everything_is_empty(client: WireClient) -> None:
    assert client.get("/auth").text == '{"username":"","email":""}'


@pytest.mark.parametrize("world", ["index-2013"])
@pytest.mark.parametrize("contract", ["observed"])
@pytest.mark.parametrize(
    ("login", "status", "said"),
    [
        (("hannibal", "xxxx"), 200, {"Status": "Login Succeeded\n"}),
        (("somebody-new", "p"), 200, {"Status": ACTIVATE}),
        (("other", "wrong"), 500, "Wrong login/password, please try again\n"),
        (
            ("inactive", "p"),
            500,
            "Login: Your account hasn't been activated. Please check your e-mail for a confirmation link.\n",
        ),
        (("bad", "p"), 500, 'Registration: "Wrong format"\n'),
        (("odd", "p"), 500, "Unexpected status code [418] : teapot\n"),
    ],
)
def test_a_login_is_answered_as_the_index_does(
    client: WireClient, login: tuple[str, str], status: int, said: Any
) -> None:
    reply = client.post("/auth", json={"username": login[0], "password": login[1], "email": "e@x"})
    assert reply.status == status
    assert (reply.json if status == 200 else reply.text) == said
    assert reply.type == (JSON if status == 200 else TEXT)
    shown = client.get("/auth").json
    assert shown == {
        "username": login[0] if status == 200 else "",
        "password": "",
        "email": "e@x" if status == 200 else "",
    }


def test_a_wrong_login_forgets_the_stored_one(client: WireClient, daemon: FakeDocker) -> None:
    client.post("/auth", json={"username": "known", "password": "right"})
    client.post("/auth", json={"username": "hannibal", "password": "xxxx"})
    assert client.post("/auth", json={"username": "known", "password": "wrong"}).status == 500
    assert client.get("/auth").json["username"] == ""


def test_for_the_stored_user_the_stored_password_counts(client: WireClient) -> None:
    assert client.post("/auth", json={"username": "hannibal", "password": "wrong"}).status == 200
    assert client.get("/auth").json["username"] == "hannibal"


def test_a_password_is_shown_nowhere(client: WireClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        client.post("/auth", json={"username": "someone", "password": "hunter2", "email": "e"})
        client.post("/auth", json={"username": "someone", "password": ["hunter2"]})
        assert "hunter2" not in client.get("/auth").text
    assert "hunter2" not in caplog.text
    assert "hunter2" not in repr(Login("someone", "hunter2"))
