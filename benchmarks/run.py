"""What the figures in docs/benchmarks.md come from: `make bench`, or `python benchmarks/run.py [NAME...]`.

Each measurement runs on the fake daemon and, in the same run, on the real one that $FAKEDOCKER_REAL_DOCKER names; what
counts is the ratio. Without a real daemon only the fake one's own figures are shown.
"""

from __future__ import annotations

import http.client
import io
import json
import socket
import statistics
import sys
import tarfile
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from daemons import Daemon, fake, real, recorded

CONTAINERS = 1000
FOLLOWERS = 1000
SHELLS = 1000
#: Seconds for which a daemon is watched.
WATCHED = 5.0
UPLOAD = 1 << 30
#: What is uploaded through a recorder, and how many exchanges a long session has.
RECORDED = 256 << 20
EXCHANGES = 10_000
ROUNDS = 20
MEGABYTE = 1 << 20


def request(connection: http.client.HTTPConnection, method: str, path: str, body: object = None) -> bytes:
    """Send one request and return the answer's body; anything but a success ends the benchmark."""
    data = body if isinstance(body, (bytes, Iterator)) else None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
    connection.request(method, path, data, headers, encode_chunked=isinstance(data, Iterator))
    response = connection.getresponse()
    answer = response.read()
    if response.status >= 300:
        raise SystemExit(f"{method} {path}: {response.status} {answer.decode()}")
    return answer


def archive(size: int) -> Iterator[bytes]:
    """Yield a tar with one file of `size` zero bytes, in pieces."""
    member = tarfile.TarInfo("big")
    member.size = size
    yield member.tobuf()
    piece = bytes(MEGABYTE)
    for _ in range(size // MEGABYTE):
        yield piece
    yield bytes(1024)


def small_image(daemon: Daemon, name: str) -> None:
    """Give the daemon an image with a single file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("bin/sh")
        member.mode = 0o755
        tar.addfile(member)
    connection = daemon.connection()
    request(connection, "POST", f"{daemon.prefix}/images/create?fromSrc=-&repo={name}", out.getvalue())


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of one call in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def listing(daemon: Daemon) -> dict[str, float]:
    """Create many containers and list them."""
    small_image(daemon, "bench")
    connection = daemon.connection()
    before = daemon.memory()
    made = []
    start = time.perf_counter()
    for _ in range(CONTAINERS):
        answer = request(connection, "POST", f"{daemon.prefix}/containers/create", {"Image": "bench", "Cmd": ["sh"]})
        made.append(json.loads(answer)["Id"])
    created = (time.perf_counter() - start) * 1000 / CONTAINERS
    grown = daemon.memory() - before
    figures = {
        "create one, ms": created,
        f"list {CONTAINERS}, ms": milliseconds(
            lambda: request(connection, "GET", f"{daemon.prefix}/containers/json?all=1")
        ),
        "inspect one, ms": milliseconds(
            lambda: request(connection, "GET", f"{daemon.prefix}/containers/{made[0]}/json"), 200
        ),
        "memory for one container, KB": grown / CONTAINERS / 1024,
    }
    for identity in made:
        request(connection, "DELETE", f"{daemon.prefix}/containers/{identity}")
    return figures


def followers(daemon: Daemon) -> dict[str, float]:
    """Let many clients follow one quiet container, then let it say something to all of them."""
    if daemon.name != "fakedocker":
        return {}  # the image has no program that a real daemon could run
    connection = daemon.connection()
    config = {"Image": "base", "Cmd": ["sh", "-c", "read line; echo $line"], "OpenStdin": True, "StdinOnce": True}
    identity = json.loads(request(connection, "POST", "/containers/create", config))["Id"]
    request(connection, "POST", f"/containers/{identity}/start")
    time.sleep(0.2)
    memory, threads = daemon.memory(), daemon.threads()
    clients = [attach(daemon, identity, "stdout=1") for _ in range(FOLLOWERS)]
    time.sleep(0.5)
    figures = {
        f"memory for one of {FOLLOWERS} followers, KB": (daemon.memory() - memory) / FOLLOWERS / 1024,
        f"threads for {FOLLOWERS} followers": daemon.threads() - threads,
    }
    speaker = attach(daemon, identity, "stdin=1")
    start = time.perf_counter()
    speaker.sendall(b"hello\n")
    for client in clients:
        while client.recv(65536):
            pass
    figures["a line reaches all and they end, ms"] = (time.perf_counter() - start) * 1000
    return figures


def attach(daemon: Daemon, identity: str, streams: str) -> socket.socket:
    """Attach to a container and return the connection behind the head of the answer."""
    sock = daemon.socket()
    sock.sendall(f"POST /containers/{identity}/attach?stream=1&{streams} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    return sock


def upload(daemon: Daemon) -> dict[str, float]:
    """Import an archive of a gigabyte that nobody holds in memory."""
    connection = daemon.connection()
    before, highest = daemon.memory(), 0

    def watched() -> Iterator[bytes]:
        nonlocal highest
        for number, piece in enumerate(archive(UPLOAD)):
            if number % 64 == 0:
                highest = max(highest, daemon.memory())
            yield piece

    start = time.perf_counter()
    request(connection, "POST", f"{daemon.prefix}/images/create?fromSrc=-&repo=big", watched())
    seconds = time.perf_counter() - start
    highest = max(highest, daemon.memory())
    if daemon.prefix:
        request(connection, "DELETE", f"{daemon.prefix}/images/big")
    return {"import 1 GB, s": seconds, "memory while importing, MB": (highest - before) / MEGABYTE}


def embedding(daemon: Daemon) -> dict[str, float]:
    """Start, reset and close a fake daemon inside this process, as a test session does."""
    if daemon.name != "fakedocker":
        return {}
    from fakedocker import FakeDocker

    FakeDocker().start().close()  # the app is built once per process
    made: list[FakeDocker] = []
    figures = {"start in a test session, ms": milliseconds(lambda: made.append(FakeDocker().start()))}
    inside = made.pop()
    figures["fresh state for a test, ms"] = milliseconds(inside.reset, 200)
    container = inside.engine.run("base", "sh", "-c", "read line", open_stdin=True)
    here = Daemon("inside", inside.url, 0, "")
    streams = [attach(here, container.id, "stdout=1") for _ in range(100)]
    start = time.perf_counter()
    inside.close()
    figures["close with 100 open streams, ms"] = (time.perf_counter() - start) * 1000
    for stream in streams:
        stream.close()
    for daemon_left in made:
        daemon_left.close()
    return figures


def recording(daemon: Daemon) -> dict[str, float]:
    """Ask directly and through a recorder, in turns: what it adds to a call, and to one on a connection of its own."""
    with recorded(daemon) as recorder:
        ways = {"direct": daemon, "recorded": recorder}
        kept = {way: one.connection() for way, one in ways.items()}
        times: dict[str, list[float]] = {}
        for _ in range(10 * ROUNDS):
            for way, one in ways.items():
                path = f"{daemon.prefix}/version"
                calls = {
                    "": lambda way=way, path=path: request(kept[way], "GET", path),
                    ", fresh connection": lambda one=one, path=path: request(one.connection(), "GET", path),
                }
                for what, call in calls.items():
                    start = time.perf_counter()
                    call()
                    times.setdefault(f"version {way}{what}, ms", []).append((time.perf_counter() - start) * 1000)
    figures = {what: statistics.median(these) for what, these in times.items()}
    for what in ("", ", fresh connection"):
        figures[f"added by the recorder{what}, ms"] = (
            figures[f"version recorded{what}, ms"] - figures[f"version direct{what}, ms"]
        )
    return figures


def recorded_upload(daemon: Daemon) -> dict[str, float]:
    """Import the archive directly and through a recorder, which keeps it beside its cassette."""

    def once(one: Daemon) -> float:
        start = time.perf_counter()
        request(one.connection(), "POST", f"{daemon.prefix}/images/create?fromSrc=-&repo=big", archive(RECORDED))
        seconds = time.perf_counter() - start
        if daemon.prefix:
            request(daemon.connection(), "DELETE", f"{daemon.prefix}/images/big")
        return seconds

    with recorded(daemon) as recorder:
        before = recorder.memory()
        direct, through = once(daemon), once(recorder)
        grown = recorder.memory() - before
    return {
        "import 256 MB, s": direct,
        "import 256 MB through the recorder, s": through,
        "times longer": through / direct,
        "memory of the recorder, MB": grown / MEGABYTE,
    }


def recorded_archives(daemon: Daemon) -> dict[str, float]:
    """Save and load an image of a gigabyte, directly and through a recorder, and watch the memory of that."""
    prefix = "/v1.41"
    highest = 0

    def save(one: Daemon, into: BinaryIO, watched: Daemon) -> float:
        nonlocal highest
        start = time.perf_counter()
        connection = one.connection()
        connection.request("GET", f"{prefix}/images/big/get")
        response = connection.getresponse()
        for number, piece in enumerate(iter(lambda: response.read(MEGABYTE), b"")):
            into.write(piece)
            if number % 64 == 0:
                highest = max(highest, watched.memory())
        connection.close()
        return time.perf_counter() - start

    def load(one: Daemon, source: BinaryIO, watched: Daemon) -> float:
        def pieces() -> Iterator[bytes]:
            nonlocal highest
            for number, piece in enumerate(iter(lambda: source.read(MEGABYTE), b"")):
                if number % 64 == 0:
                    highest = max(highest, watched.memory())
                yield piece

        source.seek(0)
        start = time.perf_counter()
        request(one.connection(), "POST", f"{prefix}/images/load", pieces())
        return time.perf_counter() - start

    request(daemon.connection(), "POST", f"{prefix}/images/create?fromSrc=-&repo=big&tag=latest", archive(UPLOAD))
    with recorded(daemon) as recorder, tempfile.TemporaryFile() as saved, tempfile.TemporaryFile() as again:
        before = recorder.memory()
        directly, through = save(daemon, saved, recorder), save(recorder, again, recorder)
        loaded, loaded_through = load(daemon, saved, recorder), load(recorder, saved, recorder)
    request(daemon.connection(), "DELETE", f"{prefix}/images/big")
    return {
        "save 1 GB, s": directly,
        "save 1 GB through the recorder, s": through,
        "times longer, save": through / directly,
        "load 1 GB, s": loaded,
        "load 1 GB through the recorder, s": loaded_through,
        "times longer, load": loaded_through / loaded,
        "memory of the recorder, MB": (highest - before) / MEGABYTE,
    }


def cassettes(daemon: Daemon) -> dict[str, float]:
    """Load a cassette of many exchanges, play it from one end to the other, and ask for one answer over a socket."""
    if daemon.name != "fakedocker":
        return {}
    from fakedocker import FakeDocker
    from fakedocker.cassettes.model import Exchange, Header, Json, Request, Response
    from fakedocker.cassettes.player import Player
    from fakedocker.cassettes.store import Writer, load

    def exchange(number: int) -> Exchange:
        body = {"Id": f"{number:064x}", "State": {"Status": "running", "Pid": number}, "Config": {"Env": ["A=b"]}}
        asked = Request("GET", f"/v1.41/containers/{number:064x}/json")
        return Exchange(number, 1, number, 0.5, asked, Response(200, "OK", (), Json(body)))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "session.yaml")
        start = time.perf_counter()
        with Writer(path, Header()) as writer:
            for number in range(1, EXCHANGES + 1):
                writer.append(exchange(number))
        figures = {"write an exchange, ms": (time.perf_counter() - start) * 1000 / EXCHANGES}
        tracemalloc.start()
        player = Player(load(path).cassette)
        figures["memory for an exchange, KB"] = tracemalloc.get_traced_memory()[0] / EXCHANGES / 1024
        tracemalloc.stop()
        start = time.perf_counter()
        player = Player(load(path).cassette)
        figures[f"load {EXCHANGES}, s"] = time.perf_counter() - start
        start = time.perf_counter()
        for one in player.exchanges:
            player.next(one.request)
        figures["find an answer, ms"] = (time.perf_counter() - start) * 1000 / EXCHANGES
        with FakeDocker(cassette=path) as replayed:
            connection = Daemon("replayed", replayed.url, 0, "").connection()
            numbers = iter(range(1, EXCHANGES))
            figures["a call replayed, ms"] = milliseconds(
                lambda: request(connection, "GET", f"/v1.41/containers/{next(numbers):064x}/json"), 10 * ROUNDS
            )
            connection.close()
    return figures


def shells(daemon: Daemon) -> dict[str, float]:
    """Let many shells loop with `sleep 1`, and see what share of a core the daemon takes."""
    if daemon.name != "fakedocker":
        return {}
    connection = daemon.connection()
    loop = "while :; do sleep 1; done"
    config = {"Image": "base", "Cmd": ["sh", "-c", f"for i in 1 2 3; do {loop} & done; {loop}"]}
    start = time.perf_counter()
    for _ in range(SHELLS // 4):  # the bridge has addresses for no more than 253 containers
        identity = json.loads(request(connection, "POST", "/containers/create", config))["Id"]
        request(connection, "POST", f"/containers/{identity}/start")
    started = (time.perf_counter() - start) * 1000 / (SHELLS // 4)
    time.sleep(1)
    before = daemon.seconds()
    time.sleep(WATCHED)
    share = (daemon.seconds() - before) / WATCHED
    return {
        "create and start one with four shells, ms": started,
        f"{SHELLS} shells that sleep, % of a core": 100 * share,
    }


def round_trip(daemon: Daemon) -> dict[str, float]:
    """Create, start, wait for and remove a container that does nothing."""
    image = daemon.image()
    if not image:
        return {}
    connection = daemon.connection()

    def work() -> None:
        answer = request(connection, "POST", f"{daemon.prefix}/containers/create", {"Image": image, "Cmd": ["true"]})
        place = f"{daemon.prefix}/containers/{json.loads(answer)['Id']}"
        request(connection, "POST", f"{place}/start")
        request(connection, "POST", f"{place}/wait")
        request(connection, "DELETE", place)

    work()
    return {"create, start, wait for and remove one, ms": milliseconds(work)}


def modern(daemon: Daemon) -> dict[str, float]:
    """Do the same by API 1.41, and as docker-py does it."""
    connection, prefix = daemon.connection(), "/v1.41"
    if daemon.name == "fakedocker":
        request(connection, "POST", f"{prefix}/images/create?fromImage=busybox&tag=latest")
    image = daemon.image() if daemon.prefix else "busybox"
    if not image:
        return {}

    def work() -> None:
        answer = request(connection, "POST", f"{prefix}/containers/create", {"Image": image, "Cmd": ["true"]})
        place = f"{prefix}/containers/{json.loads(answer)['Id']}"
        request(connection, "POST", f"{place}/start")
        request(connection, "POST", f"{place}/wait")
        request(connection, "DELETE", place)

    work()
    figures = {"the same by API 1.41, ms": milliseconds(work)}
    try:
        import docker
    except ImportError:
        return figures
    client = docker.DockerClient(base_url=daemon.host, version="1.41")
    client.containers.run(image, "true", remove=True)
    figures["docker-py: containers.run, ms"] = milliseconds(lambda: client.containers.run(image, "true", remove=True))
    client.close()
    return figures


BENCHMARKS = {
    "embedding": embedding,
    "listing": listing,
    "round": round_trip,
    "modern": modern,
    "shells": shells,
    "followers": followers,
    "upload": upload,
    "recording": recording,
    "recorded upload": recorded_upload,
    "recorded archives": recorded_archives,
    "cassettes": cassettes,
}


def main(names: list[str]) -> None:
    """Run the benchmarks and print a table."""
    rival = real()
    print(f"{'':42}{'fakedocker':>12}{'dockerd':>12}{'ratio':>10}")
    for name in names or BENCHMARKS:
        with fake() as daemon:
            ours = BENCHMARKS[name](daemon)
        theirs = BENCHMARKS[name](rival) if rival else {}
        for what, figure in ours.items():
            other = theirs.get(what)
            columns = f"{other:12.2f}{figure / other:10.3f}" if other else f"{'-':>12}{'-':>10}"
            print(f"{what:42}{figure:12.2f}{columns}")


if __name__ == "__main__":
    main(sys.argv[1:])
