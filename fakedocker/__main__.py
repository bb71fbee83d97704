"""`python -m fakedocker`."""

from __future__ import annotations

import sys

from fakedocker.cli import main

if __name__ == "__main__":
    sys.exit(main())
