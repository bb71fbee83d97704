"""What may never reach a cassette."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from exchanges import exchange, ndjson
from hypothesis import assume, given
from hypothesis import strategies as st

from fakedocker.cassettes.documents import exchange_text
from fakedocker.cassettes.model import Bytes, Empty, Frame, Json, Request, Response, Stream, Text
from fakedocker.cassettes.redaction import Redactor, Rules, looks_secret

SECRET = "correct-horse-battery"
AUTH = {"username": "hannibal", "password": SECRET, "serveraddress": "https://index.docker.io/v1/"}


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def redacted(request: Request) -> Request:
    return Redactor().request(request)


def answer(body: Any, request: Request | None = None) -> Any:
    request = request or Request("GET", "/v1.41/info")
    found = Redactor().response(Response(200, body=Json(body)), request).body
    assert isinstance(found, Json)
    return found.value


# -- by place ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("X-Registry-Auth", encoded(AUTH), "{secret:registry-auth}"),
        ("x-registry-auth", "not even base64", "{secret:registry-auth}"),
        ("X-Registry-Config", encoded({"localhost:5000": AUTH}), "{secret:registry-config}"),
        ("Authorization", f"Bearer {SECRET}", "{secret:authorization}"),
        ("Cookie", f"session={SECRET}", "{secret:cookie}"),
        ("X-Registry-Auth", encoded({}), encoded({})),
        ("X-Registry-Auth", encoded({"username": "", "password": ""}), encoded({"username": "", "password": ""})),
        ("User-Agent", "docker-py/7.1.0", "docker-py/7.1.0"),
    ],
)
def test_headers_that_carry_secrets_are_replaced(name: str, value: str, kept: str) -> None:
    request = redacted(Request("POST", "/v1.41/images/create", (), ((name, value),)))
    assert request.headers == ((name, kept),)


def test_a_header_of_an_answer_is_replaced() -> None:
    response = Redactor().response(Response(200, headers=(("Set-Cookie", "id=1234567890"),)), Request("GET", "/"))
    assert response.headers == (("Set-Cookie", "{secret:cookie}"),)


def test_who_logs_in_is_kept_and_with_what_is_not() -> None:
    body = AUTH | {"identitytoken": "an-identity-token", "registrytoken": "a-registry-token", "auth": encoded(AUTH)}
    request = redacted(Request("POST", "/v1.41/auth", body=Json(body)))
    assert request.body == Json(
        {
            "username": "hannibal",
            "password": "{secret:password}",
            "serveraddress": "https://index.docker.io/v1/",
            "identitytoken": "{secret:identity-token}",
            "registrytoken": "{secret:registry-token}",
            "auth": "{secret:registry-auth}",
        }
    )


def test_an_empty_secret_stays_empty() -> None:
    body = Json({"username": "", "password": "", "Auth": None})
    assert redacted(Request("POST", "/auth", body=body)).body == body


def test_tokens_in_answers_are_replaced() -> None:
    assert answer({"Status": "Login Succeeded", "IdentityToken": "abcdefgh"}) == {
        "Status": "Login Succeeded",
        "IdentityToken": "{secret:identity-token}",
    }
    assert answer({"ID": "x", "JoinTokens": {"Worker": "SWMTKN-1-a-b", "Manager": "SWMTKN-1-c-d"}}) == {
        "ID": "x",
        "JoinTokens": {"Worker": "{secret:join-token}", "Manager": "{secret:join-token}"},
    }
    assert answer({"UnlockKey": "SWMKEY-1-abcdef"}) == {"UnlockKey": "{secret:unlock-key}"}


def test_build_arguments_with_secret_names_are_replaced() -> None:
    arguments = json.dumps({"VERSION": "1.2", "NPM_TOKEN": SECRET, "EMPTY_TOKEN": None})
    request = redacted(Request("POST", "/v1.41/build", (("t", "web"), ("buildargs", arguments))))
    assert request.query[0] == ("t", "web")
    assert json.loads(request.query[1][1]) == {"VERSION": "1.2", "NPM_TOKEN": "{secret:NPM_TOKEN}", "EMPTY_TOKEN": None}


def test_a_parameter_that_holds_no_secret_is_kept_as_it_was_written() -> None:
    query = (("filters", '{"label": ["a=b"]}'), ("buildargs", '{ "A": "b" }'), ("all", "1"))
    assert redacted(Request("GET", "/v1.41/containers/json", query)).query == query


def test_environment_variables_with_secret_names_are_replaced() -> None:
    body = Json({"Env": ["PATH=/bin", f"POSTGRES_PASSWORD={SECRET}", "API_KEY=a=b=c", "FLAG"], "Image": "postgres"})
    assert redacted(Request("POST", "/containers/create", body=body)).body == Json(
        {
            "Env": ["PATH=/bin", "POSTGRES_PASSWORD={secret:POSTGRES_PASSWORD}", "API_KEY={secret:API_KEY}", "FLAG"],
            "Image": "postgres",
        }
    )


def test_labels_and_options_with_secret_names_are_replaced() -> None:
    body = {"Labels": {"tier": "web", "api-key": SECRET}, "DriverOpts": {"o": "addr=nas", "password": "x"}}
    assert answer(body) == {
        "Labels": {"tier": "web", "api-key": "{secret:api-key}"},
        "DriverOpts": {"o": "addr=nas", "password": "{secret:password}"},
    }


def test_members_of_the_api_are_not_taken_for_secrets() -> None:
    body = {"Id": "a" * 64, "KeyID": "k", "SecretName": "db", "Secrets": [{"File": {"Name": "x"}}], "Tty": True}
    assert answer(body) == body


def test_the_content_of_a_secret_is_replaced() -> None:
    body = {"Name": "db", "Data": base64.b64encode(SECRET.encode()).decode()}
    request = redacted(Request("POST", "/v1.41/secrets/create", body=Json(body)))
    assert request.body == Json({"Name": "db", "Data": "{secret:secret-data}"})
    config = redacted(Request("POST", "/v1.41/configs/create", body=Json(body)))
    assert config.body == Json(body)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://user:hunter2222@example.com/x.git", "https://user:{secret:url-password}@example.com/x.git"),
        ("Step 2/3 : ENV DB_PASSWORD=hunter2222", "Step 2/3 : ENV DB_PASSWORD={secret:DB_PASSWORD}"),
        ("Step 2/3 : ENV DB_PASSWORD hunter2222", "Step 2/3 : ENV DB_PASSWORD {secret:DB_PASSWORD}"),
        ("|1 TOKEN=hunter2222 /bin/sh -c make", "|1 TOKEN={secret:TOKEN} /bin/sh -c make"),
        ('export A_SECRET="hunter2222"; ls', 'export A_SECRET="{secret:A_SECRET}"; ls'),
        ("join with SWMTKN-1-0abc-1def now", "join with {secret:join-token} now"),
        ('{"log": {"password": "hunter2222"', '{"log": {"password": "{secret:password}"'),
        ("PATH=/usr/bin", "PATH=/usr/bin"),
        ("PASSWORD=$PASSWORD", "PASSWORD=$PASSWORD"),
    ],
)
def test_what_looks_like_a_secret_in_any_text_is_replaced(text: str, kept: str) -> None:
    request = Request("POST", "/containers/x/attach")
    stream = Stream("raw", (Frame(0, Text(text)),))
    assert Redactor().response(Response(200, body=Text(text)), request).body == Text(kept)
    assert Redactor().response(Response(200, body=stream), request).body == Stream("raw", (Frame(0, Text(kept)),))
    assert answer({"CreatedBy": text}) == {"CreatedBy": kept}


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD", "POSTGRES_PASSWORD", "DBPASSWORD", "mysql.passwd", "CLIENT_SECRET", "GITHUB_TOKEN", "API_KEY"),
        *(
            "apiKey",
            "AWS_ACCESS_KEY_ID",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "NPM_CONFIG__AUTH",
            "MYSQL_PWD",
            "authToken",
        ),
    ],
)
def test_a_name_looks_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "PWD",
        "OLDPWD",
        "AUTHOR",
        "KEYBOARD",
        "MONKEY",
        "GPG_KEY",
        "SSH_AUTH_SOCK",
        "DB_PASSWORD_FILE",
        "HOME",
        "",
        "t",
    ],
)
def test_a_name_looks_harmless(name: str) -> None:
    assert not looks_secret(name)


# -- what was seen once ------------------------------------------------------------------


def test_a_secret_that_a_client_sent_is_hidden_in_what_comes_later() -> None:
    redactor = Redactor()
    redactor.request(Request("POST", "/images/create", (), (("X-Registry-Auth", encoded(AUTH)),)))
    for body in (
        Json({"message": f"unauthorized: {SECRET}", SECRET: [SECRET]}),
        Text(f"echo {SECRET}"),
        Bytes(b"\0" + SECRET.encode()),
        ndjson({"status": f"with {SECRET}"}, {"stream": SECRET}),
    ):
        response = redactor.response(Response(500, SECRET, (("X-Echo", SECRET),), body), Request("GET", "/x"))
        recorded = replace(exchange(1, "GET", f"/x/{SECRET}"), response=response)
        assert SECRET not in exchange_text(replace(recorded, request=redactor.request(recorded.request)))
        assert base64.b64encode(SECRET.encode())[:-4].decode() not in exchange_text(recorded)


def test_a_secret_split_over_frames_is_hidden_in_its_channel() -> None:
    redactor = Redactor()
    redactor.learn("password", SECRET)
    frames = (
        Frame(0.1, Text(f"it is {SECRET[:9]}"), channel="stdout"),
        Frame(0.2, Text("something else"), channel="stderr"),
        Frame(0.3, Text(f"{SECRET[9:]}."), channel="stdout"),
    )
    response = redactor.response(Response(200, body=Stream("multiplexed", frames)), Request("GET", "/x/logs"))
    assert response.body == Stream(
        "multiplexed",
        (
            Frame(0.1, Text("it is {secret:password}"), channel="stdout"),
            Frame(0.2, Text("something else"), channel="stderr"),
            Frame(0.3, Text("."), channel="stdout"),
        ),
    )


def test_a_secret_split_over_lines_of_build_output_is_hidden() -> None:
    redactor = Redactor()
    redactor.learn("password", SECRET)
    stream = ndjson({"stream": SECRET[:9]}, {"stream": f"{SECRET[9:]}\n"}, {"aux": {"ID": "sha256:1"}})
    response = redactor.response(Response(200, body=stream), Request("POST", "/build"))
    assert response.body == ndjson({"stream": "{secret:password}"}, {"stream": "\n"}, {"aux": {"ID": "sha256:1"}})


planted = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=10, max_size=24)
PLACES = ["header", "basic", "auth", "env", "buildargs", "label", "secret"]


def planting(place: str, secret: str) -> Request:
    match place:
        case "header":
            return Request("POST", "/x", (), (("X-Registry-Auth", encoded({"password": secret})),))
        case "basic":
            pair = base64.b64encode(f"user:{secret}".encode()).decode()
            return Request("GET", "/x", (), (("Authorization", f"Basic {pair}"),))
        case "auth":
            return Request("POST", "/auth", body=Json({"password": secret}))
        case "env":
            return Request("POST", "/containers/create", body=Json({"Env": [f"MY_TOKEN={secret}"]}))
        case "buildargs":
            return Request("POST", "/build", (("buildargs", json.dumps({"MY_TOKEN": secret})),))
        case "label":
            return Request("POST", "/volumes/create", body=Json({"Labels": {"my.secret": secret}}))
    return Request("POST", "/secrets/create", body=Json({"Data": secret}))


@given(st.sampled_from(PLACES), planted, st.lists(st.integers(1, 40), min_size=1, max_size=5), st.booleans())
def test_a_planted_secret_never_gets_through(place: str, secret: str, sizes: list[int], hijacked: bool) -> None:
    assume(secret not in "{secret:MY_TOKEN}")
    redactor = Redactor()
    request = redactor.request(planting(place, secret))
    output, frames = f"before {secret} after {secret}".encode(), []
    while output:
        size = sizes[len(frames) % len(sizes)]
        data, output = output[:size], output[size:]
        try:
            frames.append(Frame(len(frames), Text(data.decode()), channel="stdout"))
        except UnicodeDecodeError:
            frames.append(Frame(len(frames), Bytes(data), channel="stdout"))
    stream = Stream("hijack" if hijacked else "multiplexed", tuple(frames))
    response = redactor.response(Response(200, body=stream), request)
    assert isinstance(response.body, Stream)
    shown = b"".join(
        frame.content.text.encode() if isinstance(frame.content, Text) else frame.content.data
        for frame in response.body.frames
        if isinstance(frame.content, Text | Bytes)
    )
    assert secret.encode() not in shown
    kept = exchange_text(replace(exchange(1, "GET", "/"), request=request, response=response))
    assert secret not in kept
    assert json.dumps(secret)[1:-1] not in kept


# -- rules of a user ---------------------------------------------------------------------


def test_a_user_names_variables_headers_and_members() -> None:
    redactor = Redactor(["Domain", "X-Tenant"])
    body = Json({"Env": ["DOMAIN=corp.example"], "Domain": "corp.example", "Labels": {"domain": "corp.example"}})
    request = redactor.request(Request("POST", "/x", (), (("x-tenant", "acme"),), body))
    assert request.headers == (("x-tenant", "{secret:x-tenant}"),)
    assert "corp.example" not in str(request.body)


def test_a_user_gives_patterns_of_values() -> None:
    redactor = Redactor(["/sk-[a-z0-9]{8}/", "/ticket ([0-9]+)/"])
    request = redactor.request(Request("GET", "/x", body=Text("sk-abcd1234 and ticket 42")))
    assert request.body == Text("{secret:rule-1} and ticket {secret:rule-2}")


@pytest.mark.parametrize("rule", ["/(/", ""])
def test_a_rule_that_hides_nothing_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"regular expression|hides nothing"):
        Rules.of([rule])


# -- replaying ---------------------------------------------------------------------------


def test_two_clients_with_different_secrets_ask_the_same() -> None:
    for place in PLACES:
        assert Redactor().request(planting(place, "one-secret-value")) == Redactor().request(
            planting(place, "quite-another-one")
        )


def test_what_was_redacted_is_redacted_no_further() -> None:
    for place in PLACES:
        once = Redactor().request(planting(place, "one-secret-value"))
        assert Redactor().request(once) == once


def test_a_client_gets_its_own_secret_back() -> None:
    recorder, player = Redactor(), Redactor()
    recorder.request(planting("env", "recorded-value"))
    echo = Response(200, body=Json({"Config": {"Env": ["MY_TOKEN=recorded-value"]}}))
    recorded = recorder.response(echo, Request("GET", "/containers/x/json"))
    player.request(planting("env", "the-live-value"))
    assert player.reveal(recorded).body == Json({"Config": {"Env": ["MY_TOKEN=the-live-value"]}})


def test_it_is_counted_what_was_hidden() -> None:
    redactor = Redactor()
    redactor.request(planting("env", SECRET))
    redactor.response(Response(200, body=Text(f"{SECRET} {SECRET}")), Request("GET", "/"))
    redactor.response(Response(200, body=Empty()), Request("GET", "/"))
    assert redactor.counts == {"MY_TOKEN": 3}


def test_a_large_body_is_masked_while_it_comes() -> None:
    redactor = Redactor()
    redactor.learn("password", SECRET)
    stream = redactor.stream()
    data = b"".join([stream.feed(b"\0" + SECRET[:5].encode()), stream.feed(SECRET[5:].encode()), stream.finish()])
    assert data == b"\0" + b"*" * len(SECRET)
