"""wget, curl and httpd: HTTP between containers, and from the world outside."""

from __future__ import annotations

import pytest

from fakedocker.engine.containers.containers import Container
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process

SITE = """
mkdir -p /www/sub /www/empty
echo hello > /www/index.html
echo text > /www/a.txt
echo sub > /www/sub/index.html
seq 100000 > /www/big.bin
touch -d @1371042000 /www/a.txt 2>/dev/null
exec httpd -f -p 8000 -h /www
"""


@pytest.fixture
def web(lan) -> Container:
    """Return a container named web that serves a small site on port 8000."""
    server = lan.start(SITE, hostname="web")
    lan.advance(1)
    assert server.running, lan.err(server)
    return server


# -- wget ----------------------------------------------------------------------------------


def test_wget_saves_a_file_of_another_container(lan, web: Container) -> None:
    result = lan.run("wget http://web:8000/; cat index.html", working_dir="/tmp")
    assert result.out == "hello\n"
    assert result.err == (
        f"Connecting to web:8000 ({web.network.address}:8000)\n"
        "saving to 'index.html'\n"
        "index.html           100% |********************************|     6  0:00:00 ETA\n"
        "'index.html' saved\n"
    )


def test_wget_does_not_overwrite_unless_told_the_name(lan, web: Container) -> None:
    result = lan.run(
        "touch a.txt; wget -q http://web:8000/a.txt; echo $?; wget -q -O a.txt http://web:8000/a.txt; cat a.txt"
    )
    assert (result.out, result.err) == ("1\ntext\n", "wget: can't open 'a.txt': File exists\n")


def test_wget_writes_to_the_standard_output(lan, web: Container) -> None:
    result = lan.run("wget -O - web:8000/a.txt")
    assert result.out == "text\n"
    assert result.err == (
        f"Connecting to web:8000 ({web.network.address}:8000)\n"
        "writing to stdout\n"
        "-                    100% |********************************|     5  0:00:00 ETA\n"
        "written to stdout\n"
    )


def test_wget_shows_the_servers_answer_and_follows_it(lan, web: Container) -> None:
    result = lan.run("wget -q -S -O - http://web:8000/sub")
    assert result.out == "sub\n"
    lines = result.err.splitlines()
    assert lines[0] == "  HTTP/1.1 302 Found"
    assert "  Location: /sub/" in lines
    assert lines[lines.index("  Location: /sub/") + 1] == "  HTTP/1.1 200 OK"
    assert lines[-2:] == ["  Content-Length: 4", "  "]


def test_what_is_big_arrives_whole(lan, web: Container) -> None:
    assert lan.run("wget -q -O - http://web:8000/big.bin | md5sum; seq 100000 | md5sum").out.count("\n") == 2
    sums = lan.run("wget -q -O - http://web:8000/big.bin | md5sum; seq 100000 | md5sum").out.splitlines()
    assert sums[0] == sums[1]


@pytest.mark.parametrize(
    ("call", "code", "error"),
    [
        ("wget -q http://web:8000/nosuch", 1, "wget: server returned error: HTTP/1.1 404 Not Found"),
        ("wget -q --spider http://web:8000/a.txt", 0, ""),
        ("wget -q --spider http://web:8000/nosuch", 1, "wget: server returned error: HTTP/1.1 404 Not Found"),
        (
            "wget -q --post-data a=b http://web:8000/a.txt",
            1,
            "wget: server returned error: HTTP/1.1 501 Not Implemented",
        ),
        ("wget -q http://127.0.0.1:1/", 1, "wget: can't connect to remote host (127.0.0.1): Connection refused"),
        ("wget -q http://nobody/", 1, "wget: bad address 'nobody'"),
        ("wget -q http://web:99999/", 1, "wget: bad port '99999'"),
        ("wget -q http://web:abc/", 1, "wget: bad port 'abc'"),
        ("wget -q foo://x/", 1, "wget: not an http or ftp url: foo://x/"),
        ("wget -q -T 2 http://10.0.0.1/", 1, "wget: download timed out"),
        ("wget -q -P /nosuch http://web:8000/a.txt", 1, "wget: can't open '/nosuch/a.txt': No such file or directory"),
    ],
)
def test_wget_fails_as_busybox_does(lan, web: Container, call: str, code: int, error: str) -> None:
    result = lan.run(call)
    assert (result.code, result.err) == (code, error + "\n" if error else "")


def test_wget_says_that_a_file_exists(lan, web: Container) -> None:
    result = lan.run("wget --spider http://web:8000/a.txt")
    assert result.err == f"Connecting to web:8000 ({web.network.address}:8000)\nremote file exists\n"


def test_a_server_that_says_nothing_is_given_up(lan) -> None:
    lan.start("sleep 999 | nc -l -p 80", hostname="mute")
    result = lan.run("wget -q -T 5 http://mute/", seconds=6)
    assert (result.code, result.err) == (1, "wget: download timed out\n")


def test_an_answer_that_is_cut_off_is_an_error(lan) -> None:
    lan.start(r"printf 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf' | nc -l -p 80", hostname="cut")
    result = lan.run("wget -q -O - http://cut/")
    assert (result.code, result.out, result.err) == (1, "half", "wget: connection closed prematurely\n")


@pytest.mark.parametrize(
    "answer", ["garbage", r"HTTP/1.1 200", r"\n\n\n\n", r"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nzz\n"]
)
@pytest.mark.parametrize("call", ["wget -q -O -", "curl -s"])
def test_an_answer_that_is_no_http_is_an_error(lan, call: str, answer: str) -> None:
    lan.start(f"printf '{answer}' | nc -l -p 80", hostname="odd")
    assert lan.run(f"{call} http://odd/").code != 0


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://[x/", "wget: bad address '[x'"),
        ("foo://x", "wget: not an http or ftp url: foo://x"),
        ("http://nobody/", "wget: bad address 'nobody'"),
        ("http://x:y/", "wget: bad port 'y'"),
    ],
)
def test_a_redirection_to_nowhere_is_an_error(lan, location: str, error: str) -> None:
    lan.start(f"printf 'HTTP/1.1 302 Found\\r\\nLocation: {location}\\r\\n\\r\\n' | nc -l -p 80", hostname="odd")
    result = lan.run("wget -q http://odd/")
    assert (result.code, result.err) == (1, error + "\n")


def test_redirections_without_end_are_given_up(lan) -> None:
    def back_and_forth(process: Process) -> Program[int]:
        listening = yield from process.listen(80)
        while True:
            connection = yield from process.accept(listening)
            yield from process.read(connection)
            yield from process.write(connection, "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")
            process.detach(connection)

    lan.engine.programs.register("loop", back_and_forth)
    lan.start("loop", hostname="loop")
    assert lan.run("wget -q http://loop/; curl -sSL http://loop/").err == (
        "wget: too many redirections\ncurl: (47) Maximum (50) redirects followed\n"
    )


def test_an_answer_in_chunks_is_put_together(lan) -> None:
    answer = r"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    lan.start(f"printf '{answer}' | nc -l -p 80", hostname="chunky")
    assert lan.run("wget -q -O - http://chunky/").out == "abcde"


# -- the world outside -----------------------------------------------------------------------


def test_files_of_the_world_outside_are_fetched(lan) -> None:
    result = lan.run("wget http://files.example/hello.txt -O x; cat x; curl -s https://files.example:8443/secret")
    assert result.out == "hello from afar\nsecret\n"
    assert result.err.startswith("Connecting to files.example (198.18.0.1:80)\nsaving to 'x'\n")


def test_what_the_world_outside_has_not_is_not_found(lan) -> None:
    result = lan.run("wget -q http://files.example/gone; curl -s -o /dev/null -w '%{http_code}' http://files.example/x")
    assert (result.out, result.err) == ("404", "wget: server returned error: HTTP/1.1 404 Not Found\n")


def test_a_host_outside_serves_its_own_ports_only(lan) -> None:
    assert "Connection refused" in lan.run("wget http://files.example:81/").err


# -- curl ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "code", "out", "err"),
    [
        ("curl -s web:8000/a.txt", 0, "text\n", ""),
        ("curl -sS http://nobody/", 6, "", "curl: (6) Could not resolve host: nobody\n"),
        ("curl -s http://nobody/", 6, "", ""),
        (
            "curl -sS http://127.0.0.1:1/",
            7,
            "",
            "curl: (7) Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server\n",
        ),
        ("curl -sSf http://web:8000/nosuch", 22, "", "curl: (22) The requested URL returned error: 404\n"),
        ("curl -sS http://web:abc/", 3, "", "curl: (3) URL using bad/illegal format or missing URL\n"),
        ("curl -sS foo://x", 1, "", 'curl: (1) Protocol "foo" not supported or disabled in libcurl\n'),
        ("curl -sS -m 2 http://10.0.0.1/", 28, "", "curl: (28) Connection timed out after 2000 milliseconds\n"),
        ("curl", 2, "", "curl: try 'curl --help' or 'curl --manual' for more information\n"),
        (
            "curl --fooo x",
            2,
            "",
            "curl: option --fooo: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
        ),
        (r"curl -s -o /dev/null -w '%{http_code} %{num_redirects}\n' http://web:8000/sub", 0, "302 0\n", ""),
        (
            r"curl -sL -w '%{num_redirects} %{size_download} %{content_type} %{url_effective}\n' http://web:8000/sub",
            0,
            "sub\n1 4 text/html http://web:8000/sub/\n",
            "",
        ),
        ("curl -s -O http://web:8000/a.txt; cat a.txt", 0, "text\n", ""),
        (
            "curl -sSO http://web:8000/; echo $?",
            0,
            "23\n",
            "curl: (23) Failed writing received data to disk/application\n",
        ),
        (
            "curl -sS -o /nosuch/x web:8000/a.txt",
            23,
            "",
            "curl: (23) Failed to open the file /nosuch/x: No such file or directory\n",
        ),
    ],
)
def test_curl(lan, web: Container, call: str, code: int, out: str, err: str) -> None:
    result = lan.run(call, working_dir="/tmp")
    assert (result.code, result.out, result.err) == (code, out, err)


def test_curl_shows_heads(lan, web: Container) -> None:
    lines = lan.run("curl -sI http://web:8000/a.txt").out.split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert "Content-Length: 5" in lines
    assert lines[-2:] == ["", ""]


def test_curl_sends_what_it_is_given(lan) -> None:
    server = lan.start("{ sleep 1; printf 'HTTP/1.0 200 OK\\r\\n\\r\\nthanks'; } | nc -l -p 80", hostname="api")
    result = lan.run("curl -s -X PUT -d a=1 -d b=2 -H 'X-Key: v' -H 'Accept:' -u me:pw http://api/things?q=1")
    assert result.out == "thanks"
    assert lan.out(server) == (
        "PUT /things?q=1 HTTP/1.1\r\nHost: api\r\nAuthorization: Basic bWU6cHc=\r\nUser-Agent: curl/7.88.1\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nX-Key: v\r\nConnection: close\r\n"
        "Content-Length: 7\r\n\r\na=1&b=2"
    )


def test_curl_shows_its_meter_unless_silent(lan, web: Container) -> None:
    assert lan.run("curl http://web:8000/a.txt").err.startswith("  % Total    % Received % Xferd")


# -- httpd -----------------------------------------------------------------------------------


def ask(lan, web: Container, request: str) -> str:
    return lan.run(f"printf '{request}' | nc web 8000").out


def test_httpd_answers_with_headers(lan, web: Container) -> None:
    assert ask(lan, web, r"GET /sub/index.html HTTP/1.0\r\n\r\n").startswith(
        "HTTP/1.1 200 OK\r\nDate: Wed, 12 Jun 2013"
    )


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /", "200 OK"),
        ("GET /%61.txt?x=y", "200 OK"),
        ("GET /nosuch", "404 Not Found"),
        ("GET /empty/", "404 Not Found"),
        ("GET /sub", "302 Found"),
        ("FOO /", "501 Not Implemented"),
        ("GET nosuch", "400 Bad Request"),
        ("GET /../etc/passwd", "400 Bad Request"),
        ("GET /%2e%2e/etc/passwd", "400 Bad Request"),
        ("GET /%00", "404 Not Found"),
        ("GET", "400 Bad Request"),
    ],
)
def test_httpd_knows_what_to_refuse(lan, web: Container, request_line: str, status: str) -> None:
    answer = ask(lan, web, request_line.replace("%", "%%") + r" HTTP/1.0\r\n\r\n")
    assert answer.split("\r\n")[0] == f"HTTP/1.1 {status}"


def test_httpd_serves_many_one_after_the_other_and_at_once(lan, web: Container) -> None:
    script = "for i in $(seq 30); do wget -q -O - http://web:8000/a.txt & done; wait"
    assert lan.run(script).out == "text\n" * 30
    assert lan.run("for i in $(seq 30); do wget -q -O - http://web:8000/a.txt; done").out == "text\n" * 30
    assert web.run is not None
    assert len([*web.run.processes]) == 1


def test_httpd_gives_up_on_who_asks_nothing(lan, web: Container) -> None:
    client = lan.start("sleep 999 | nc web 8000", open_stdin=True)
    lan.advance(61)
    assert lan.out(client).startswith("HTTP/1.1 408 Request Timeout\r\n")


def test_httpd_without_f_goes_to_the_background(lan) -> None:
    result = lan.run("echo hi > /tmp/x; httpd -p 80 -h /tmp; echo $?; wget -q -O - http://localhost/x")
    assert result.out == "0\nhi\n"


def test_httpd_tells_whom_it_answered(lan) -> None:
    server = lan.start("exec httpd -f -vv -p 80 -h /etc", hostname="www")
    client = lan.start("sleep 1; wget -q -O - http://www/nosuch; sleep 9")
    address = client.network.address
    lan.advance(2)
    assert lan.err(server) == f"{address}:32768: url:/nosuch\n{address}:32768: response:404\n"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("httpd -f -p abc", "httpd: bad address 'abc'"),
        ("httpd -f -h /nosuch", "httpd: can't change directory to '/nosuch': No such file or directory"),
        ("nc -l -p 80 & sleep 1; httpd -f", "httpd: bind: Address already in use"),
    ],
)
def test_httpd_says_why_it_does_not_start(lan, call: str, error: str) -> None:
    result = lan.run(call)
    assert (result.code, result.err) == (1, error + "\n")
