import socket

import pytest

from fakedocker.programs.conversations import Reply, http


@pytest.mark.fakedocker(publish=True)
def test_a_counter_counts_lines(fakedocker):
    @fakedocker.service(7000, image="base")
    def counter(process):
        count = 0
        while data := (yield from process.read(0)):
            count += data.count(b"\n")
            yield from process.write(1, f"{count} lines\n")
        return 0

    engine = fakedocker.engine
    engine.run("base", "sleep", "1000", name="counter", port_specs=["7000"])
    with socket.create_connection(("127.0.0.1", engine.ports("counter")[7000]), timeout=10) as client:
        client.sendall(b"one\ntwo\n")
        assert client.recv(100) == b"2 lines\n"


def test_a_health_check_inside_needs_no_published_port(fakedocker):
    fakedocker.service(80, label="role=web")(http({"/health": Reply(body="ok\n")}))

    fakedocker.engine.run("base", "sleep", "1000", name="web", labels={"role": "web"})
    assert fakedocker.engine.exec("web", "wget", "-qO-", "http://127.0.0.1/health") == (0, b"ok\n")
