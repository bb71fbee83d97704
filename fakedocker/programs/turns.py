"""How long a program may work before others have their turn.

A program that computes without an effect holds everybody up: requests to the daemon, too. What may take long therefore
counts its work and pauses: `if turn.is_over(len(line)): yield Pause()`.
"""

from __future__ import annotations

from typing import Final

#: The work of one turn. A unit is what takes about as long as looking at a character: some ten nanoseconds.
LONGEST_TURN: Final = 50_000


class Turn:
    """The work of a program since its last pause."""

    __slots__ = ("_work",)

    def __init__(self) -> None:
        self._work = 0

    def is_over(self, work: int) -> bool:
        """Count work; tell whether it is time for a `Pause`, with which the next turn begins."""
        self._work += work
        if self._work < LONGEST_TURN:
            return False
        self._work = 0
        return True
