"""Faults: what a daemon does wrong because somebody asked it to, and nothing else.

A *fault* (`fault`) is what goes wrong, one class for each kind (`kinds`); a *rule* (`rules`) says when: for which
operations, objects and versions, and for which of the calls. A daemon's `Faults` are the rules that are in force, and
the WSGI layer `Faulty` in front of the API asks them about each request. The rules of the room:

* it knows the operations of the API by name and nothing of the engine: what it has to be told about a container it
  asks for through the environ, and so it breaks connections, waits and restarts the daemon;
* a body is shaped by a source around the source (`bodies`), so that streams that have no thread need none here;
* nobody who waits holds a lock, and whoever waits is let go when the client or the daemon goes.
"""

from __future__ import annotations

from fakedocker.faults import kinds
from fakedocker.faults.bodies import Body, Shape
from fakedocker.faults.calls import Answer, Call
from fakedocker.faults.fault import Fault, FaultError, fault
from fakedocker.faults.faults import ActiveRule, Faults
from fakedocker.faults.layer import Faulty
from fakedocker.faults.rules import Rule

__all__ = [
    "ActiveRule",
    "Answer",
    "Body",
    "Call",
    "Fault",
    "FaultError",
    "Faults",
    "Faulty",
    "Rule",
    "Shape",
    "fault",
    "kinds",
]
