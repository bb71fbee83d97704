"""The life of a container, as two tables.

Rules of this file: every pair of a state and a verb stands in exactly one of the two tables, and nobody else
decides whether a verb is allowed. `TRANSITIONS` says where a verb leads (the same state: it does nothing, and that
is fine); `REFUSALS` says with which error the daemon refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from types import MappingProxyType
from typing import Final

from fakedocker.engine import errors


class State(Enum):
    """Where a container is in its life."""

    CREATED = "created"
    RUNNING = "running"
    GHOST = "ghost"  #: was found running when the daemon started; nobody holds its streams
    PAUSED = "paused"
    RESTARTING = "restarting"  #: has ended, and waits for the daemon to start it again
    EXITED = "exited"
    REMOVING = "removing"  #: is being removed, and not all of it has gone yet
    DEAD = "dead"  #: was to be removed, and could not be as a whole
    REMOVED = "removed"


class Verb(Enum):
    """What can be done to a container's life."""

    START = "start"
    STOP = "stop"
    KILL = "kill"
    RESTART = "restart"
    END = "end"  #: its process ends by itself
    REMOVE = "remove"
    ATTACH = "attach"
    AWAIT = "await"  #: attach as today: to whatever comes of a start, too
    COMMIT = "commit"
    PAUSE = "pause"
    UNPAUSE = "unpause"
    EXEC = "exec"


S, V = State, Verb

TRANSITIONS: Final = MappingProxyType(
    {
        (S.CREATED, V.START): S.RUNNING,
        (S.CREATED, V.STOP): S.CREATED,
        (S.CREATED, V.KILL): S.CREATED,
        (S.CREATED, V.RESTART): S.RUNNING,
        (S.CREATED, V.REMOVE): S.REMOVED,
        (S.CREATED, V.COMMIT): S.CREATED,
        (S.RUNNING, V.STOP): S.EXITED,
        (S.RUNNING, V.KILL): S.EXITED,
        (S.RUNNING, V.RESTART): S.RUNNING,
        (S.RUNNING, V.END): S.EXITED,
        (S.RUNNING, V.REMOVE): S.REMOVED,
        (S.RUNNING, V.ATTACH): S.RUNNING,
        (S.RUNNING, V.COMMIT): S.RUNNING,
        (S.GHOST, V.STOP): S.EXITED,
        (S.GHOST, V.KILL): S.EXITED,
        (S.GHOST, V.RESTART): S.RUNNING,
        (S.GHOST, V.END): S.EXITED,
        (S.GHOST, V.REMOVE): S.REMOVED,
        (S.GHOST, V.COMMIT): S.GHOST,
        **{(state, V.AWAIT): state for state in (S.CREATED, S.RUNNING, S.GHOST, S.EXITED, S.REMOVING, S.DEAD)},
        (S.RUNNING, V.PAUSE): S.PAUSED,
        (S.RUNNING, V.EXEC): S.RUNNING,
        (S.PAUSED, V.STOP): S.EXITED,
        (S.PAUSED, V.KILL): S.EXITED,
        (S.PAUSED, V.RESTART): S.RUNNING,
        (S.PAUSED, V.END): S.EXITED,
        (S.PAUSED, V.REMOVE): S.REMOVED,
        (S.PAUSED, V.COMMIT): S.PAUSED,
        (S.PAUSED, V.UNPAUSE): S.RUNNING,
        (S.RESTARTING, V.START): S.RUNNING,
        (S.RESTARTING, V.STOP): S.EXITED,
        (S.RESTARTING, V.KILL): S.EXITED,
        (S.RESTARTING, V.RESTART): S.RUNNING,
        (S.RESTARTING, V.REMOVE): S.REMOVED,
        (S.RESTARTING, V.COMMIT): S.RESTARTING,
        (S.REMOVING, V.STOP): S.REMOVING,
        (S.REMOVING, V.KILL): S.REMOVING,
        (S.DEAD, V.STOP): S.DEAD,
        (S.DEAD, V.KILL): S.DEAD,
        (S.DEAD, V.REMOVE): S.REMOVED,
        (S.EXITED, V.START): S.RUNNING,
        (S.EXITED, V.STOP): S.EXITED,
        (S.EXITED, V.KILL): S.EXITED,
        (S.EXITED, V.RESTART): S.RUNNING,
        (S.EXITED, V.REMOVE): S.REMOVED,
        (S.EXITED, V.COMMIT): S.EXITED,
    }
)


def _already_running(identity: str) -> errors.DockerError:
    return errors.already_running(identity)


def _gone(identity: str) -> errors.DockerError:
    return errors.no_such_container(identity)


def _not_running(identity: str) -> errors.DockerError:
    return errors.not_running(identity)


def _stopped(identity: str) -> errors.DockerError:
    return errors.stopped(identity)


def _not_attachable(identity: str) -> errors.DockerError:
    return errors.cannot_attach_stopped()


def _not_paused(identity: str) -> errors.DockerError:
    return errors.not_paused(identity)


def _restarting(identity: str) -> errors.DockerError:
    return errors.restarting(identity)


def _doomed(identity: str) -> errors.DockerError:
    return errors.marked_for_removal()


REFUSALS: Final = MappingProxyType(
    {
        (S.RUNNING, V.START): _already_running,
        (S.GHOST, V.START): _already_running,
        (S.CREATED, V.ATTACH): _not_attachable,
        (S.EXITED, V.ATTACH): _not_attachable,
        (S.GHOST, V.ATTACH): lambda identity: errors.cannot_attach_ghost(),
        (S.CREATED, V.END): _not_running,
        (S.EXITED, V.END): _not_running,
        (S.PAUSED, V.START): lambda identity: errors.cannot_start_paused(),
        (S.PAUSED, V.ATTACH): lambda identity: errors.cannot_attach_paused(identity),
        (S.PAUSED, V.AWAIT): lambda identity: errors.cannot_attach_paused(identity),
        (S.PAUSED, V.PAUSE): lambda identity: errors.already_paused(identity),
        (S.PAUSED, V.EXEC): lambda identity: errors.cannot_exec_paused(identity),
        (S.RESTARTING, V.ATTACH): lambda identity: errors.cannot_attach_restarting(identity),
        (S.RESTARTING, V.AWAIT): lambda identity: errors.cannot_attach_restarting(identity),
        (S.RESTARTING, V.END): _not_running,
        (S.RESTARTING, V.PAUSE): _restarting,
        (S.RESTARTING, V.EXEC): _restarting,
        **{(state, verb): _doomed for state in (S.REMOVING, S.DEAD) for verb in (V.START, V.RESTART)},
        **{(state, V.ATTACH): _not_attachable for state in (S.REMOVING, S.DEAD)},
        **{(state, V.END): _not_running for state in (S.REMOVING, S.DEAD)},
        (S.REMOVING, V.REMOVE): lambda identity: errors.already_being_removed(identity),
        (S.REMOVING, V.COMMIT): lambda identity: errors.cannot_commit_removing(identity),
        (S.DEAD, V.COMMIT): lambda identity: errors.cannot_commit_dead(identity),
        **{(state, V.PAUSE): _stopped for state in (S.CREATED, S.GHOST, S.EXITED, S.REMOVING, S.DEAD)},
        **{(state, V.EXEC): _stopped for state in (S.CREATED, S.GHOST, S.EXITED, S.REMOVING, S.DEAD)},
        **{(state, V.UNPAUSE): _not_paused for state in S if state not in (S.PAUSED, S.REMOVED)},
        **{(S.REMOVED, verb): _gone for verb in Verb},
    }
)


def after(state: State, verb: Verb, identity: str) -> State:
    """Return the state to which a verb leads. Raises the daemon's error when it is refused."""
    refusal: Callable[[str], errors.DockerError] | None = REFUSALS.get((state, verb))
    if refusal is not None:
        raise refusal(identity)
    return TRANSITIONS[state, verb]
