"""Names of images as today's daemons read them."""

from __future__ import annotations

import pytest

from fakedocker.engine.errors import DockerError, InvalidParameter
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images.images import Image, Images
from fakedocker.engine.images.references import (
    find_image,
    full_name,
    is_beginning_of,
    parse_reference,
    parse_target,
    references_to,
)

A, B = "ab" + "a" * 62, "ab" + "b" * 62
D = "sha256:" + "d" * 64


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
        ("Upper", "invalid reference format: repository name (library/Upper) must be lowercase"),
        ("localhost:5000/Upper", "invalid reference format: repository name (Upper) must be lowercase"),
        ("x" * 300, "repository name must not be more than 255 characters"),
        ("a" * 64, f"invalid repository name ({'a' * 64}), cannot specify 64-byte hexadecimal strings"),
    ],
)
def test_what_is_no_name_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidParameter) as error:
        parse_reference(text)
    assert str(error.value) == problem


@pytest.mark.parametrize(
    ("text", "name", "domain", "path", "familiar", "precise"),
    [
        ("busybox", "docker.io/library/busybox", "docker.io", "library/busybox", "busybox", "busybox:latest"),
        ("a/b:c", "docker.io/a/b", "docker.io", "a/b", "a/b:c", "a/b:c"),
        ("host:5000/x:1", "host:5000/x", "host:5000", "x", "host:5000/x:1", "host:5000/x:1"),
        (f"x@{D}", "docker.io/library/x", "docker.io", "library/x", f"x@{D}", f"x@{D}"),
    ],
)
def test_a_name_has_a_long_and_a_short_form(
    text: str, name: str, domain: str, path: str, familiar: str, precise: str
) -> None:
    reference = parse_reference(text)
    assert (reference.name, reference.domain, reference.path) == (name, domain, path)
    assert (reference.familiar, reference.precise) == (familiar, precise)
    assert full_name(reference.repository) == name


def test_a_tag_or_a_digest_can_be_put_in_its_place() -> None:
    assert parse_reference("a").with_tag("b").familiar == "a:b"
    assert parse_reference("a:c").with_tag(D).familiar == f"a@{D}"
    with pytest.raises(InvalidParameter, match="invalid tag format"):
        parse_reference("a").with_tag("b c")


@pytest.mark.parametrize(
    ("repository", "tag", "problem"),
    [
        ("a@" + D, "", "cannot import digest reference"),
        ("sha256", "1", "refusing to create an ambiguous tag using digest algorithm as name"),
        ("a", "b@c", "invalid tag format"),
        ("", "1", "invalid reference format"),
    ],
)
def test_some_names_cannot_be_given(repository: str, tag: str, problem: str) -> None:
    with pytest.raises(InvalidParameter, match=problem):
        parse_target(repository, tag)


@pytest.fixture
def images() -> Images:
    images = Images()
    for identity in (A, B):
        images.add(Image(identity, 0.0, Layer().freeze()))
    images.repositories.put("a", "latest", A)
    images.repositories.put("host:5000/x", "1", A)
    images.repositories.put(B[:12], "latest", A)
    images.repositories.put("gone", "latest", "e" * 64)
    images.repositories.put_digest("a", D, A)
    return images


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("a", A),
        ("a:latest", A),
        ("docker.io/library/a", A),
        ("host:5000/x:1", A),
        (f"a@{D}", A),
        (A, A),
        (f"sha256:{B}", B),
        (B[:20], B),
        (f"sha256:{B[:5]}", B),
        (B[:12], A),  # a name comes before the beginning of an id
    ],
)
def test_an_image_is_found_by_all_that_it_is_called(images: Images, text: str, identity: str) -> None:
    assert find_image(images, text).id == identity


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nosuch", "No such image: nosuch:latest"),
        ("a:nosuch", "No such image: a:nosuch"),
        ("gone", "No such image: gone:latest"),
        ("c" * 64, f"No such image: sha256:{'c' * 64}"),
        (f"x@{D}", f"No such image: x@{D}"),
        ("A", "invalid reference format: repository name (library/A) must be lowercase"),
        ("ab", "No such image: ab:latest"),  # two ids begin so
        ("a b", "invalid reference format"),
    ],
)
def test_what_means_no_image_is_said(images: Images, text: str, problem: str) -> None:
    with pytest.raises(DockerError) as error:
        find_image(images, text)
    assert str(error.value) == problem


def test_names_are_in_the_order_of_their_long_forms(images: Images) -> None:
    names = [one.familiar for one in references_to(images, A)]
    assert names == ["a:latest", f"a@{D}", f"{B[:12]}:latest", "host:5000/x:1"]


def test_an_id_begins_with_its_beginning() -> None:
    assert is_beginning_of(A, "ab")
    assert is_beginning_of(A, "sha256:ab")
    assert not is_beginning_of(A, "sha256:b")
