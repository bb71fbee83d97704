"""The guard: while it is up, whatever opens a real Docker daemon fails, and says which line did.

::

    from fakedocker import guard

    with guard.blocked():
        docker.DockerClient(base_url="unix:///var/run/docker.sock").ping()  # raises RealDockerError

It listens to the interpreter's own audit events, so that the library does not matter: docker-py, aiodocker, urllib3, a
bare socket, or the `docker` command. What it does not see: other processes than this one (but for the commands it
starts), and connections that are made in C without telling the interpreter (uvloop, pywin32's named pipes).

It knows nothing of the others of ours, but for one name: the recorder, which has been told to ask a real daemon, may.
"""

from __future__ import annotations

from fakedocker.guard.guard import Attempt, Guard, RealDockerError, blocked

__all__ = ["Attempt", "Guard", "RealDockerError", "blocked"]
