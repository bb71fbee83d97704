"""Containers that the daemon starts again by itself (moby restartmanager)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from fakedocker.engine import errors
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import State

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

log = logging.getLogger("fakedocker.engine")

#: Seconds from an end to the next start: the first time, and at most; each is twice the one before.
FIRST_BACKOFF: Final = 0.1
LONGEST_BACKOFF: Final = 60.0
#: Whoever ran for so many seconds begins with the first one again.
LONG_RUN: Final = 10.0


def wanted(container: Container) -> bool:
    """Tell whether a container that has just ended is to be started again."""
    policy = container.host_config.restart_policy
    return policy.again(container.exit_code, container.restarts, stopped=container.stopped_by_hand)


def schedule(engine: Engine, container: Container) -> None:
    """Have a container that has ended started again after a while."""
    ran = container.finished_at - container.started_at
    first = not container.backoff or ran >= LONG_RUN
    container.backoff = FIRST_BACKOFF if first else min(2 * container.backoff, LONGEST_BACKOFF)
    container.restarts += 1
    container.restart_timer = engine.clock.call_later(container.backoff, lambda: _again(engine, container))


def _again(engine: Engine, container: Container) -> None:
    container.restart_timer = None
    if container.state is not State.RESTARTING:
        return
    try:
        engine.launch(container)
    except errors.DockerError as error:
        log.warning("container %s could not be started again: %s", container.id, error)
        container.state = State.EXITED
        container.finished_at = engine.clock.now()
        container.changed.notify()
    else:
        engine.scheduler.run()


def give_up(container: Container) -> None:
    """Let a container that waits for its restart have ended for good."""
    forget(container)
    container.state = State.EXITED
    container.changed.notify()


def forget(container: Container) -> None:
    """Let a container that waits for its restart wait no more."""
    timer, container.restart_timer = container.restart_timer, None
    if timer is not None:
        timer.cancel()
    if container.state is not State.RESTARTING:
        return
    container.backoff = 0.0
