"""What becomes of containers when the daemon goes down and comes back (moby daemon/daemon.go: Shutdown, restore).

Observed with 20.10: whoever runs is asked to end and then killed, has its exit code of that, and is not counted as
stopped by somebody. When the daemon is back, those are started that a restart policy says so of: `always` even if
somebody had stopped it, but nothing that has never run. Events are forgotten, and counts of restarts begin anew.

The daemon's patience with those that do not end (10 s) takes no time here: who does not end at once is killed.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.containers import restarts
from fakedocker.engine.containers.config import stop_signal
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.processes.effects import Signal

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

log = logging.getLogger("fakedocker.engine")


def go_down(engine: Engine, *, live_restore: bool = False) -> None:
    """End all containers, as a daemon does that is told to end; with `live_restore` they go on without it."""
    for container in engine.containers:
        if container.state is State.RESTARTING:  # nobody is there to start it
            restarts.give_up(container)
        elif container.running and not live_restore:
            _end(engine, container)


def _end(engine: Engine, container: Container) -> None:
    container.stopped_by_hand = True  # so that no policy starts it again at once
    engine.signal(container, stop_signal(container.config))
    engine.scheduler.run()
    if container.running:
        engine.signal(container, Signal.KILL)
        engine.scheduler.run()
    container.stopped_by_hand = False
    engine.tell(container, "stop")


def come_back(engine: Engine) -> None:
    """Start what restart policies say so of, oldest first, and remove what was to be removed at its end."""
    engine.events.forget()
    for container in reversed([*engine.containers]):
        if container.state is State.CREATED:
            continue
        if _wanted(container):
            _start(engine, container)
        elif container.host_config.auto_remove:  # even if it runs: so does the real daemon under live restore
            _remove(engine, container)


def _wanted(container: Container) -> bool:
    if container.running:
        return False
    policy = container.host_config.restart_policy
    stopped = container.stopped_by_hand and policy.name != "always"
    return policy.again(container.exit_code, container.restarts, stopped=stopped)


def _start(engine: Engine, container: Container) -> None:
    container.restarts = 0
    container.backoff = 0.0
    container.stopped_by_hand = False
    try:
        engine.launch(container)
    except errors.DockerError as error:
        log.warning("container %s could not be started with the daemon: %s", container.id, error)


def _remove(engine: Engine, container: Container) -> None:
    for _ in engine.remove(container, volumes=True, grace=0):
        pass
