"""The journal: what a daemon was asked, call by call, and what became of it.

The WSGI layer `Journalled` writes each request into the daemon's `Ledger`; a tester reads it through a `Journal`, which
is the same for a daemon in the process and for one behind HTTP. The rules of the room:

* it knows requests and answers, the operations by their names, and nothing of the engine;
* secrets are taken out before anything is written: whatever can be read here can be shown to anybody;
* memory is bounded: the oldest calls are forgotten, large bodies and archives are never kept;
* a request is in the journal as soon as it has come, with its status before the client has got it.
"""

from __future__ import annotations

from fakedocker.journal.entries import Entry
from fakedocker.journal.journal import Journal, Supply
from fakedocker.journal.layer import JOURNAL, Journalled
from fakedocker.journal.ledger import Ledger
from fakedocker.journal.orphans import Orphans
from fakedocker.journal.wanted import Wanted

__all__ = ["JOURNAL", "Entry", "Journal", "Journalled", "Ledger", "Orphans", "Supply", "Wanted"]
