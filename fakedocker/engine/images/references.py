"""Names of images as today's daemons read them, and which image they mean.

They read `[registry[:port]/]repository[:tag][@digest]`. (distribution reference/normalize.go; moby
daemon/images/image.go. The look-up of 2013 is `Images.find`.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from fakedocker.engine import errors
from fakedocker.engine.images.images import DEFAULT_TAG, Image, Images

DEFAULT_DOMAIN = "docker.io"
ALGORITHM = "sha256"
LONGEST_NAME = 255
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN = r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?"
_TAG = r"\w[\w.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(
    rf"(?:(?P<domain>{_DOMAIN})/)?(?P<path>{_PART}(?:/{_PART})*)(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?",
    re.ASCII,
)
_IDENTITY = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_BEGINNING = re.compile(r"(?:sha256:)?([0-9a-f]{1,64})")


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of an image as people write it: without "docker.io/library/", with a tag.

    `given_tag` is "" when the text had none; `tag` is then the default one.
    """

    repository: str
    tag: str = DEFAULT_TAG
    digest: str = ""
    given_tag: str = ""

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"

    @property
    def name(self) -> str:
        """The whole name of the repository: "docker.io/library/busybox"."""
        return full_name(self.repository)

    @property
    def domain(self) -> str:
        """The registry: "docker.io", "localhost:5000"."""
        return self.name.partition("/")[0]

    @property
    def path(self) -> str:
        """The repository within its registry: "library/busybox"."""
        return self.name.partition("/")[2]

    @property
    def familiar(self) -> str:
        """What was written, in its short form: with a tag or a digest only if it was given one."""
        tag = f":{self.given_tag}" if self.given_tag else ""
        return f"{self.repository}{tag}{f'@{self.digest}' if self.digest else ''}"

    @property
    def precise(self) -> str:
        """The short form with the tag `latest` when nothing else was given."""
        return self.familiar if self.given_tag or self.digest else str(self)

    def with_tag(self, tag: str) -> Reference:
        """Return the name with another tag, or the digest that stands in its place (`tag` of a pull).

        Raises InvalidParameter.
        """
        if re.fullmatch(_DIGEST, tag, re.ASCII):
            return Reference(self.repository, digest=tag)
        if not re.fullmatch(_TAG, tag, re.ASCII):
            raise errors.invalid_tag()
        return replace(self, tag=tag, given_tag=tag)


def parse_reference(text: str) -> Reference:
    """Read the name of an image. Raises InvalidParameter."""
    if re.fullmatch(r"[0-9a-f]{64}", text):
        raise errors.InvalidParameter(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    if len(text) > 2 * LONGEST_NAME + 256:
        raise errors.invalid_reference()
    domain, rest = _split(text)
    name = rest.partition("@")[0].partition(":")[0]
    if name != name.lower():
        raise errors.uppercase_repository(name if domain or "/" in name else f"library/{name}")
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
        match["tag"] or "",
    )


def parse_target(repository: str, tag: str = "") -> Reference:
    """Read the name that an image is to be given, as `repo` and `tag` of the API. Raises InvalidParameter."""
    reference = parse_reference(repository)
    if tag:
        reference = reference.with_tag(tag)
    if reference.digest:
        raise errors.tag_with_digest()
    if reference.repository == ALGORITHM:
        raise errors.ambiguous_name()
    return reference


def _split(text: str) -> tuple[str, str]:
    """Return the registry that a name begins with ("" if there is none), and the rest."""
    domain, slash, rest = text.partition("/")
    if slash and (re.search(r"[.:]", domain) or domain == "localhost" or domain != domain.lower()):
        return domain, rest
    return "", text


def full_name(repository: str) -> str:
    """Return the whole name of a repository: "docker.io/library/busybox" for "busybox"."""
    domain, rest = _split(repository)
    if domain:
        return repository
    return f"{DEFAULT_DOMAIN}/{rest if '/' in rest else f'library/{rest}'}"


# -- which image is meant --------------------------------------------------------------------------------------


def find_image(images: Images, text: str) -> Image:
    """Return the image that a name, an id or its beginning means today. Raises NotFound, InvalidParameter."""
    if whole := _IDENTITY.fullmatch(text):
        if whole[1] in images:
            return images.get(whole[1])
        raise errors.no_such_image(f"{ALGORITHM}:{whole[1]}")
    reference = parse_reference(text)
    identity = identity_of(images, reference)
    if identity is None and (beginning := _BEGINNING.fullmatch(text)):
        identity = images.by_id(beginning[1])
    if identity is None:
        raise errors.no_such_image(reference.precise)
    return images.get(identity)


def identity_of(images: Images, reference: Reference) -> str | None:
    """Return the id of the image that has exactly this name; None if there is none."""
    repositories = images.repositories
    if reference.digest:
        identity = repositories.digests(reference.repository).get(reference.digest)
    else:
        identity = repositories.get(reference.repository, reference.tag)
    return identity if identity is not None and identity in images else None


def references_to(images: Images, identity: str) -> list[Reference]:
    """Return all names of an image, tags and digests, in the order of their whole names."""
    repositories = images.repositories
    named = [Reference(repository, tag, given_tag=tag) for repository, tag in repositories.tags_of(identity)]
    digested = [Reference(repository, digest=digest) for repository, digest in repositories.digests_of(identity)]
    return sorted([*named, *digested], key=lambda one: f"{one.name}{one.familiar.removeprefix(one.repository)}")


def is_beginning_of(identity: str, text: str) -> bool:
    """Tell whether a text is an image's id or the beginning of it."""
    return identity.startswith(text) or f"{ALGORITHM}:{identity}".startswith(text)
