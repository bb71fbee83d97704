"""What a container uses of the machine: figures that are made up, but that hang together and move."""

from __future__ import annotations

from typing import Any

from fakedocker.api.modern.ageing import Age
from fakedocker.api.modern.views.times import timestamp
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.engine import Engine
from fakedocker.engine.watch import Watch
from fakedocker.wire import gojson

#: Where a reading keeps whose it is, for what only older daemons tell.
WHO = "who"
#: Seconds between two readings.
PERIOD = 1.0
PROCESSORS = 2
MEMORY = 8 << 30
NO_LIMIT = 9223372036854771712
#: What a process uses: nanoseconds of a processor at its start and in each second, bytes of memory.
START_COST, SECOND_COST, FOOTPRINT = 21_000_000, 180_000, 540_672
_BLKIO = (
    "io_service_bytes_recursive",
    "io_serviced_recursive",
    "io_queue_recursive",
    "io_service_time_recursive",
    "io_wait_time_recursive",
    "io_merged_recursive",
    "io_time_recursive",
    "sectors_recursive",
)


class Statistics:
    """The readings for one client: the first at once, of a stream one more each second.

    `one_shot`: a single reading is not preceded by one to compare it with. `due`: notified when it is time.
    """

    def __init__(self, engine: Engine, container: Container, *, stream: bool, one_shot: bool) -> None:
        self._engine = engine
        self._container = container
        self._stream = stream
        self._age = Age.of_request()
        self._before: dict[str, Any] | None = None
        self._over = False
        self.due = Watch()
        self._ready = True
        self._one_shot = one_shot and not stream and container.running
        self._pairs = not stream and not one_shot and container.running
        self._timer = engine.clock.call_later(PERIOD, self._tick)

    def _tick(self) -> None:
        self._ready = True
        self._timer = self._engine.clock.call_later(PERIOD, self._tick)
        self.due.notify()

    def close(self) -> None:
        """Take no more readings."""
        self._timer.cancel()

    def next(self) -> bytes | None:
        """Return the next reading, b"" before it is time, None at the end."""
        container = self._container
        if self._over or (self._stream and self._before is not None and container.gone):
            return None
        if not self._ready:
            return b""
        self._ready = False
        reading = self._reading()
        if self._pairs and self._before is None:  # wait for a second one: it tells of the time in between
            self._before = reading
            return b""
        members = self._told(reading)
        self._before = reading
        self._over = not self._stream
        self._age.aged("stats", members)
        del members[WHO]
        return gojson.encode(members) + b"\n"

    def _told(self, reading: dict[str, Any]) -> dict[str, Any]:
        before = self._before or {"read": timestamp(0), "cpu": _no_cpu()}
        container = self._container
        members = {
            "read": reading["read"],
            "preread": before["read"],
            "pids_stats": reading["pids"],
            "blkio_stats": reading["blkio"],
            "num_procs": 0,
            "storage_stats": {},
            "cpu_stats": reading["cpu"],
            "precpu_stats": before["cpu"],
            "memory_stats": reading["memory"],
        }
        members[WHO] = {"name": f"/{container.name}", "id": container.id}
        if not self._one_shot:
            members |= members[WHO]
        if reading["networks"]:
            members["networks"] = reading["networks"]
        return members

    def _reading(self) -> dict[str, Any]:
        container = self._container
        if container.run is None or container.run.ended:
            return {
                "read": timestamp(0),
                "pids": {},
                "blkio": dict.fromkeys(_BLKIO),
                "cpu": _no_cpu(),
                "memory": {},
                "networks": {},
            }
        now = self._engine.clock.now()
        ran = max(0.0, now - container.started_at)
        processes = container.run.processes
        count = sum(process.code is None for process in processes)
        used = START_COST + int(ran * SECOND_COST * max(1, count))
        first = used * 3 // 5
        memory = FOOTPRINT * max(1, count) + processes.memory
        return {
            "read": timestamp(now),
            "pids": {"current": count},
            "blkio": {name: [] for name in _BLKIO},
            "cpu": {
                "cpu_usage": {
                    "total_usage": used,
                    "percpu_usage": [first, used - first],
                    "usage_in_kernelmode": used // 3,
                    "usage_in_usermode": used - used // 3,
                },
                "system_cpu_usage": int(now * PROCESSORS * 100) * 10_000_000 % 10**17,
                "online_cpus": PROCESSORS,
                "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
            },
            "memory": {
                "usage": memory,
                "max_usage": memory * 4,
                "stats": _memory(memory),
                "limit": container.host_config.memory or MEMORY,
            },
            "networks": self._networks(ran),
        }

    def _networks(self, ran: float) -> dict[str, Any]:
        packets = 5 + int(ran / 10)
        return {
            f"eth{number}": {
                "rx_bytes": 86 * packets,
                "rx_packets": packets,
                "rx_errors": 0,
                "rx_dropped": 0,
                "tx_bytes": 0,
                "tx_packets": 0,
                "tx_errors": 0,
                "tx_dropped": 0,
            }
            for number, endpoint in enumerate(self._engine.connections.sandbox(self._container).endpoints.values())
            if endpoint.card.address
        }


def _no_cpu() -> dict[str, Any]:
    return {
        "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }


def _memory(usage: int) -> dict[str, int]:
    """Return what cgroups of version 1 tell of memory."""
    held = usage // 10
    own = {
        "active_anon": 4096,
        "active_file": 0,
        "cache": 0,
        "dirty": 0,
        "inactive_anon": held,
        "inactive_file": 0,
        "mapped_file": 0,
        "pgfault": 1026,
        "pgmajfault": 0,
        "pgpgin": 750,
        "pgpgout": 738,
        "rss": held,
        "rss_huge": 0,
        "unevictable": 0,
        "writeback": 0,
    }
    limits = {"hierarchical_memory_limit": NO_LIMIT, "hierarchical_memsw_limit": NO_LIMIT}
    totals = {f"total_{name}": value for name, value in own.items()}
    return dict(sorted({**own, **limits, **totals}.items()))
