"""States that a container seldom gets into by itself, and a tester wants to see clients with.

What is forced is what list, inspect and the refusals say from then on; events tell of it as far as the daemon would.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fakedocker.engine.containers import restarts
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.health import Status
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.processes.effects import Signal

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

#: The exit code of what the kernel killed.
KILLED = 137


def force(engine: Engine, container: Container, state: str) -> None:
    """Bring a container into a state: one of `FORCES`.

    What runs is ended first where the state is one of those that do not run, and started where it is one of those that
    do. Raises ValueError (no such state, with the nearest; no health check), and what `start` raises.
    """
    forcing = FORCES.get(state)
    if forcing is None:
        near = difflib.get_close_matches(state, FORCES, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"a container cannot be forced into {state!r}, but into {', '.join(FORCES)}{meant}")
    forcing(engine, container)


def _end(engine: Engine, container: Container) -> None:
    """Have nothing run in it any more."""
    if container.state is State.RESTARTING:
        restarts.give_up(container)
    if container.state is State.PAUSED:
        engine.unpause(container)
    if container.running:
        container.stopped_by_hand = True
        engine.signal(container, Signal.KILL)
        engine.scheduler.run()


def _run(engine: Engine, container: Container) -> None:
    """Have its command run, whatever it was doing."""
    if container.state is State.PAUSED:
        engine.unpause(container)
    if container.state in (State.REMOVING, State.DEAD):
        container.state = State.EXITED
    if container.state is State.GHOST:
        _end(engine, container)
    if container.state is not State.RUNNING:
        engine.start(container)


def _become(state: State) -> Callable[[Engine, Container], None]:
    def become(engine: Engine, container: Container) -> None:
        _end(engine, container)
        container.state = state
        container.changed.notify()

    return become


def _exited(engine: Engine, container: Container) -> None:
    if container.state is State.CREATED:
        _run(engine, container)
    _end(engine, container)
    container.state = State.EXITED
    container.changed.notify()


def _paused(engine: Engine, container: Container) -> None:
    if container.state is not State.PAUSED:
        _run(engine, container)
        engine.pause(container)


def _ghost(engine: Engine, container: Container) -> None:
    _run(engine, container)
    container.state = State.GHOST
    container.changed.notify()


def _restarting(engine: Engine, container: Container) -> None:
    """As between two runs of a crash loop: it has ended, and nobody starts it before the tester does."""
    if container.state is State.RESTARTING:
        return
    if container.state is State.CREATED:
        _run(engine, container)
    _end(engine, container)
    container.exit_code = container.exit_code or 1
    container.restarts += 1
    container.state = State.RESTARTING
    container.changed.notify()


def _oom_killed(engine: Engine, container: Container) -> None:
    _run(engine, container)
    assert container.run is not None
    container.stopped_by_hand = True  # the tester's word is the last one: no policy starts it again
    container.run.processes.oom_killed = True
    engine.signal(container, Signal.KILL)
    engine.scheduler.run()
    container.exit_code = KILLED


def _health(status: Status) -> Callable[[Engine, Container], None]:
    def force_health(engine: Engine, container: Container) -> None:
        if container.health is None:
            raise ValueError(f"container {container.name} has no health check")
        _run(engine, container)
        container.health.force(status)

    return force_health


FORCES: Mapping[str, Callable[[Engine, Container], None]] = {
    "running": _run,
    "paused": _paused,
    "exited": _exited,
    "restarting": _restarting,
    "removing": _become(State.REMOVING),
    "dead": _become(State.DEAD),
    "ghost": _ghost,
    "oom-killed": _oom_killed,
    **{status.value: _health(status) for status in Status},
}
