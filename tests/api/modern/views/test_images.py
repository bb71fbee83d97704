"""How images look. Whole answers are compared with those of real daemons in `tests/conformance/engine_api`."""

from __future__ import annotations

from fakedocker.api.modern.views import images as views
from fakedocker.engine.images.distribution import Offer
from fakedocker.engine.images.imageremoval import Pruned, Removal
from fakedocker.engine.images.manifests import Blob, Platform, manifest_of
from fakedocker.engine.images.registry import SearchResult


def test_ids_are_digests_and_none_stays_none() -> None:
    assert views.digest_of("a" * 64) == f"sha256:{'a' * 64}"
    assert views.digest_of("") == ""


def test_removals_are_one_object_each() -> None:
    done = [Removal("a:1"), Removal(deleted="sha256:d")]
    assert views.removals(done) == [{"Untagged": "a:1"}, {"Deleted": "sha256:d"}]
    assert views.pruned(Pruned(done, 5)) == {"ImagesDeleted": views.removals(done), "SpaceReclaimed": 5}
    assert views.pruned(Pruned([], 0)) == {"ImagesDeleted": None, "SpaceReclaimed": 0}


def test_what_is_found_is_shown_in_the_order_of_the_index() -> None:
    (found,) = views.found([SearchResult("a", "b", 3, official=True)])
    assert list(found.items()) == [
        ("star_count", 3),
        ("is_official", True),
        ("name", "a"),
        ("is_automated", False),
        ("description", "b"),
    ]


def test_an_offer_is_described_with_its_platforms() -> None:
    manifest = manifest_of(b"{}", [Blob("sha256:" + "1" * 64, 5, "x")])
    shown = views.offer(Offer(manifest, b"{}", (Platform("linux", "arm64", "v8"), Platform("linux", "amd64"))))
    assert shown["Descriptor"] == {
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(manifest.document),
    }
    assert shown["Platforms"] == [
        {"architecture": "arm64", "os": "linux", "variant": "v8"},
        {"architecture": "amd64", "os": "linux"},
    ]
