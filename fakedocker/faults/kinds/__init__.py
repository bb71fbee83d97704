"""The kinds of faults, by families; importing them gives them their names."""

from __future__ import annotations

from fakedocker.faults.kinds.answering import Error
from fakedocker.faults.kinds.breaking import Close, Cut, MalformedChunk, Reset
from fakedocker.faults.kinds.falsifying import StreamError, TruncatedTar
from fakedocker.faults.kinds.restarting import Restart
from fakedocker.faults.kinds.waiting import Hang, Latency, Trickle

__all__ = [
    "Close",
    "Cut",
    "Error",
    "Hang",
    "Latency",
    "MalformedChunk",
    "Reset",
    "Restart",
    "StreamError",
    "Trickle",
    "TruncatedTar",
]
