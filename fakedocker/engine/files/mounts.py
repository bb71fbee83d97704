"""What is mounted in containers: volumes, trees of the host, trees in memory; from a start to the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from fakedocker.engine import errors
from fakedocker.engine.containers.containers import Container, Containers
from fakedocker.engine.files import copying, mountpoints, tmpfs
from fakedocker.engine.files.binds import HostTrees
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.mountpoints import MountPoint
from fakedocker.engine.files.volumes import LOCAL, Volumes


class Mounts:
    """The places of all containers. `new_tree` makes an empty tree."""

    def __init__(
        self, volumes: Volumes, host_trees: HostTrees, containers: Containers, new_tree: Callable[[], Files]
    ) -> None:
        self._volumes = volumes
        self._host_trees = host_trees
        self._containers = containers
        self._new_tree = new_tree
        self._points: dict[str, dict[str, MountPoint]] = {}

    def __contains__(self, container: object) -> bool:
        return isinstance(container, Container) and container.id in self._points

    def of(self, container: Container) -> Mapping[str, MountPoint]:
        """Return a container's places, by path."""
        return self._points.get(container.id, {})

    def prepare(
        self, container: Container, files: Callable[[], Files], volumes: Mapping[str, str] | None = None
    ) -> None:
        """Find out which places a container that is being created has, and make the volumes that it needs.

        `volumes`: path -> which volume it has, where nobody says. `files` returns its tree: what that has at the place
        of an empty volume is copied there. Raises InvalidParameter, NotFound, Failure, and then the container has none;
        volumes with a name that were made stay.
        """
        points: dict[str, MountPoint] = {}
        try:
            for point in mountpoints.wanted(container.config, container.host_config, self._places_of):
                if point.type == "volume":
                    name = point.name or (volumes or {}).get(point.destination, "")
                    point = self._made(replace(point, name=name), container, files)
                points[point.destination] = point
        except errors.DockerError:
            self._volumes.leave(container.id, anonymous=True)
            raise
        self._points[container.id] = points

    def mount(self, container: Container, files: Files) -> None:
        """Put everything in its place. Raises Failure, NotFound (a part of a volume), and then nothing is."""
        try:
            for path, point in sorted(self.of(container).items()):  # a directory before what is to be mounted in it
                tree = self._tree(point)
                if not tree.exists(f"/{point.subpath}"):
                    raise errors.no_such_subpath(f"{point.source}/{point.subpath}")
                files.mount(path, tree, read_only=point.read_only, part=f"/{point.subpath}")
        except errors.DockerError:
            unmount_all(files)
            raise
        except OSError as error:
            unmount_all(files)
            raise errors.Failure(f"mkdir {error.filename}: {error.strerror}") from None
        for point in self._volume_points(container):
            how = {"destination": point.destination, "propagation": point.propagation}
            access = "false" if point.read_only else "true"
            volume = self._volumes.find(point.name)
            self._volumes.tell(volume, "mount", container=container.id, **how, **{"read/write": access})

    def unmount(self, container: Container, files: Files) -> None:
        """Take everything away again."""
        unmount_all(files)
        for point in self._volume_points(container):
            if point.name in self._volumes:
                self._volumes.tell(self._volumes.find(point.name), "unmount", container=container.id)

    def forget(self, container: Container, *, anonymous: bool = False) -> None:
        """A container is no more; with `anonymous` go its volumes without a name that nobody else uses."""
        self._points.pop(container.id, None)
        self._volumes.leave(container.id, anonymous=anonymous)

    def _places_of(self, name: str) -> Mapping[str, MountPoint]:
        return self.of(self._containers.find(name))

    def _volume_points(self, container: Container) -> list[MountPoint]:
        return [point for point in self.of(container).values() if point.type == "volume"]

    def _made(self, point: MountPoint, container: Container, files: Callable[[], Files]) -> MountPoint:
        volume = self._volumes.create(point.name, driver=point.driver, options=point.options, labels=point.labels)
        if point.copies and not volume.users and not volume.files.listdir("/"):
            tree = files()
            if tree.is_directory(point.destination):
                copying.fill(volume.files, tree, point.destination)
        volume.users[container.id] = None
        return replace(point, name=volume.name, source=volume.mountpoint, driver=volume.driver or LOCAL)

    def _tree(self, point: MountPoint) -> Files:
        match point.type:
            case "volume":
                return self._volumes.find(point.name).files
            case "bind":
                return self._host_trees.tree(point.source)
        tree = self._new_tree()
        tree.shown_as = ("tmpfs", tmpfs.options(point.tmpfs))
        return tree


def unmount_all(files: Files) -> None:
    """Take away all that is mounted in a tree."""
    for path in sorted(files.mounts, reverse=True):  # what is mounted in a volume goes before it
        files.unmount(path)
