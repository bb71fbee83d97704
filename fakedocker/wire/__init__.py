"""Bytes and their meaning: what goes over the wire, without sockets and without Docker's state."""
