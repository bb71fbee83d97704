"""Manifests and platforms."""

from __future__ import annotations

import json

import pytest

from fakedocker.engine.errors import InvalidParameter
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.manifests import Blob, Platform, manifest_list, manifest_of, parse_platform

LAYER = Blob("sha256:" + "1" * 64, 32, "application/vnd.docker.image.rootfs.diff.tar.gzip")


def test_a_manifest_describes_the_document_and_the_layers() -> None:
    manifest = manifest_of(b"{}", [LAYER])
    members = json.loads(manifest.document)
    assert members["config"] == {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "size": 2,
        "digest": rootfs.digest(b"{}"),
    }
    assert members["layers"] == [{"mediaType": LAYER.media_type, "size": 32, "digest": LAYER.digest}]
    assert manifest.digest == rootfs.digest(manifest.document)


def test_a_manifest_has_the_size_that_dockers_has() -> None:
    # dockerd 20.10 pushed images of one and of three layers; its manifests are indented by three blanks.
    config = 930
    one = manifest_of(b"x" * config, [Blob("sha256:" + "1" * 64, 1069279, LAYER.media_type)])
    assert len(one.document) == 527


def test_a_list_has_one_manifest_for_each_platform() -> None:
    listed = json.loads(manifest_list([(LAYER, Platform("linux", "arm64", "v8")), (LAYER, Platform("linux", "amd64"))]))
    assert [one["platform"] for one in listed["manifests"]] == [
        {"architecture": "arm64", "os": "linux", "variant": "v8"},
        {"architecture": "amd64", "os": "linux"},
    ]


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("linux", Platform("linux", "")),
        ("arm64", Platform("linux", "arm64")),
        ("linux/amd64", Platform("linux", "amd64")),
        ("linux/x86_64", Platform("linux", "amd64")),
        ("Linux/ARM64/v8", Platform("linux", "arm64", "v8")),
        ("windows", Platform("windows", "")),
    ],
)
def test_a_platform_is_read(text: str, platform: Platform) -> None:
    assert parse_platform(text) == platform


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a/b/c/d", "cannot parse platform specifier"),
        ("/", "is an invalid component of"),
        ("linux/", "is an invalid component of"),
        ("li nux", "is an invalid component of"),
        ("linux/\n", "is an invalid component of"),
    ],
)
def test_what_is_no_platform_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidParameter, match=problem):
        parse_platform(text)


def test_what_was_not_asked_for_does_not_matter() -> None:
    platform = Platform("linux", "arm64", "v8")
    assert platform.fits(Platform("linux", ""))
    assert platform.fits(Platform("", "arm64"))
    assert not platform.fits(Platform("linux", "amd64"))
    assert not platform.fits(Platform("linux", "arm64", "v7"))
    assert str(platform) == "linux/arm64/v8"
