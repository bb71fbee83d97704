"""Certificates for tests: an authority, a daemon at 127.0.0.1, and a client."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


def make_certificates(folder: Path) -> Path:
    """Fill a folder with ca.pem, server.pem and client.pem and their keys, and return it."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make certificates with")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2")
    for name, extra in (("server", "subjectAltName=IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth")):
        (folder / "extra").write_text(extra)
        openssl("req", *key, "-keyout", f"{name}-key.pem", "-out", "request", "-subj", f"/CN={name}")
        signed = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2", "-extfile", "extra")
        openssl("x509", "-req", "-in", "request", *signed, "-out", f"{name}.pem")
    return folder


def daemons_side(folder: Path) -> ssl.SSLContext:
    """Return how a daemon speaks TLS: who has no certificate of the authority is sent away."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server-key.pem")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context
