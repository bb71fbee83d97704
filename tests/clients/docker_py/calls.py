"""Which public methods of docker-py a test calls, said at the test and checked while it runs.

What has no mention in any test of this folder fails `test_all_of_it.py`.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import docker
import pytest
from docker.models import containers, images, networks, resource, volumes

#: For `pytestmark`: docker-py leaves the sockets of its streams to the garbage collector.
LEAVES_SOCKETS = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
CLASSES: dict[str, type] = {
    one.__name__: one
    for one in (
        docker.DockerClient,
        containers.ContainerCollection,
        containers.Container,
        images.ImageCollection,
        images.Image,
        images.RegistryData,
        networks.NetworkCollection,
        networks.Network,
        volumes.VolumeCollection,
        volumes.Volume,
    )
}


def public() -> Iterator[str]:
    """Yield "Class.name" for all methods and properties; not what a collection has not, and only raises."""
    for name, one in CLASSES.items():
        for attribute in dir(one):
            value = inspect.getattr_static(one, attribute)
            callable_ = inspect.isfunction(value) or isinstance(value, property | classmethod)
            if not attribute.startswith("_") and callable_ and value is not resource.Collection.create:
                yield f"{name}.{attribute}"


def mentioned() -> set[str]:
    """Return what the tests of this folder say that they call."""
    return {
        word.value
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "calls"
        for word in node.args
        if isinstance(word, ast.Constant)
    }


def calls(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Say what a test calls; it fails if it does not."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def watched(*args: Any, **kwargs: Any) -> None:
            with ExitStack() as stack:
                seen = {name: stack.enter_context(_watched(*name.split("."))) for name in names}
                test(*args, **kwargs)
            assert not [name for name, times in seen.items() if not times], "said to be called, and was not"

        return watched

    return decorate


@contextmanager
def _watched(class_name: str, attribute: str) -> Iterator[list[None]]:
    times: list[None] = []
    one = CLASSES[class_name]
    original = inspect.getattr_static(one, attribute)
    function = original.fget if isinstance(original, property) else getattr(original, "__func__", original)

    @functools.wraps(function)
    def watching(*args: Any, **kwargs: Any) -> Any:
        times.append(None)
        return function(*args, **kwargs)

    kind: Callable[[Any], Any] = type(original) if isinstance(original, property | classmethod) else lambda same: same
    with patch.object(one, attribute, kind(watching)):
        yield times
