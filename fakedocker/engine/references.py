"""Names of images as today's daemons read them: `[registry[:port]/]repository[:tag][@digest]`.

(distribution reference/normalize.go; that of 2013 is `Images.find`.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fakedocker.engine import errors
from fakedocker.engine.images import DEFAULT_TAG

DEFAULT_DOMAIN = "docker.io"
LONGEST_NAME = 255
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN = r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?"
_REFERENCE = re.compile(
    rf"(?:(?P<domain>{_DOMAIN})/)?(?P<path>{_PART}(?:/{_PART})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of an image as people write it: without "docker.io/library/", with a tag."""

    repository: str
    tag: str = DEFAULT_TAG
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"


def parse_reference(text: str) -> Reference:
    """Read the name of an image. Raises InvalidParameter."""
    if re.fullmatch(r"[0-9a-f]{64}", text):
        raise errors.InvalidParameter(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    if len(text) > 2 * LONGEST_NAME + 256:
        raise errors.invalid_reference()
    domain, slash, rest = text.partition("/")
    if not slash or not (re.search(r"[.:]", domain) or domain == "localhost" or domain != domain.lower()):
        domain, rest = "", text
    name = rest.partition("@")[0].partition(":")[0]
    if name != name.lower():
        raise errors.uppercase_repository()
    match = _REFERENCE.fullmatch(f"{domain or DEFAULT_DOMAIN}/{rest}")
    if match is None:
        raise errors.invalid_reference()
    path = match["path"]
    if len(path) > LONGEST_NAME:
        raise errors.InvalidParameter(f"repository name must not be more than {LONGEST_NAME} characters")
    usual = domain in ("", DEFAULT_DOMAIN, "index.docker.io")
    return Reference(
        path.removeprefix("library/") if usual else f"{domain}/{path}",
        match["tag"] or DEFAULT_TAG,
        match["digest"] or "",
    )
