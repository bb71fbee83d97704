"""A registry of the OCI distribution protocol that fits into a test: blobs and manifests in dictionaries."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class ToyRegistry:
    """`login`: "user:password" that is asked for; `token`: it is to be exchanged for one."""

    def __init__(self, login: str = "", *, token: bool = False) -> None:
        self.login = login
        self.token = token
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"

    @contextmanager
    def running(self) -> Iterator[ToyRegistry]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def keep(self, repository: str, tag: str, document: bytes, media_type: str = MANIFEST) -> str:
        """Keep a manifest under a tag and its digest, which is returned."""
        digest = self.digest(document)
        for name in (tag, digest):
            self.manifests[repository, name] = (media_type, document)
        return digest

    def blob(self, data: bytes) -> dict[str, object]:
        """Keep a blob; return its descriptor."""
        self.blobs[self.digest(data)] = data
        return {"mediaType": "application/octet-stream", "size": len(data), "digest": self.digest(data)}

    @staticmethod
    def digest(data: bytes) -> str:
        return f"sha256:{hashlib.sha256(data).hexdigest()}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def refuse(self, status: int, code: str, message: str) -> None:
                self.answer(status, json.dumps({"errors": [{"code": code, "message": message}]}).encode())

            def allowed(self) -> bool:
                given = self.headers.get("Authorization", "")
                basic = f"Basic {base64.b64encode(registry.login.encode()).decode()}"
                if urlsplit(self.path).path == "/token":
                    if given == basic:
                        self.answer(200, b'{"token": "t0ken"}')
                    else:
                        self.refuse(401, "UNAUTHORIZED", "authentication required")
                    return False
                if not registry.login or given == ("Bearer t0ken" if registry.token else basic):
                    return True
                challenge = f'Bearer realm="{registry.url}/token",service="toy",scope="all"'
                self.send_response(401)
                self.send_header("WWW-Authenticate", challenge if registry.token else 'Basic realm="toy"')
                body = json.dumps({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}).encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
                return False

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                registry.requests.append(f"{self.command} {self.path}")
                if not self.allowed():
                    return
                parts = urlsplit(self.path)
                found = re.fullmatch("/v2/(.+)/(manifests|blobs|tags)/(.+)", parts.path)
                if found is None:
                    self.answer(404)
                    return
                repository, kind, name = found.groups()
                if kind == "tags":
                    tags = [tag for known, tag in registry.manifests if known == repository and ":" not in tag]
                    self.answer(200, json.dumps({"name": repository, "tags": tags}).encode())
                elif kind == "manifests" and self.command == "PUT":
                    registry.keep(repository, name, body, self.headers["Content-Type"])
                    self.answer(201)
                elif kind == "manifests":
                    if (repository, name) not in registry.manifests:
                        self.refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
                        return
                    media_type, document = registry.manifests[repository, name]
                    self.answer(200, document, Content_Type=media_type)
                elif name == "uploads/":
                    self.answer(202, Location=f"/v2/{repository}/blobs/uploads/one?state=x")
                elif self.command == "PUT":
                    (digest,) = parse_qs(parts.query)["digest"]
                    assert digest == registry.digest(body)
                    registry.blobs[digest] = body
                    self.answer(201)
                elif name in registry.blobs:
                    self.answer(200, registry.blobs[name])
                else:
                    self.refuse(404, "BLOB_UNKNOWN", "blob unknown to registry")

            do_GET = do_HEAD = do_PUT = do_POST = serve  # noqa: N815 - these are the names it looks for

        return Handler
