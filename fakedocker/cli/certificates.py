"""The options for TLS to a real daemon, as docker has them; the same for every subcommand that connects to one."""

from __future__ import annotations

import argparse
import os

from fakedocker.proxy.tls import TlsFiles
from fakedocker.proxy.upstream import usual_files


def add(parser: argparse.ArgumentParser) -> None:
    """Say what a subcommand understands of TLS."""
    add = parser.add_argument
    add("--tls", action="store_true", help="speak TLS to the daemon, whoever it is")
    add("--tlsverify", action="store_true", help="speak TLS to the daemon and make sure who it is")
    add("--tlscacert", metavar="FILE", help="the authority that has signed the daemon's certificate")
    add("--tlscert", metavar="FILE", help="the certificate to show to the daemon")
    add("--tlskey", metavar="FILE", help="the key of that certificate")


def tls_files(options: argparse.Namespace) -> TlsFiles | None:
    """Return the files docker would use: those that are named, and otherwise those of $DOCKER_CERT_PATH or ~/.docker.

    None: no TLS.
    """
    if not (options.tls or options.tlsverify):
        return None
    usual = usual_files(os.environ)
    return TlsFiles(
        verify=options.tlsverify,
        ca=options.tlscacert or usual.ca,
        cert=options.tlscert or usual.cert,
        key=options.tlskey or usual.key,
    )
