"""Names of images as today's daemons read them."""

from __future__ import annotations

import pytest

from fakedocker.engine.errors import InvalidParameter
from fakedocker.engine.references import parse_reference


@pytest.mark.parametrize(
    ("text", "repository", "tag"),
    [
        ("busybox", "busybox", "latest"),
        ("busybox:1.2", "busybox", "1.2"),
        ("docker.io/library/busybox", "busybox", "latest"),
        ("docker.io/some/thing:x", "some/thing", "x"),
        ("some/thing", "some/thing", "latest"),
        ("localhost:5000/a/b:c", "localhost:5000/a/b", "c"),
        ("host.example/a", "host.example/a", "latest"),
        ("localhost/a", "localhost/a", "latest"),
        ("a__b/c-d.e_f", "a__b/c-d.e_f", "latest"),
    ],
)
def test_a_name_has_a_repository_and_a_tag(text: str, repository: str, tag: str) -> None:
    reference = parse_reference(text)
    assert (reference.repository, reference.tag) == (repository, tag)
    assert str(reference) == f"{repository}:{tag}"


def test_a_digest_is_kept() -> None:
    digest = "sha256:" + "0" * 64
    assert parse_reference(f"a/b@{digest}").digest == digest


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("a:", "invalid reference format"),
        ("a:b:c", "invalid reference format"),
        ("a//b", "invalid reference format"),
        ("-a", "invalid reference format"),
        ("a\n", "invalid reference format"),
        ("a/" * 400, "invalid reference format"),
        ("Upper", "invalid reference format: repository name must be lowercase"),
        ("x" * 300, "repository name must not be more than 255 characters"),
        ("a" * 64, f"invalid repository name ({'a' * 64}), cannot specify 64-byte hexadecimal strings"),
    ],
)
def test_what_is_no_name_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidParameter) as error:
        parse_reference(text)
    assert str(error.value) == problem
