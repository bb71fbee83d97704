"""Package managers that always succeed: apt-get, apk, yum, pip.

Nothing is downloaded. What is installed is noted where the real program notes it, so that it shows in a container's
changes, and the programs of this package that a package is known for are put in their places.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from typing import Final

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.command import Command, Section

section = Section()

#: The programs that a package brings along, where they are not those of its own name.
BRINGS: Final = {
    "bind-tools": ("nslookup",),
    "coreutils": (),
    "dnsutils": ("nslookup",),
    "iproute": ("ip",),
    "iproute2": ("ip",),
    "iputils": ("ping",),
    "iputils-ping": ("ping",),
    "net-tools": ("ifconfig", "netstat", "route"),
    "netcat": ("nc",),
    "netcat-openbsd": ("nc",),
    "netcat-traditional": ("nc",),
    "procps": ("ps", "top", "free", "uptime"),
}
OWN_NAME: Final = frozenset({"awk", "bash", "busybox", "curl", "diffutils", "gawk", "jq", "nc", "tree", "wget", "xxd"})
#: No program is ever read from it: enough to be no text.
BINARY: Final = b"\x7fELF\x02\x01\x01".ljust(64, b"\0")
VERSION: Final = "1.0"


def _install(process: Process, names: Iterable[str], note: str) -> None:
    """Put programs in their places, and a note for each package (a path with `{}` for its name). Raises OSError."""
    files = process.files
    for name in names:
        path = note.format(name.replace("/", "_"))
        files.mkdir(posixpath.dirname(path), parents=True)
        files.write(path, f"{name}\n".encode("utf-8", "surrogateescape"))
        for program in BRINGS.get(name, (name,) if name in OWN_NAME else ()):
            try:
                process.find(program)
            except OSError:
                files.mkdir("/usr/bin", parents=True)
                files.write(f"/usr/bin/{program}", BINARY, mode=0o755)


def _packages(words: list[str]) -> list[str]:
    """Return the names among the words, without versions (`curl=7.1`) and options."""
    names = [word.partition("=")[0] for word in words if not word.startswith("-")]
    return list(dict.fromkeys(name for name in names if name))


@section.program("apt-get", "apt", "aptitude", usage="[-qy] update|upgrade|install|remove|clean [PACKAGE]...")
def apt_get(command: Command) -> Program[int]:
    """Install packages of Debian and Ubuntu."""
    words = [word for word in command.words if not word.startswith("-")]
    quiet = any(word.startswith("-qq") for word in command.words)
    if not words:
        yield from command.print("apt 0.9.7.7ubuntu4 for amd64 compiled on Apr 12 2013 23:49:31\n")
        return 0
    verb, *rest = words
    names = _packages(rest)
    text = "Reading package lists...\nBuilding dependency tree...\nReading state information...\n"
    match verb:
        case "update":
            text = "Get:1 http://archive.ubuntu.com quantal Release.gpg [933 B]\n"
            text += "Get:2 http://archive.ubuntu.com quantal Release [49.6 kB]\n"
            text += "Get:3 http://archive.ubuntu.com quantal/main amd64 Packages [1565 kB]\n"
            text += "Fetched 1615 kB in 1s (1615 kB/s)\nReading package lists...\n"
        case "install":
            _install(command.process, names, "/var/lib/dpkg/info/{}.list")
            text += _installed(names)
        case "remove" | "purge" | "autoremove" | "upgrade" | "dist-upgrade" | "full-upgrade":
            text += "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n"
        case "clean" | "autoclean" | "check" | "build-dep" | "search" | "list" | "show":
            text = ""
        case _:
            yield from command.process.write(2, f"E: Invalid operation {verb}\n")
            return 100
    yield from command.print("" if quiet else text)
    return 0


def _installed(names: list[str]) -> str:
    size = 124 * len(names)
    text = f"The following NEW packages will be installed:\n  {' '.join(names)}\n" if names else ""
    text += f"0 upgraded, {len(names)} newly installed, 0 to remove and 0 not upgraded.\n"
    if names:
        text += f"Need to get {size} kB of archives.\n"
        text += f"After this operation, {2 * size} kB of additional disk space will be used.\n"
    for index, name in enumerate(names, 1):
        text += f"Get:{index} http://archive.ubuntu.com/ubuntu/ quantal/main {name} amd64 {VERSION} [124 kB]\n"
    text += f"Fetched {size} kB in 0s ({size} kB/s)\n" if names else ""
    for name in names:
        text += f"Selecting previously unselected package {name}.\n"
        text += f"Unpacking {name} (from .../{name}_{VERSION}_amd64.deb) ...\n"
    return text + "".join(f"Setting up {name} ({VERSION}) ...\n" for name in names)


@section.program("apk", usage="[-q] update|upgrade|add|del [PACKAGE]...")
def apk(command: Command) -> Program[int]:
    """Install packages of Alpine Linux."""
    words = [word for word in command.words if not word.startswith("-")]
    quiet = bool({"-q", "--quiet"} & {*command.words})
    if "-t" in command.words or "--virtual" in command.words:  # followed by the name of the set
        flag = "-t" if "-t" in command.words else "--virtual"
        following = command.words[command.words.index(flag) + 1 :]
        words.remove(following[0]) if following and following[0] in words else None
    verb, *rest = words or [""]
    names = _packages(rest)
    text = "fetch https://dl-cdn.alpinelinux.org/alpine/v3.16/main/x86_64/APKINDEX.tar.gz\n"
    text += "fetch https://dl-cdn.alpinelinux.org/alpine/v3.16/community/x86_64/APKINDEX.tar.gz\n"
    match verb:
        case "update":
            text += "OK: 17030 distinct packages available\n"
        case "add":
            _install(command.process, names, "/lib/apk/db/installed.d/{}")
            for index, name in enumerate(names, 1):
                text += f"({index}/{len(names)}) Installing {name} ({VERSION}-r0)\n"
            text += f"Executing busybox-1.35.0-r17.trigger\nOK: {6 + len(names)} MiB in {14 + len(names)} packages\n"
        case "del" | "upgrade" | "fix":
            text = "OK: 6 MiB in 14 packages\n"
        case "info" | "search" | "cache" | "version" | "list":
            text = ""
        case _:
            yield from command.print("apk-tools 2.12.9, compiled for x86_64.\n")
            return 1
    yield from command.print("" if quiet else text)
    return 0


@section.program("yum", "dnf", "microdnf", usage="[-qy] install|update|remove|clean [PACKAGE]...")
def yum(command: Command) -> Program[int]:
    """Install packages of Fedora and CentOS."""
    words = [word for word in command.words if not word.startswith("-")]
    quiet = bool({"-q", "--quiet"} & {*command.words})
    verb, *rest = words or [""]
    names = _packages(rest)
    text = "Loaded plugins: fastestmirror\nSetting up Install Process\n"
    match verb:
        case "install" | "localinstall" | "groupinstall":
            _install(command.process, names, "/var/lib/yum/yumdb/{}")
            text += "Resolving Dependencies\n--> Running transaction check\n"
            text += "".join(f"---> Package {name}.x86_64 0:{VERSION}-1 will be installed\n" for name in names)
            text += "--> Finished Dependency Resolution\n\nInstalled:\n"
            text += "".join(f"  {name}.x86_64 0:{VERSION}-1\n" for name in names) + "\nComplete!\n"
        case "update" | "upgrade" | "remove" | "erase" | "autoremove":
            text = "Loaded plugins: fastestmirror\nNo Packages marked for Update\n"
        case "clean" | "makecache" | "list" | "info" | "search" | "repolist":
            text = ""
        case _:
            yield from command.process.write(2, f"No such command: {verb}. Please use /usr/bin/yum --help\n")
            return 1
    yield from command.print("" if quiet else text)
    return 0


@section.program("pip", "pip3", usage="install|uninstall|list|freeze [-r FILE] [PACKAGE]...")
def pip(command: Command) -> Program[int]:
    """Install packages of Python."""
    words = command.words
    quiet = any(word in ("-q", "-qq", "--quiet") for word in words)
    if words[:1] in (["--version"], ["-V"]):
        yield from command.print("pip 22.3.1 from /usr/lib/python3/dist-packages/pip (python 3.11)\n")
        return 0
    while words and words[0].startswith("-"):
        del words[0]
    verb = words[0] if words else ""
    if verb != "install":
        if verb in ("", "uninstall", "list", "freeze", "check", "cache", "config", "show", "download", "wheel"):
            return 0
        yield from command.process.write(2, f'ERROR: unknown command "{verb}"\n')
        return 1
    specifiers: list[str] = []
    rest = words[1:]
    while rest:
        word = rest.pop(0)
        if word in ("-r", "--requirement") and rest:
            path = rest.pop(0)
            try:
                data = command.process.files.read(command.process.path(path)).read(0, 1 << 20)
            except OSError as error:
                reason = f"[Errno {error.errno}] {os.strerror(error.errno or 0)}: '{path}'"
                yield from command.process.write(2, f"ERROR: Could not open requirements file: {reason}\n")
                return 1
            lines = [line.partition("#")[0].strip() for line in data.decode("utf-8", "surrogateescape").splitlines()]
            specifiers += [line for line in lines if line and not line.startswith("-")]
        elif word in ("-i", "--index-url", "--extra-index-url", "-t", "--target", "-c", "--constraint") and rest:
            rest.pop(0)
        elif not word.startswith("-"):
            specifiers.append(word)
    if not specifiers and len(words) == 1:
        message = 'ERROR: You must give at least one requirement to install (see "pip help install")\n'
        yield from command.process.write(2, message)
        return 1
    versions = dict(_requirement(one) for one in specifiers if not one.startswith((".", "/")))
    _install(command.process, versions, "/usr/lib/python3/dist-packages/{}.dist-info")
    text = "".join(f"Collecting {one}\n" for one in specifiers)
    if versions:
        text += f"Installing collected packages: {', '.join(versions)}\n"
        text += f"Successfully installed {' '.join(f'{name}-{version}' for name, version in versions.items())}\n"
    yield from command.print("" if quiet else text)
    return 0


def _requirement(text: str) -> tuple[str, str]:
    """Return the name and the version that a requirement (`flask[async]>=2.0; python_version>"3"`) asks for."""
    text = text.partition(";")[0].replace(" ", "")
    end = min((at for at in map(text.find, "=<>!~[@") if at >= 0), default=len(text))
    version = text[end:].partition("]")[2] if text[end : end + 1] == "[" else text[end:]
    return text[:end], version.lstrip("=<>!~").partition(",")[0] or VERSION
