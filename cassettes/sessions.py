"""The sessions of this folder: each is a function that works with Docker's clients at a console.

The daemon needs the image `busybox` and no network; nothing of a session stays in it. Names that a client would invent
are invented: whoever does a session again invents others.
"""

from __future__ import annotations

import contextlib
import io
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from console import Console

#: Where a registry is, as the daemon sees it, that lets these two in; see .ci/dockerd.
REGISTRY = "127.0.0.1:5000"
USER, PASSWORD = "me", "correct-horse-battery"


# -- docker, of every version ---------------------------------------------------------------------------


def run(at: Console) -> None:
    """Run containers to their end: output on both channels, an exit code, one that is kept and looked at."""
    name = at.name("run")
    at.docker("version")
    at.docker("run", "--rm", "busybox", "echo", "hello")
    at.docker("run", "--name", name, "busybox", "sh", "-c", "echo out; sleep 0.1; echo err >&2; exit 3")
    at.docker("logs", name)
    at.docker("ps", "--all", "--filter", f"name={name}")
    at.docker("inspect", name)
    at.docker("rm", name)


def terminal(at: Console) -> None:
    """Type into a shell at a terminal."""
    at.type(
        *("run", "-it", "--rm", "--name", at.name("terminal"), "--hostname", "box", "busybox", "sh"),
        typed=[("/ # ", "echo typed $((6 * 7))\n"), ("42\r\n/ # ", "exit 4\n")],
    )


def piped(at: Console) -> None:
    """Give a container something on its standard input, whose end it has to see."""
    at.docker("run", "--rm", "-i", "busybox", "wc", "-l", given=b"one\ntwo\nthree\n")
    at.docker("run", "--rm", "-i", "busybox", "sh", "-c", "cat; echo done", given=b"\x00\xff binary \xc3\xa4\n" * 3)


def exec_in(at: Console) -> None:
    """Run more commands in a container that runs."""
    name = at.name("exec")
    at.docker("run", "-d", "--name", name, "busybox", "sleep", "1000")
    at.docker("exec", name, "sh", "-c", "echo out; echo err >&2; exit 5")
    at.docker("exec", "-i", name, "cat", given=b"piped\n")
    at.docker("exec", "-e", "GREETING=hi", "-w", "/tmp", "-u", "1:1", name, "sh", "-c", "echo $GREETING; pwd; id -u")
    at.docker("exec", "-d", name, "true")
    at.docker("exec", name, "nosuchcommand")
    at.docker("top", name)
    at.docker("rm", "-f", name)


def follow(at: Console) -> None:
    """Follow the log of a container that speaks now and then, to its end and not to its end."""
    name = at.name("follow")
    at.docker("run", "-d", "--name", name, "busybox", "sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.2; done")
    at.docker("logs", "--follow", "--timestamps", name)
    at.docker("start", name)
    with at.meanwhile("logs", "-f", "--tail", "1", name) as next_line:
        next_line()
    at.docker("wait", name)
    at.docker("rm", name)


def build(at: Console) -> None:
    """Build an image, once more from the cache, and fail to build one."""
    name = at.name("build")
    at.write("greeting", "hello\n")
    at.write(".dockerignore", "config\n")
    at.write("Dockerfile", "FROM busybox\nCOPY greeting /greeting\nRUN cat /greeting\nCMD cat /greeting\n")
    at.docker("build", "-t", name, ".")
    at.docker("build", "-t", f"{name}:again", ".")
    at.docker("run", "--rm", name)
    at.docker("history", name)
    at.write("Dockerfile", "FROM busybox\nRUN echo before; exit 7\n")
    at.docker("build", "--rm", "--force-rm", ".")
    at.write("Dockerfile", "FROM busybox\nNOSUCH instruction\n")
    at.docker("build", ".")
    at.docker("rmi", name, f"{name}:again")


def copy(at: Console) -> None:
    """Copy files into a container and out of it."""
    name = at.name("copy")
    at.write("tree/below/file", "content\n")
    at.docker("create", "--name", name, "busybox", "true")
    at.docker("cp", "tree", f"{name}:/tmp/tree")
    at.docker("cp", f"{name}:/tmp/tree/below", "back")
    at.says((at.folder / "back" / "file").read_text())
    at.docker("cp", f"{name}:/etc/passwd", "-")
    at.docker("cp", f"{name}:/no/such", "-")
    at.docker("cp", "tree", f"{name}:/no/such/place")
    at.docker("diff", name)
    at.docker("rm", name)


def save_and_load(at: Console) -> None:
    """Take a small image away as an archive and bring it back; import and export one."""
    name, imported = at.name("save"), at.name("import")
    at.write(".dockerignore", "config\n")
    at.write("Dockerfile", "FROM scratch\nCOPY Dockerfile /file\n")
    at.docker("build", "-t", name, ".")
    at.docker("save", "-o", "image.tar", name)
    at.docker("rmi", name)
    at.docker("load", "-i", "image.tar")
    at.docker("create", "--name", name, name, "/file")
    at.docker("export", "-o", "tree.tar", name)
    at.docker("import", "tree.tar", imported)
    at.docker("rm", name)
    at.docker("rmi", name, imported)


def events(at: Console) -> None:
    """Watch what happens while things happen, and look back at it."""
    name, renamed = at.name("events"), at.name("renamed")
    at.docker("create", "--name", name, "--label", "fd=1", "busybox", "sh", "-c", "exit 6")
    with at.meanwhile("events", "--filter", "label=fd=1", "--filter", "type=container") as next_line:
        time.sleep(0.3)  # there is no sign that it watches
        for words in (("start", "-a", name), ("rename", name, renamed), ("rm", renamed)):
            at.docker(*words)
        while " destroy " not in next_line():
            pass
    now = int(time.time())
    period = ("--since", str(now - 2), "--until", str(now))
    at.docker("events", *period, "--filter", "label=fd=1", "--format", "{{json .}}")


def networks_and_volumes(at: Console) -> None:
    """Make, look at, and remove a network and a volume."""
    network, volume = at.name("network"), at.name("volume")
    at.docker("network", "create", "--internal", "--subnet", "10.213.0.0/24", network)
    at.docker("run", "--rm", "--network", network, "--network-alias", "me", "busybox", "true")
    at.docker("network", "inspect", network)
    at.docker("network", "ls", "--filter", f"name={network}")
    at.docker("network", "rm", network)
    at.docker("volume", "create", "--label", "fd=1", volume)
    at.docker("run", "--rm", "-v", f"{volume}:/data", "busybox", "sh", "-c", "echo kept > /data/file")
    at.docker("run", "--rm", "-v", f"{volume}:/data:ro", "busybox", "cat", "/data/file")
    at.docker("volume", "inspect", volume)
    at.docker("volume", "rm", volume)


def errors(at: Console) -> None:
    """Be refused, in every way there is."""
    stopped, running = at.name("stopped"), at.name("running")
    at.docker("start", "nosuch")
    at.docker("inspect", "--type", "image", "nosuch")
    at.docker("run", "--rm", "nosuch.invalid/image:tag")
    at.docker("create", "--name", stopped, "busybox", "nosuchcommand")
    at.docker("create", "--name", stopped, "busybox", "true")
    at.docker("start", stopped)
    at.docker("kill", stopped)
    at.docker("stop", stopped)
    at.docker("exec", stopped, "true")
    at.docker("run", "-d", "--name", running, "busybox", "sleep", "1000")
    at.docker("rm", running)
    at.docker("kill", "--signal", "NOSUCH", running)
    at.docker("pause", stopped)
    at.docker("update", "--memory", "1k", running)
    at.docker("create", "--memory", "1k", "busybox")
    at.docker("tag", "busybox", "Upper")
    at.docker("network", "rm", "bridge")
    at.docker("rmi", "busybox")
    at.docker("rm", "-f", running, stopped)


def secrets(at: Console) -> None:
    """Say secrets, none of which may be on the cassette: a login, build arguments, variables, and their echoes."""
    name = at.name("secrets")
    at.docker("login", "-u", USER, "--password-stdin", "nosuch.invalid", given=PASSWORD.encode())
    at.docker("run", "--rm", "-e", "DB_PASSWORD=hunter2-hunter2", "busybox", "sh", "-c", "echo it is $DB_PASSWORD")
    at.write(".dockerignore", "config\n")
    at.write("Dockerfile", "FROM busybox\nARG API_TOKEN\nRUN echo using $API_TOKEN\n")
    at.docker("build", "--build-arg", "API_TOKEN=tok-0123456789abcdef", "-t", name, ".")
    at.docker("rmi", name)


#: What must be on no cassette.
SAID_IN_SECRETS = (PASSWORD, "hunter2-hunter2", "tok-0123456789abcdef")


def registry(at: Console) -> None:
    """Push an image to a registry that wants to know who is there, and pull it."""
    image = f"{REGISTRY}/{at.name('image')}"
    at.write("Dockerfile", "FROM scratch\nCOPY Dockerfile /file\n")
    at.write(".dockerignore", "config\n")
    at.docker("build", "-t", image, ".")
    at.docker("push", image)
    at.docker("login", "-u", USER, "--password-stdin", REGISTRY, given=b"not-the-password")
    at.docker("login", "-u", USER, "--password-stdin", REGISTRY, given=PASSWORD.encode())
    at.docker("push", image)
    at.docker("push", image)
    at.docker("rmi", image)
    at.docker("pull", image)
    at.docker("pull", image)
    at.docker("pull", f"{image}:nosuch")
    at.docker("logout", REGISTRY)
    at.docker("pull", image)
    at.docker("rmi", image)


# -- other clients ------------------------------------------------------------------------------------

COMPOSE_FILE = """\
version: "3.8"
services:
  db:
    image: busybox
    command: sh -c "echo db is up; sleep 1000"
    volumes: ["data:/data"]
  web:
    image: busybox
    command: sh -c "echo web is up; sleep 1000"
    environment: {GREETING: hello}
    depends_on: [db]
    ports: ["127.0.0.1::80"]
volumes:
  data: {}
"""


def compose_of_python(at: Console) -> None:
    """Bring a project up with docker-compose 1, look at it, run something once, and take it down."""
    project = ("--ansi", "never", "-p", f"shop{at.suffix}")
    at.write("docker-compose.yml", COMPOSE_FILE)
    at.compose(*project, "up", "-d")
    at.compose(*project, "ps")
    at.compose(*project, "logs", "web")
    at.compose(*project, "run", "--rm", "--no-deps", "-T", "web", "sh", "-c", "echo $GREETING; exit 3")
    at.compose(*project, "down", "--volumes", "--timeout", "0")


def compose(at: Console) -> None:
    """Bring a project up with `docker compose`, look at it, and take it down."""
    project = ("compose", "--ansi", "never", "--progress", "plain", "-p", f"shop{at.suffix}")
    at.write("compose.yaml", COMPOSE_FILE.partition("\n")[2])  # without its version, which is out of use
    at.docker(*project, "up", "-d")
    at.docker(*project, "ps")
    at.docker(*project, "logs", "web")
    at.docker(*project, "exec", "-T", "web", "sh", "-c", "echo $GREETING; exit 3")
    at.docker(*project, "down", "--volumes", "--timeout", "0")


def buildkit(at: Console) -> None:
    """Build an image with BuildKit, which talks gRPC over connections that it takes over."""
    name = at.name("buildkit")
    at.write("greeting", "hello\n")
    at.write(".dockerignore", "config\n")
    at.write("Dockerfile", "FROM busybox\nCOPY greeting /greeting\nRUN cat /greeting\n")
    at.docker("buildx", "build", "--progress", "plain", "--provenance", "false", "-t", name, ".")
    at.docker("rmi", name)


def docker_py(at: Console) -> None:
    """Do a day's work with docker-py."""
    import docker
    from docker.errors import APIError, ContainerError

    with contextlib.closing(docker.DockerClient(base_url=at.host)) as client:

        def refused(work: Callable[[], object]) -> None:
            try:
                work()
            except (APIError, ContainerError) as error:
                at.says(f"{type(error).__name__}: {error.explanation if isinstance(error, APIError) else error}")

        def says(value: Any) -> None:
            at.says(repr(value))

        name, volume, network = at.name("py"), at.name("pyvol"), at.name("pynet")
        says(client.ping())
        says(client.version()["ApiVersion"])
        says(client.containers.run("busybox", ["echo", "hello"], remove=True))
        refused(lambda: client.containers.run("busybox", ["sh", "-c", "echo bad >&2; exit 3"], remove=True))
        refused(lambda: client.containers.run("nosuch.invalid/image", "true"))
        client.volumes.create(volume, labels={"fd": "py"})
        client.networks.create(network, driver="bridge", internal=True)
        container = client.containers.run(
            "busybox",
            ["sh", "-c", "echo one; sleep 0.2; echo two; sleep 1000"],
            name=name,
            detach=True,
            environment={"GREETING": "hello"},
            labels={"fd": "py"},
            volumes={volume: {"bind": "/data", "mode": "rw"}},
            network=network,
        )
        for _, line in zip(range(2), container.logs(stream=True, follow=True), strict=False):
            says(line)
        container.reload()
        says((container.status, container.name == name, container.labels))
        says([one.name == name for one in client.containers.list(filters={"label": "fd=py"})])
        says(container.exec_run(["sh", "-c", "echo $GREETING; echo err >&2; exit 4"], demux=True))
        says([row[-1] for row in container.top()["Processes"]])
        says(container.put_archive("/data", _archive("file", b"content\n")))
        bits, stat = container.get_archive("/data/file")
        says((stat["name"], stat["size"], b"content" in b"".join(bits)))
        says(container.diff())
        container.pause()
        refused(container.pause)
        container.unpause()
        container.kill("SIGKILL")
        says(container.wait()["StatusCode"])
        says(container.logs())
        image = container.commit(name, "committed", changes='CMD ["echo", "committed"]')
        says(client.containers.run(image.tags[0], remove=True))
        says(len(image.history()) > 1)
        container.remove()
        refused(lambda: client.containers.get(name))
        client.images.remove(image.tags[0])
        refused(lambda: client.images.get(f"{name}:committed"))
        says([one.name == volume for one in client.volumes.list(filters={"label": "fd=py"})])
        client.volumes.get(volume).remove()
        client.networks.get(network).remove()
        refused(lambda: client.networks.get(network))


def _archive(name: str, content: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


# -- all of them ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Session:
    """A session: what is done, with what, and with which daemon it was recorded.

    `client`: `docker`, `docker-compose`, `docker compose`, `docker buildx` or `docker-py`. `is_opaque`: whether the
    client speaks a protocol of its own through the daemon, in which no two sessions are the same.
    """

    work: Callable[[Console], None]
    daemon: str = "20.10"
    client: str = "docker"
    is_opaque: bool = False


SESSIONS = {
    "run": Session(run),
    "terminal": Session(terminal),
    "piped": Session(piped),
    "exec": Session(exec_in),
    "follow": Session(follow),
    "build": Session(build),
    "copy": Session(copy),
    "save": Session(save_and_load),
    "events": Session(events),
    "networks": Session(networks_and_volumes),
    "errors": Session(errors),
    "secrets": Session(secrets),
    "registry": Session(registry),
    "compose-1": Session(compose_of_python, client="docker-compose"),
    "docker-py": Session(docker_py, client="docker-py"),
    "run-26": Session(run, "26"),
    "exec-26": Session(exec_in, "26"),
    "copy-26": Session(copy, "26"),
    "events-26": Session(events, "26"),
    "networks-26": Session(networks_and_volumes, "26"),
    "errors-26": Session(errors, "26"),
    "docker-py-26": Session(docker_py, "26", "docker-py"),
    "compose-2-26": Session(compose, "26", "docker compose"),
    "buildkit-26": Session(buildkit, "26", "docker buildx", is_opaque=True),
}


def sessions_of(daemon: str) -> Iterator[str]:
    """Yield the names of those that are recorded with a daemon of this version."""
    for name, session in SESSIONS.items():
        if daemon.startswith(f"{session.daemon}."):
            yield name
