"""A cassette that is being made of others: in a folder of its own until it is whole, then put in its place at once.

The rules, for whatever rewrites a cassette:

* who fails leaves everything as it was; who is killed leaves the old cassette or the new one, and perhaps files beside
  it that nobody refers to;
* what a recorder is writing is not replaced;
* nothing is written through a link, so that all of it stays in the folder that the user named.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from fakedocker.cassettes.masking import StreamMask
from fakedocker.cassettes.model import Body, Exchange, File, Header
from fakedocker.cassettes.store import CassetteError, CassetteExists, CassetteInUse, SideFiles, Writer, take_place

_PREFIX = ".draft-"
_READ_AT_ONCE = 1 << 20


class Draft:
    """A new cassette for `path`; `replaces` says whether there may be one.

    Raises CassetteExists, CassetteInUse, CassetteError, OSError.
    """

    def __init__(self, path: str | os.PathLike[str], header: Header, *, replaces: bool = False) -> None:
        self.path = Path(path)
        self._files = SideFiles(self.path)
        for one in (self.path, self._files.folder):
            if one.is_symlink():
                raise CassetteError(f"{one} is a link: name the cassette itself")
        _refuse(self.path, replaces)
        with contextlib.ExitStack() as held:
            self._lock = _locked(self.path)
            if self._lock is not None:
                held.callback(os.close, self._lock)
            self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self.path.parent))
            held.callback(shutil.rmtree, self._folder, ignore_errors=True)
            self._writer = held.enter_context(Writer(self._folder / self.path.name, header))
            #: What is given up in the end, whatever that is.
            self._held = held.pop_all()

    def append(
        self, exchange: Exchange, files: SideFiles | None = None, mask: Callable[[], StreamMask] | None = None
    ) -> None:
        """Write an exchange; its bodies beside the cassette are copied from `files`, through a new `mask` each.

        Raises CassetteError when such a file is not what its name says.
        """
        request, response = exchange.request, exchange.response
        request = replace(request, body=self._copied(request.body, files, mask))
        if response is not None:
            response = replace(response, body=self._copied(response.body, files, mask))
        self._writer.append(replace(exchange, request=request, response=response))

    def finish(self) -> None:
        """Put the cassette in its place, and drop files beside it that nothing refers to any more."""
        self._writer.close()
        made = self._folder / self.path.name
        if self._lock is not None:
            os.chmod(made, stat.S_IMODE(os.fstat(self._lock).st_mode))
        before, new = self._files.names(), SideFiles(made).names()
        try:
            take_place(made, self.path)
        except BaseException:
            for name in new - before:
                (self._files.folder / name).unlink(missing_ok=True)
            raise

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def _copied(self, body: Body, files: SideFiles | None, mask: Callable[[], StreamMask] | None) -> Body:
        if not isinstance(body, File) or files is None:
            return body
        through = mask() if mask is not None else None
        digest = hashlib.sha256()
        with files.open(body) as source, self._writer.side_file(body.media_type) as copy:
            while piece := source.read(_READ_AT_ONCE):
                digest.update(piece)
                copy.write(through.feed(piece) if through else piece)
            if through:
                copy.write(through.finish())
            if f"sha256:{digest.hexdigest()}" != body.digest:
                raise CassetteError(f"{source.name} is not what its name says")
            return copy.close()


def write_text(path: str | os.PathLike[str], pieces: Iterable[str], *, replaces: bool = False) -> None:
    """Write a file that is no cassette, by the same rules. Raises CassetteError, OSError and what `pieces` raise."""
    path = Path(path)
    if path.is_symlink():
        raise CassetteError(f"{path} is a link: name the file itself")
    _refuse(path, replaces)
    descriptor, name = tempfile.mkstemp(prefix=_PREFIX, dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _refuse(path: Path, replaces: bool) -> None:
    """Raise if a file cannot be made here, or may not."""
    if not path.parent.is_dir():
        raise CassetteError(f"{path.parent} is no folder")
    if path.exists() and not replaces:
        raise CassetteExists(f"{path} is there already")


def _locked(path: Path) -> int | None:
    """Keep others from writing to a cassette, if there is one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise CassetteError(f"{path} is no file")
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise CassetteInUse(f"{path} is being written by another process") from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
