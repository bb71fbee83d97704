"""The control API at `/_fakedocker/`: what a tester does with a daemon, over HTTP, at the addresses it has anyway.

There is one table of verbs (`verbs`). The layer that answers (`layer`), the document that describes them (`openapi`)
and the remote daemon (`fakedocker.remote`) come from it. The rules of the room:

* it asks the daemon by the methods of `Controlled`, which every FakeDocker has;
* only this machine may ask, or who knows the token (`access`);
* nothing here is journalled, and no fault strikes here.
"""

from __future__ import annotations

from fakedocker.control.access import TOKEN
from fakedocker.control.controlled import Controlled
from fakedocker.control.layer import CONTROL, PREFIX, Control
from fakedocker.control.verbs import VERBS, CannotDo, Verb

__all__ = ["CONTROL", "PREFIX", "TOKEN", "VERBS", "CannotDo", "Control", "Controlled", "Verb"]
