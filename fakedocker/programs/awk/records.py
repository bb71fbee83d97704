"""Records and their fields: where they come from, and the one awk works on."""

from __future__ import annotations

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.awk.library import LONGEST, regex, separated
from fakedocker.programs.awk.syntax import Fault
from fakedocker.programs.awk.values import UNSET, Input, Value

#: A record may have no more fields than this.
MOST_FIELDS = 1 << 16


class Source:
    """A descriptor that is read record by record."""

    def __init__(self, process: Process, fd: int, *, pid: int | None = None) -> None:
        self._process = process
        self.fd = fd
        #: The child that writes into it, if it is a command's output.
        self.pid = pid
        self._buffer = ""
        self._position = 0
        self._at_end = False

    def record(self, separator: str) -> Program[str | None]:
        """Return the next record, None at the end. `separator` is RS: a character, nothing (empty lines), a pattern.

        Raises OSError.
        """
        if not separator:
            yield from self._skip_empty_lines()
        searched = self._position
        while True:
            found = self._find(separator, searched)
            if found is not None:
                start, end = found
                # What might go on in the next chunk is no end yet, unless one character is the end.
                if len(separator) == 1 or end < len(self._buffer) or self._at_end:
                    record = self._buffer[self._position : start]
                    self._position = end
                    return record
            if self._at_end:
                rest = self._buffer[self._position :]
                self._position = len(self._buffer)
                if not separator or len(separator) > 1:
                    rest = rest.removesuffix("\n")
                return rest or None
            searched = len(self._buffer) - self._position if len(separator) == 1 else 0
            yield from self._fill()
            searched += self._position

    def _fill(self) -> Program[None]:
        chunk = yield from self._process.read(self.fd)
        self._at_end = not chunk
        self._buffer = self._buffer[self._position :] + chunk.decode("latin-1")
        self._position = 0
        if len(self._buffer) > LONGEST + (1 << 16):
            raise Fault("out of memory")

    def _skip_empty_lines(self) -> Program[None]:
        while not self._at_end or self._position < len(self._buffer):
            while self._buffer.startswith("\n", self._position):
                self._position += 1
            if self._position < len(self._buffer):
                return
            yield from self._fill()

    def _find(self, separator: str, start: int) -> tuple[int, int] | None:
        """Return where the record ends and where the next one begins."""
        if len(separator) == 1:
            at = self._buffer.find(separator, start)
            return None if at < 0 else (at, at + 1)
        spans = regex(separator or "\n\n+").search(self._buffer, start)
        if spans is None or spans[0] is None or spans[0][0] == spans[0][1]:
            return None
        return spans[0]


class Record:
    """`$0` and its fields; each is made of the other when it is asked for."""

    def __init__(self) -> None:
        self._whole: Value | None = UNSET
        self._fields: list[Value] | None = []
        #: FS and OFS as they are now.
        self.separator = " "
        self.joint = " "
        #: RS is empty: a newline divides fields, too.
        self.in_paragraphs = False
        self.ignores_case = False
        #: How the present record is divided: as it was said when it was read.
        self._divider = " "

    def set(self, value: Value) -> None:
        """Take a new record."""
        self._whole = value
        self._fields = None
        self._divider = self.separator
        if self.in_paragraphs and self._divider != " ":
            one = self._divider if len(self._divider) != 1 or self._divider == "\\" else f"[{self._divider}]"
            self._divider = f"({one})|\n"

    def _divided(self) -> list[Value]:
        if self._fields is None:
            whole = self._whole
            assert isinstance(whole, str)
            fields = separated(whole, self._divider, self.ignores_case)
            self._fields = [Input(field) for field in fields]
        return self._fields

    @property
    def count(self) -> int:
        """NF."""
        return len(self._divided())

    @count.setter
    def count(self, count: int) -> None:
        fields = self._divided()
        if count < 0 or count > MOST_FIELDS:
            raise Fault("Access to negative field" if count < 0 else "out of memory")
        del fields[count:]
        fields += [UNSET] * (count - len(fields))
        self._whole = None

    def get(self, index: int) -> Value | None:
        """Return a field; None for the record if it has to be put together first."""
        if index == 0:
            return self._whole
        fields = self._divided()
        return fields[index - 1] if index <= len(fields) else UNSET

    def whole(self, texts: list[str]) -> Value:
        """Put the record together from its fields as texts."""
        joined = self.joint.join(texts)
        if len(joined) > LONGEST:
            raise Fault("out of memory")
        self._whole = Input(joined)
        return self._whole

    @property
    def fields(self) -> list[Value]:
        """All fields."""
        return self._divided()

    def put(self, index: int, value: Value) -> None:
        """Change a field; the record grows where need be."""
        fields = self._divided()
        if index > len(fields):
            self.count = index
        self._divided()[index - 1] = value
        self._whole = None
