"""The fault of a daemon that refuses: error, with any status and text, or one of a real daemon's by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from fakedocker.faults.calls import Answer, Call
from fakedocker.faults.fault import Fault, FaultError, fault, meant, shown
from fakedocker.faults.subjects import Subject, subject_of
from fakedocker.wire import gojson

#: An id where the daemon's text has one and nobody knows which.
SOME_ID = "80b87cb3384f465cbc2f82c244b4183ea7c34090f152af26907faf914300c625"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A real daemon's error: the status and the text; `others`: what some operations say, by patterns of their names.

    `{name}`, `{id}`, `{image}` and `{repository}` stand for the object of the request.
    """

    status: int
    text: str
    others: Mapping[str, Refusal] = field(default_factory=dict)

    def of(self, operation: str) -> Refusal:
        """Return the one that an operation gives."""
        return next((other for pattern, other in self.others.items() if re.fullmatch(pattern, operation)), self)

    def told(self, subject: Subject) -> str:
        """Return the text about an object."""
        name = subject.name or "unnamed"
        text = self.text.replace("{name}", name).replace("{id}", subject.identity or SOME_ID)
        text = text.replace("{image}", subject.tagged)
        return text.replace("{repository}", name if "/" in name else f"library/{name}")


#: By the names that rules give them. The texts are those of moby 20.10 to 28 where the operation has one.
REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        "no-space": Refusal(
            500,
            "mkdir /var/lib/docker/overlay2/{id}-init: no space left on device",
            {
                "Image(Create|Load)": Refusal(
                    500, "write /var/lib/docker/tmp/GetImageBlob362713589: no space left on device"
                ),
                "ImageBuild|ImageCommit|PutContainerArchive": Refusal(
                    500, "Error processing tar file(exit status 1): write /layer: no space left on device"
                ),
            },
        ),
        "conflict": Refusal(
            409,
            "conflict: {name} is in use",
            {
                "ContainerCreate": Refusal(
                    409,
                    'Conflict. The container name "/{name}" is already in use by container "{id}". You have to remove '
                    "(or rename) that container to be able to reuse that name.",
                ),
                "ContainerDelete": Refusal(409, "removal of container {name} is already in progress"),
                "ImageDelete": Refusal(
                    409,
                    'conflict: unable to remove repository reference "{name}" (must force) - container 80b87cb3384f is '
                    "using its referenced image 362713589abc",
                ),
                "VolumeDelete": Refusal(409, f"remove {{name}}: volume is in use - [{SOME_ID}]"),
                "NetworkCreate": Refusal(409, "network with name {name} already exists"),
            },
        ),
        # What the daemon says of containerd while both come up.
        "daemon-restarting": Refusal(
            503,
            'connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: '
            'connect: connection refused": unavailable',
        ),
        "no-such-container": Refusal(404, "No such container: {name}"),
        "no-such-image": Refusal(
            404,
            "No such image: {image}",
            {
                "ImageCreate": Refusal(
                    404,
                    "pull access denied for {name}, repository does not exist or may require 'docker login': denied: "
                    "requested access to the resource is denied",
                )
            },
        ),
        "no-such-network": Refusal(404, "network {name} not found"),
        "no-such-volume": Refusal(404, "get {name}: no such volume"),
        "port-allocated": Refusal(
            500,
            "driver failed programming external connectivity on endpoint {name} ({id}): Bind for 0.0.0.0:8080 failed: "
            "port is already allocated",
        ),
        "device-busy": Refusal(
            500,
            'container {id}: driver "overlay2" failed to remove root filesystem: unlinkat '
            "/var/lib/docker/overlay2/{id}/merged: device or resource busy",
        ),
        "oci-runtime": Refusal(
            500,
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create "
            "failed: unable to start container process: error during container init: exec: operation not permitted: "
            "unknown",
        ),
        "toomanyrequests": Refusal(
            500,
            "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and "
            "upgrading: https://www.docker.com/increase-rate-limit",
        ),
        "unauthorized": Refusal(
            500,
            'Head "https://registry-1.docker.io/v2/{repository}/manifests/latest": unauthorized: incorrect username or '
            "password",
            {
                "SystemAuth": Refusal(
                    401, 'Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password'
                )
            },
        ),
        "registry-timeout": Refusal(
            500,
            'Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection '
            "(Client.Timeout exceeded while awaiting headers)",
        ),
        "registry-unreachable": Refusal(
            500, 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host'
        ),
        "context-canceled": Refusal(500, "context canceled"),
        "deadline-exceeded": Refusal(500, "context deadline exceeded"),
        "server-error": Refusal(500, "unexpected EOF"),
        "not-implemented": Refusal(501, "not implemented"),
    }
)
LEAST_STATUS, MOST_STATUS = 400, 599


@fault("error")
@dataclass(frozen=True, slots=True)
class Error(Fault):
    """The daemon refuses: with one of a real daemon's errors by its name, or with a `status` and a `message`.

    A name can be given together with either: what is given counts.
    """

    error: str = ""
    status: int | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        if self.error and self.error not in REFUSALS:
            near = meant(self.error, REFUSALS)
            raise FaultError(
                "error", f"there is none called {shown(self.error)}{near}; there are {', '.join(REFUSALS)}"
            )
        if not self.error and self.status is None and self.message is None:
            raise FaultError("error", "say which, or give a status or a message")
        if self.status is not None and not LEAST_STATUS <= self.status <= MOST_STATUS:
            raise FaultError("status", f"must be between {LEAST_STATUS} and {MOST_STATUS}, not {self.status}")

    def answer(self, call: Call) -> Answer | None:
        request = call.request
        refusal = REFUSALS[self.error or "server-error"].of(request.operation)
        text = refusal.told(subject_of(request)) if self.message is None else self.message
        status = self.status or refusal.status
        if request.is_antique:
            return Answer(status, f"{text}\n".encode("utf-8", "replace"), "text/plain; charset=utf-8")
        return Answer(status, gojson.encode({"message": text}, escapes_html=False) + b"\n", "application/json")
