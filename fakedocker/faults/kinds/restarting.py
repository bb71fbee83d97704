"""The fault of a daemon that goes down: restart."""

from __future__ import annotations

from dataclasses import dataclass

from fakedocker.faults.calls import Answer, Call
from fakedocker.faults.fault import Fault, FaultError, at_least, fault, meant, shown

STATES = ("kept", "lost")


@fault("restart")
@dataclass(frozen=True, slots=True)
class Restart(Fault):
    """The daemon goes down instead of an answer: every connection ends, and none is taken for `down` seconds.

    `state` "lost": it comes back with the world that it began with. `live_restore`: containers go on meanwhile.
    """

    down: float = 0.0
    state: str = "kept"
    live_restore: bool = False

    def __post_init__(self) -> None:
        at_least("down", self.down, 0)
        if self.state not in STATES:
            raise FaultError(
                "state", f"must be {' or '.join(STATES)}, not {shown(self.state)}{meant(self.state, STATES)}"
            )

    def answer(self, call: Call) -> Answer | None:
        call.restart(down=self.down, state=self.state, live_restore=self.live_restore)
        call.abort()
