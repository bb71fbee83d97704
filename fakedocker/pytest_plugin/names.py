"""What the cassette of a test is called: `<Class.test[id]>.yaml`, whatever is in the id."""

from __future__ import annotations

import hashlib
import re

import pytest

#: Characters of a name, without `.yaml`. File systems take 255 bytes, and `.yaml.new` and the like come on top.
LONGEST = 120

_ILLEGAL = re.compile(r'[<>:"/\\|?*%\'\s\x00-\x1f\x7f]')


def cassette_name(item: pytest.Item) -> str:
    """Return the file name of a test's cassette. What no file system takes becomes "-"; a long name is cut, and told
    from others by eight characters of a hash.
    """
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    whole = ".".join([*classes, item.name])
    name = _ILLEGAL.sub("-", whole)
    if len(name.encode()) > LONGEST:
        digest = hashlib.sha256(whole.encode(errors="backslashreplace")).hexdigest()[:8]
        name = f"{name.encode()[: LONGEST - 9].decode(errors='ignore')}-{digest}"
    return f"{name}.yaml"
