"""What the kernel would show under /proc and /sys: trees made up while somebody looks.

Rules of this room: nothing here can be written, none of it is part of a container's layer (it never shows in `changes`,
a commit or an export), and what a container sees of itself is true: its processes, its memory limit, its mounts. What
it sees of the machine is the same for everybody: one processor, 2 GiB, a kernel of 2013.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Entry, Inode, Kind, Layer, Stack, by_bytes, child_path
from fakedocker.engine.processes.processes import Process, ProcessTable

KERNEL_RELEASE: Final = "3.8.0-19-generic"
KERNEL_VERSION: Final = "#29-Ubuntu SMP Wed Apr 17 18:16:28 UTC 2013"
#: The machine's memory in KiB: all of it, and what nobody uses.
MEMORY_TOTAL, MEMORY_FREE, MEMORY_BUFFERS, MEMORY_CACHED = 2097152, 1572864, 65536, 262144
#: What a cgroup without a limit says (LONG_MAX).
NO_LIMIT = (1 << 63) - 1
#: Every process is said to have so much memory (KiB): all of it, and what is in use.
PROCESS_SIZE, PROCESS_RESIDENT = 3172, 480
#: Clock ticks a second, as /proc/PID/stat counts (USER_HZ).
TICKS = 100


@dataclass(frozen=True, slots=True)
class File:
    """A file whose text is made when somebody looks."""

    text: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True, slots=True)
class Device:
    """An open descriptor: it is there, but what it is has to be asked of the process."""


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory whose names are made up when somebody looks."""

    nodes: Callable[[], Mapping[str, Node]]


Node = File | Link | Device | Directory


class _Place(Entry):
    """An entry of a tree without layers."""

    __slots__ = ("_node", "_now")

    def __init__(self, path: str, node: Node, now: Callable[[], float]) -> None:
        super().__init__(path, _inode(node, now()))
        self._node = node
        self._now = now

    def child(self, name: str) -> Entry | None:
        node = self._nodes().get(name)
        return None if node is None else _Place(child_path(self.path, name), node, self._now)

    def names(self) -> list[str]:
        return sorted(self._nodes(), key=by_bytes)

    def _nodes(self) -> Mapping[str, Node]:
        return self._node.nodes() if isinstance(self._node, Directory) else {}


class _Tree(Stack):
    """A stack of no layers, all of whose entries are made up."""

    def __init__(self, root: Directory, now: Callable[[], float]) -> None:
        super().__init__([], Layer())
        self._made_up_root = root
        self._now = now

    def root(self) -> Entry:
        return _Place("/", self._made_up_root, self._now)


def _inode(node: Node, now: float) -> Inode:
    match node:
        case File():
            content = Content.of(node.text().encode("utf-8", "surrogateescape"))
            return Inode(Kind.FILE, 0o444, mtime=now, content=content)
        case Link():
            return Inode(Kind.SYMLINK, 0o777, mtime=now, target=node.target)
        case Device():
            return Inode(Kind.CHARACTER, 0o600, mtime=now, device=(136, 0))
        case Directory():
            return Inode(Kind.DIRECTORY, 0o555, mtime=now)


def mount_kernel_files(table: ProcessTable, memory: int) -> None:
    """Mount /proc and /sys in a container that has places for them; `memory` is its limit in bytes (0: none)."""
    for path, root in (("/proc", _proc(table)), ("/sys", _sys(table, memory))):
        if table.files.is_directory(path) and path not in table.files.mounts:
            tree = Files.of(_Tree(root, table.clock.now), table.clock.now, read_only=True)
            table.files.mount(path, tree, read_only=True)


# -- /proc ---------------------------------------------------------------------------


def _proc(table: ProcessTable) -> Directory:
    fixed: dict[str, Node] = {
        "cmdline": File(lambda: f"BOOT_IMAGE=/boot/vmlinuz-{KERNEL_RELEASE} ro quiet\n"),
        "cpuinfo": File(lambda: CPUINFO),
        "filesystems": File(lambda: "nodev\tsysfs\nnodev\trootfs\nnodev\tproc\nnodev\ttmpfs\n\text4\nnodev\taufs\n"),
        "loadavg": File(lambda: f"0.00 0.00 0.00 1/{len([*table])} {max([1, *(one.pid for one in table)])}\n"),
        "meminfo": File(lambda: MEMINFO),
        "mounts": Link("self/mounts"),
        "stat": File(lambda: _stat(table)),
        "sys": Directory(lambda: {"kernel": Directory(lambda: kernel)}),
        "uptime": File(lambda: f"{_age(table):.2f} {_age(table):.2f}\n"),
        "version": File(
            lambda: f"Linux version {KERNEL_RELEASE} (buildd@allspice) (gcc version 4.7.3) {KERNEL_VERSION}\n"
        ),
    }
    kernel: dict[str, Node] = {
        "hostname": File(lambda: table.hostname + "\n"),
        "osrelease": File(lambda: KERNEL_RELEASE + "\n"),
        "ostype": File(lambda: "Linux\n"),
        "pid_max": File(lambda: "32768\n"),
        "version": File(lambda: KERNEL_VERSION + "\n"),
    }

    def nodes() -> dict[str, Node]:
        current = table.current
        self: dict[str, Node] = {"self": Link(str(current.pid))} if current is not None else {}
        return {**fixed, **self, **{str(process.pid): _process(table, process) for process in table}}

    return Directory(nodes)


def _process(table: ProcessTable, process: Process) -> Directory:
    name = posixpath.basename(process.argv[0])[:15] if process.argv else ""

    def nodes() -> dict[str, Node]:
        return {
            "cgroup": File(lambda: "".join(f"{index}:{one}:/\n" for index, one in enumerate(CGROUPS, 1))),
            "cmdline": File(lambda: "".join(word + "\0" for word in process.argv)),
            "comm": File(lambda: name + "\n"),
            "cwd": Link(process.cwd),
            "environ": File(lambda: "".join(f"{key}={value}\0" for key, value in process.env.items())),
            "exe": Link(_executable(process)),
            "fd": Directory(lambda: {str(number): Device() for number in process.fds}),
            "mounts": File(lambda: "".join(f"{' '.join(one)} 0 0\n" for one in mount_table(table.files))),
            "oom_score_adj": File(lambda: "0\n"),
            "root": Link("/"),
            "stat": File(lambda: _process_stat(process, name)),
            "statm": File(lambda: f"{PROCESS_SIZE // 4} {PROCESS_RESIDENT // 4} 100 200 0 100 0\n"),
            "status": File(lambda: _status(process, name)),
        }

    return Directory(nodes)


def _executable(process: Process) -> str:
    try:
        return process.files.resolve(process.find(process.argv[0]))
    except (OSError, IndexError):
        return "/bin/sh"


def _state(process: Process) -> str:
    if process.code is not None:
        return "Z (zombie)"
    return "R (running)" if process is process.table.current else "S (sleeping)"


def _parent(process: Process) -> int:
    return process.parent.pid if process.parent is not None else 0


def _process_stat(process: Process, name: str) -> str:
    start = int((process.started_at - _birth(process.table)) * TICKS)
    fields = [process.pid, f"({name})", _state(process)[0], _parent(process), process.group, process.group, 0, -1]
    fields += [
        4202496,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        20,
        0,
        1,
        0,
        start,
        PROCESS_SIZE * 1024,
        PROCESS_RESIDENT // 4,
        NO_LIMIT,
    ]
    return " ".join(str(field) for field in [*fields, *[0] * 19]) + "\n"


def _status(process: Process, name: str) -> str:
    lines = {
        "Name": name,
        "State": _state(process),
        "Tgid": process.pid,
        "Pid": process.pid,
        "PPid": _parent(process),
        "TracerPid": 0,
        "Uid": "\t".join([str(process.uid)] * 4),
        "Gid": "\t".join([str(process.gid)] * 4),
        "FDSize": 64,
        "Groups": " ".join(map(str, process.groups or (process.gid,))),
        "VmPeak": f"{PROCESS_SIZE:8} kB",
        "VmSize": f"{PROCESS_SIZE:8} kB",
        "VmRSS": f"{PROCESS_RESIDENT:8} kB",
        "Threads": 1,
        "CapEff": "00000000fdecfeff" if process.uid == 0 else "0000000000000000",
        "Cpus_allowed_list": 0,
    }
    return "".join(f"{key}:\t{value}\n" for key, value in lines.items())


def _birth(table: ProcessTable) -> float:
    return min((one.started_at for one in table), default=table.clock.now())


def _age(table: ProcessTable) -> float:
    """Return for how long the container runs, in seconds."""
    return table.clock.now() - _birth(table)


def _stat(table: ProcessTable) -> str:
    idle = int(_age(table) * TICKS)
    running = len([*table])
    return (
        f"cpu  0 0 0 {idle} 0 0 0 0 0 0\ncpu0 0 0 0 {idle} 0 0 0 0 0 0\nintr 0\nctxt 0\n"
        f"btime {int(_birth(table))}\nprocesses {running}\nprocs_running 1\nprocs_blocked 0\n"
    )


class Mounted(NamedTuple):
    """A line of /proc/mounts."""

    device: str
    path: str
    kind: str
    options: str


def mount_table(files: Files) -> list[Mounted]:
    """Return what is mounted in a container, in the order of its paths."""
    found = [Mounted("none", "/", "aufs", "rw,relatime")]
    for path, tree in sorted(files.mounts.items()):
        kind = {"/proc": "proc", "/sys": "sysfs"}.get(path, "ext4")
        options = f"{'ro' if tree.read_only else 'rw'},relatime"
        if tree.shown_as is not None:
            kind, options = tree.shown_as
        found.append(Mounted(kind if kind != "ext4" else "/dev/sda1", path, kind, options))
    return found


# -- /sys ----------------------------------------------------------------------------


def _sys(table: ProcessTable, memory: int) -> Directory:
    """Return both what the cgroups of 2013 and what those of today say of a container."""

    def directory(nodes: dict[str, Node]) -> Directory:
        return Directory(lambda: nodes)

    def text(value: object) -> File:
        return File(lambda: f"{value}\n")

    processes = File(lambda: "".join(f"{one.pid}\n" for one in table))
    used = File(lambda: f"{len([*table]) * PROCESS_RESIDENT * 1024}\n")
    count = File(lambda: f"{len([*table])}\n")
    old_memory = directory(
        {
            "cgroup.procs": processes,
            "memory.limit_in_bytes": text(memory or NO_LIMIT),
            "memory.usage_in_bytes": used,
        }
    )
    old_cpu = directory({"cgroup.procs": processes, "cpu.cfs_period_us": text(100000), "cpu.cfs_quota_us": text(-1)})
    groups = directory(
        {
            "cgroup.controllers": text("cpuset cpu io memory pids"),
            "cgroup.procs": processes,
            "cpu": old_cpu,
            "cpu.max": text("max 100000"),
            "memory": old_memory,
            "memory.current": used,
            "memory.max": text(memory or "max"),
            "pids.current": count,
            "pids.max": text("max"),
        }
    )
    interfaces = {"lo": "00:00:00:00:00:00", **{name: endpoint.card for name, endpoint in table.network.cards}}
    network = {
        name: directory({"address": text(address), "operstate": text("up" if name != "lo" else "unknown")})
        for name, address in interfaces.items()
    }
    return directory(
        {
            "class": directory({"net": directory({**network})}),
            "devices": directory({}),
            "fs": directory({"cgroup": groups}),
            "kernel": directory({}),
        }
    )


CGROUPS = ("cpuset", "cpu", "cpuacct", "memory", "devices", "freezer", "blkio")

CPUINFO: Final = "\n".join(
    f"{key:<10}\t: {value}" if key else ""
    for key, value in (
        ("processor", "0"),
        ("vendor_id", "GenuineIntel"),
        ("cpu family", "6"),
        ("model", "42"),
        ("model name", "Intel(R) Xeon(R) CPU E31220 @ 3.10GHz"),
        ("stepping", "7"),
        ("cpu MHz", "3092.980"),
        ("cache size", "8192 KB"),
        ("physical id", "0"),
        ("siblings", "1"),
        ("core id", "0"),
        ("cpu cores", "1"),
        ("flags", "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat sse sse2 ht syscall nx lm"),
        ("bogomips", "6185.96"),
        ("", ""),
        ("", ""),
    )
)

MEMINFO: Final = "".join(
    f"{key + ':':<16}{value:8} kB\n"
    for key, value in {
        "MemTotal": MEMORY_TOTAL,
        "MemFree": MEMORY_FREE,
        "Buffers": MEMORY_BUFFERS,
        "Cached": MEMORY_CACHED,
        "SwapCached": 0,
        "Active": 262144,
        "Inactive": 131072,
        "SwapTotal": 0,
        "SwapFree": 0,
        "Dirty": 0,
        "Shmem": 0,
    }.items()
)
