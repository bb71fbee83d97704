"""A daemon behind ssh, reached as the docker command does: `ssh HOST docker system dial-stdio`.

The one place where a program is started: on the request of whoever runs the recorder, who named the host. Nothing that
a client of the proxy sends gets here; it only ever travels through the program's standard input.
"""

from __future__ import annotations

import re
import socket
import subprocess
import threading

#: Nothing that ssh could take for an option, or a shell for more than a word.
_DESTINATION = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9_\[][A-Za-z0-9_.:\[\]-]*")


def check(destination: str) -> None:
    """Raise ValueError unless this is HOST or USER@HOST."""
    if not _DESTINATION.fullmatch(destination):
        raise ValueError(f"invalid address 'ssh://{destination}': expected ssh://USER@HOST or ssh://USER@HOST:PORT")


def dial(user_and_host: str, port: int | None = None) -> socket.socket:
    """Return a socket that speaks to the daemon over there. Raises OSError when there is no `ssh` command.

    Whatever ssh has to complain about stands on stderr, and the socket ends.
    """
    check(user_and_host)
    ours, theirs = socket.socketpair()
    where = ["-p", str(port), "--", user_and_host] if port else ["--", user_and_host]
    with theirs:
        try:
            process = subprocess.Popen(
                ["ssh", "-o", "ConnectTimeout=30", "-T", *where, "docker", "system", "dial-stdio"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                start_new_session=True,  # Ctrl-C is for the recorder, which ends the line in order
            )
        except OSError:
            ours.close()
            raise
    # Collected when it ends, which it does when its line does.
    threading.Thread(target=process.wait, name=f"ssh {user_and_host}", daemon=True).start()
    return ours
