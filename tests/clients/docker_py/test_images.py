"""Images: built, tagged, moved, looked up, taken away."""

from __future__ import annotations

import io
import tarfile

import docker
import pytest
from clients.docker_py.calls import LEAVES_SOCKETS, calls
from docker.errors import APIError, BuildError, ImageNotFound, InvalidArgument, NotFound

pytestmark = LEAVES_SOCKETS


@calls(
    "ImageCollection.get",
    "ImageCollection.list",
    "ImageCollection.prepare_model",
    "Image.id",
    "Image.short_id",
    "Image.labels",
    "Image.tags",
    "Image.reload",
    "Image.tag",
)
def test_an_image_is_tagged_and_found(client: docker.DockerClient, label: str) -> None:
    image = client.images.get("busybox")
    assert image.tag(f"{label}/mine", tag="v1")
    image.reload()

    assert f"{label}/mine:v1" in image.tags
    assert (image.id[:7], image.short_id) == ("sha256:", image.id[:19])
    assert image.labels == {}
    assert client.images.list(name=f"{label}/mine") == [image]
    assert client.images.list(filters={"reference": f"{label}/*"}) == [image]
    assert client.images.get(f"{label}/mine:v1") == image
    with pytest.raises(ImageNotFound, match="No such image"):
        client.images.get(f"{label}/other")


@calls("ImageCollection.build")
def test_an_image_is_built(client: docker.DockerClient, label: str) -> None:
    context = {
        "Dockerfile": b"FROM busybox\nARG WHAT=nothing\nCOPY file /file\nRUN echo $WHAT >> /file\nCMD cat /file\n",
        "file": b"something and ",
    }
    image, steps = client.images.build(
        fileobj=_tar(context), custom_context=True, tag=f"{label}:built", buildargs={"WHAT": "more"}, labels={"l": "1"}
    )

    assert image.tags == [f"{label}:built"]
    assert image.labels == {"l": "1"}
    said = "".join(step.get("stream", "") for step in steps)
    assert "Step 1/6 : FROM busybox" in said
    assert f"Successfully tagged {label}:built" in said
    assert client.containers.run(image, remove=True) == b"something and more\n"


def test_a_build_that_fails_says_where(client: docker.DockerClient, label: str) -> None:
    with pytest.raises(BuildError, match="returned a non-zero code: 3") as error:
        client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 3\n"), tag=f"{label}:failed", rm=True)
    assert any("RUN exit 3" in step.get("stream", "") for step in error.value.build_log)
    with pytest.raises(APIError, match="unknown instruction"):
        client.images.build(fileobj=io.BytesIO(b"FROM busybox\nFLY away\n"))


@calls("Image.history")
def test_history_tells_how_an_image_was_made(client: docker.DockerClient, label: str) -> None:
    image, _ = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nENV A=1\n"), tag=f"{label}:history")
    newest, *older = image.history()
    assert newest["Id"] == image.id
    assert newest["CreatedBy"].endswith("ENV A=1")
    assert newest["Tags"] == [f"{label}:history"]
    assert older


@calls("Image.save", "ImageCollection.load", "Image.remove", "ImageCollection.remove")
def test_an_image_is_saved_removed_and_loaded(client: docker.DockerClient, label: str) -> None:
    image, _ = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN echo 1 > /one\n"), tag=f"{label}:saved")
    archive = b"".join(image.save(named=True))
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert "manifest.json" in tar.getnames()

    image.tag(label, tag="second")
    client.images.remove(f"{label}:second")
    assert client.images.get(image.id).tags == [f"{label}:saved"]
    image.remove()
    with pytest.raises(ImageNotFound):
        client.images.get(f"{label}:saved")

    (loaded,) = client.images.load(archive)
    assert (loaded.id, loaded.tags) == (image.id, [f"{label}:saved"])


def test_an_image_that_a_container_needs_is_not_removed(client: docker.DockerClient, label: str) -> None:
    image, _ = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nENV A=2\n"), tag=f"{label}:used")
    client.containers.run(image, "true", labels=[label])
    with pytest.raises(APIError, match=r"container [0-9a-f]{12} is using") as error:
        client.images.remove(f"{label}:used")
    assert error.value.status_code == 409


@calls("ImageCollection.prune")
def test_images_without_a_name_are_pruned(client: docker.DockerClient, label: str) -> None:
    dockerfile = f"FROM busybox\nLABEL {label}=1\nENV A=3\n".encode()
    image, _ = client.images.build(fileobj=io.BytesIO(dockerfile), tag=f"{label}:nameless")
    image.tag(label, tag="kept")
    kept = client.images.prune(filters={"label": label})
    assert kept["ImagesDeleted"] is None
    client.images.remove(f"{label}:nameless", noprune=True)
    client.containers.run(image, "true", labels=[label])
    other, _ = client.images.build(fileobj=io.BytesIO(dockerfile + b"ENV B=1\n"), tag=f"{label}:kept")
    client.images.remove(f"{label}:kept", noprune=True)
    assert other.id != image.id


@calls("ImageCollection.prune_builds")
def test_the_build_cache_is_pruned(fake_client: docker.DockerClient) -> None:
    assert fake_client.images.prune_builds() == {"CachesDeleted": None, "SpaceReclaimed": 0}


# -- registries -----------------------------------------------------------------------------------


@calls("ImageCollection.pull")
def test_images_are_pulled_one_by_one_and_all_at_once(fake_client: docker.DockerClient) -> None:
    image = fake_client.images.pull("alpine", tag="3.20")
    assert "alpine:3.20" in image.tags
    images = fake_client.images.pull("redis", all_tags=True)
    assert {"redis:7", "redis:latest"} <= {tag for one in images for tag in one.tags}
    with pytest.raises(NotFound):
        fake_client.images.pull("nobody/nothing")


@calls("ImageCollection.push")
def test_an_image_is_pushed_and_pulled_again(fake_client: docker.DockerClient) -> None:
    image = fake_client.images.get("busybox")
    image.tag("hannibal/busybox", tag="mine")
    credentials = {"username": "hannibal", "password": "xxxx"}
    said = list(fake_client.images.push("hannibal/busybox", "mine", auth_config=credentials, stream=True, decode=True))
    assert any(line.get("aux", {}).get("Tag") == "mine" for line in said)

    fake_client.images.remove("hannibal/busybox:mine")
    assert fake_client.images.pull("hannibal/busybox", tag="mine") == image


@calls("ImageCollection.search")
def test_the_index_is_searched(fake_client: docker.DockerClient) -> None:
    found = {one["name"]: one for one in fake_client.images.search("busybox")}
    assert found["busybox"]["is_official"] is True


@calls(
    "ImageCollection.get_registry_data",
    "RegistryData.id",
    "RegistryData.short_id",
    "RegistryData.has_platform",
    "RegistryData.pull",
    "RegistryData.reload",
)
def test_the_registry_tells_of_an_image_without_a_pull(fake_client: docker.DockerClient) -> None:
    data = fake_client.images.get_registry_data("alpine:3.20")
    assert data.id.startswith(data.short_id)
    assert data.has_platform("linux/amd64")
    assert not data.has_platform("windows/arm")
    with pytest.raises(InvalidArgument):
        data.has_platform("a/b/c/d")
    before = data.attrs
    data.reload()
    assert data.attrs == before
    with pytest.raises(ImageNotFound):
        fake_client.images.get("alpine:3.20")
    assert any(data.id in digest for digest in data.pull().attrs["RepoDigests"])


def _tar(files: dict[str, bytes]) -> io.BytesIO:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    archive.seek(0)
    return archive
