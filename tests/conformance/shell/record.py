"""Ask a real daemon anew, and write down what it answers.

    FAKEDOCKER_REAL_DOCKER=unix:///var/run/docker.sock python tests/conformance/shell/record.py [THEME...]

THEME is the name of a file in `lines/`, or `sessions`; without one, all are recorded. Of lines that say why they
differ, our answer is written down, too: look at it before it is committed. With --ours nothing but that is done.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

#: Containers that run at one time.
AT_ONCE = 4


def main(wanted: list[str]) -> None:
    """Record the themes that are wanted."""
    from conformance.shell.ours import OurDaemon
    from conformance.shell.real import RealDaemon
    from conformance.shell.recordings import read_lines, read_sessions, themes, write_lines, write_sessions

    only_ours = "--ours" in wanted
    names = [name for name in wanted if name != "--ours"]
    ours = OurDaemon()
    paths = [path for path in themes() if not names or path.stem in names]
    if not only_ours:
        daemon = RealDaemon(os.environ.get("FAKEDOCKER_REAL_DOCKER") or sys.exit("FAKEDOCKER_REAL_DOCKER is not set"))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for path in paths:
                lines = read_lines(path)
                answers = pool.map(daemon.run, lines)
                write_lines(path, [replace(line, answer=one) for line, one in zip(lines, answers, strict=True)])
            if not names or "sessions" in names:
                write_sessions(pool.map(daemon.converse, read_sessions()))
    for path in paths:
        lines = read_lines(path)
        write_lines(path, [replace(line, ours=ours.run(line)) if line.differs else line for line in lines])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1:])
