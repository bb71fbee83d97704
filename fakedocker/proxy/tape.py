"""Where exchanges go: cleared of secrets, into the cassette, and counted.

A cassette that cannot be written any more (a full disk) ends the recording, not the traffic: `failure` says why, and
from then on nothing is kept. What had been written stays a whole cassette.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fakedocker.cassettes.model import Body, Empty, Exchange, Request, Stream
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import SideFile, Writer


@dataclass(slots=True)
class Totals:
    """What has been recorded so far; `bytes` are those of bodies."""

    exchanges: int = 0
    streams: int = 0
    bytes: int = 0


class Tape:
    """Keeps exchanges; for one thread at a time. `on_kept` hears of each that is on disk, `on_failure` why no more."""

    def __init__(
        self,
        writer: Writer,
        redactor: Redactor,
        *,
        on_kept: Callable[[Exchange, int], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self.totals = Totals()
        self.failure = ""
        self._writer = writer
        self._redactor = redactor
        #: What was taken out of something that is not on this tape.
        self._only_heard: Counter[str] = Counter(redactor.counts)
        self._on_kept = on_kept
        self._on_failure = on_failure

    @property
    def redacted(self) -> Mapping[str, int]:
        """How many secrets of each kind were taken out."""
        return Counter(self._redactor.counts) - self._only_heard

    @property
    def next_id(self) -> int:
        """The number of the next exchange."""
        return self._writer.next_id

    @property
    def next_connection(self) -> int:
        """The number of the next connection."""
        return self._writer.next_connection

    @property
    def elapsed(self) -> float:
        """The second of the recording at which it goes on."""
        return self._writer.elapsed

    def hear(self, request: Request) -> None:
        """Learn the secrets of a request now: other connections, or its own upload, may show them before it ends."""
        before = Counter(self._redactor.counts)
        self._redactor.request(request)
        self._only_heard += Counter(self._redactor.counts) - before

    def keep(self, exchange: Exchange, size: int) -> None:
        """Write an exchange whose bodies had `size` bytes."""
        if self.failure:
            return
        clean = self._redactor.exchange(exchange)
        try:
            self._writer.append(clean)
        except OSError as error:
            self.fail(error)
            return
        self.totals.exchanges += 1
        self.totals.streams += clean.response is not None and isinstance(clean.response.body, Stream)
        self.totals.bytes += size
        self._on_kept(clean, size)

    def side_file(self, media_type: str) -> GuardedFile:
        """Begin a file for a large body. Never fails: a full disk is told to the tape."""
        return GuardedFile(self, self._writer, self._redactor, media_type)

    def fail(self, error: OSError) -> None:
        """End the recording."""
        if not self.failure:
            self.failure = error.strerror or str(error)
            self._on_failure(self.failure)


class GuardedFile:
    """A file beside the cassette, as long as it can be written; secrets that are known are hidden in it."""

    def __init__(self, tape: Tape, writer: Writer, redactor: Redactor, media_type: str) -> None:
        self._tape = tape
        self._mask = redactor.stream()
        self._file: SideFile | None = None
        if not tape.failure:
            try:
                self._file = writer.side_file(media_type)
            except OSError as error:
                tape.fail(error)

    def write(self, data: bytes) -> None:
        if self._file is not None:
            try:
                self._file.write(self._mask.feed(data))
            except OSError as error:
                self._fail(error)

    def close(self) -> Body:
        if self._file is not None:
            try:
                self._file.write(self._mask.finish())
                return self._file.close()
            except OSError as error:
                self._fail(error)
        return Empty()  # of an exchange that is not going to be kept

    def _fail(self, error: OSError) -> None:
        if self._file is not None:
            self._file.discard()
            self._file = None
        self._tape.fail(error)
