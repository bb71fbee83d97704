"""Write anew what clients report of faults: `PYTHONPATH=tests python tests/clients/faults/record.py`."""

from __future__ import annotations

import dataclasses
import json

from clients.faults.meeting import OUTCOMES, meet
from clients.faults.table import ROWS

if __name__ == "__main__":
    told = {row.name: dataclasses.asdict(meet(row)[0]) for row in ROWS}
    OUTCOMES.write_text(json.dumps(told, indent=2) + "\n")
