"""A client's hold on a container's streams: what it gets to see, what it may type, when it is over.

The rules of closing are the same from the daemon of 2013 (moby container.go, Attach; server.go, ContainerAttach) to
today's (container/stream/attach.go): output ends with the run; input ends with the run if the container takes input
once, and otherwise only when the client ends it, which then ends everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from fakedocker.engine.containers.containers import Run
from fakedocker.engine.containers.lifecycle import Verb
from fakedocker.engine.containers.output import Channel, Chunk, Log, Reader
from fakedocker.engine.errors import DockerError
from fakedocker.engine.processes.descriptors import WriteEnd
from fakedocker.engine.processes.terminal import Terminal
from fakedocker.engine.watch import Callback, Watch

DETACH_KEYS = b"\x10\x11"
#: How much is taken of input that goes nowhere.
DISCARD = 65536


class Attachable(Protocol):
    """Something with streams: a container, or what is executed in one."""

    @property
    def log(self) -> Log: ...
    @property
    def run(self) -> Run | None: ...
    @property
    def changed(self) -> Watch: ...
    @property
    def tty(self) -> bool: ...
    @property
    def open_stdin(self) -> bool: ...
    @property
    def stdin_once(self) -> bool: ...
    @property
    def gone(self) -> bool: ...
    @property
    def failed_starts(self) -> int: ...
    def refuse_attaching(self, verb: Verb) -> None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks for: the log so far, the streams from now on, and which channels.

    `patient`: it waits for a start, as clients of today do, who attach before they start. `detach_keys`: the bytes
    that, typed in a row, end it; only today's clients may choose them.
    """

    logs: bool = False
    stream: bool = False
    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    patient: bool = False
    detach_keys: bytes = DETACH_KEYS

    @property
    def outputs(self) -> tuple[Channel, ...]:
        """The output channels that were asked for."""
        channels: tuple[tuple[bool, Channel], ...] = ((self.stdout, "stdout"), (self.stderr, "stderr"))
        return tuple(channel for wanted, channel in channels if wanted)


class Input(Enum):
    """What becomes of what a client sends."""

    NONE = "none"  #: it did not ask to send anything
    DISCARDED = "discarded"  #: the container takes no input
    ONCE = "once"  #: the container's input ends with this client's
    KEPT = "kept"  #: the container's input outlives this client


class Attachment:
    """One attached client. `refusal`: why the live part was refused, after the log was shown."""

    def __init__(self, container: Attachable, wanted: Wanted) -> None:
        self._container = container
        self._wanted = wanted
        self._log_parts = [
            Reader(container.log, (channel,), 0, container.log.end) for channel in wanted.outputs if wanted.logs
        ]
        self._live: Reader | None = None
        self._run: Run | None = None
        self._input = Input.NONE
        self._input_over = True
        self._left = False
        #: How many of the keys that detach were typed.
        self._escaping = 0
        self._wake: Callback = lambda: None
        self._watching = False
        self._subscriptions: list[Callback] = []
        #: A run that was over before this client came.
        self._before: Run | None = None
        self._failures = container.failed_starts
        #: What was sent before there was a run.
        self._early: list[bytes] = []
        self.refusal: DockerError | None = None
        if wanted.stream and (wanted.stdin or wanted.outputs):
            try:
                container.refuse_attaching(Verb.AWAIT if wanted.patient else Verb.ATTACH)
            except DockerError as error:
                self.refusal = error
            else:
                self._go_live(wanted)

    def _go_live(self, wanted: Wanted) -> None:
        container = self._container
        self._live = Reader(container.log, wanted.outputs, container.log.end)
        self._before = container.run if container.run is not None and container.run.ended else None
        self._join()
        if wanted.stdin:
            if not container.open_stdin:
                self._input = Input.DISCARDED
            elif container.stdin_once:
                self._input, self._input_over = Input.ONCE, False
            else:
                self._input, self._input_over = Input.KEPT, False

    def _join(self) -> None:
        """Take hold of the run that is going on, once there is one."""
        run = self._container.run
        if self._run is None and self._live is not None and run is not None and run is not self._before:
            self._run = run
            stdin = run.stdin
            if stdin is not None and self._watching and self._input in (Input.ONCE, Input.KEPT):
                self._subscriptions.append(stdin.ready.subscribe(self._wake))
            early, self._early = self._early, []
            over, self._input_over = self._input_over, False
            for data in early:
                self.receive(data)
            self._input_over = over
            if over and self._input in (Input.ONCE, Input.KEPT):
                self._end_input()

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever there may be something new to see, or room for more input."""
        container, self._wake = self._container, wake
        self._watching = True
        self._subscriptions += [container.log.watch.subscribe(wake), container.changed.subscribe(wake)]
        stdin = self._run.stdin if self._run else None
        if stdin is not None and self._input in (Input.ONCE, Input.KEPT):
            self._subscriptions.append(stdin.ready.subscribe(wake))

    def close(self) -> None:
        """The client has gone: its input ends, and nobody is woken for it any more."""
        for cancel in self._subscriptions:
            cancel()
        self._subscriptions.clear()
        self._wake = lambda: None
        self.half_close()

    def next(self) -> Chunk | None:
        """Return what is to be shown next, None when there is nothing (yet, or any more)."""
        while self._log_parts:
            chunk = self._log_parts[0].next()
            if chunk is not None:
                return chunk
            del self._log_parts[0]
        self._join()
        if self._live is None or self._run is None:
            return None
        self._live.end = self._run.log_end  # a later run of the container is not for this client
        return self._live.next()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come. Only to be asked after `next` had nothing."""
        if self._left or self._container.gone or self._live is None:
            return True
        if self._run is None:
            return not self._wanted.patient or self._container.failed_starts != self._failures
        return self._run.ended and (self._input_over or self._input is Input.ONCE)

    # -- input -----------------------------------------------------------------

    @property
    def room(self) -> int:
        """How many bytes of input are taken now."""
        if self._input_over or (self._run is not None and self._run.ended):
            return DISCARD
        if self._run is None:
            return max(0, DISCARD - sum(map(len, self._early)))
        match self._run.stdin:
            case Terminal() as terminal:
                return terminal.room
            case WriteEnd() as pipe:
                return pipe.room
        return DISCARD

    def receive(self, data: bytes) -> None:
        """Take input from the client, at most `room` bytes."""
        self._join()
        if self._run is None:
            if self._wanted.patient and not self._input_over:
                self._early.append(data)
            return
        if self._input_over or self._run.ended:
            return
        stdin = self._run.stdin
        if isinstance(stdin, Terminal):
            typed = self._without_escape(data)
            if typed:
                stdin.type(typed)
            if self._escaping == len(self._wanted.detach_keys):
                self._leave()
        elif stdin is not None:
            try:
                stdin.write(data)
            except BrokenPipeError:
                pass  # the process closed its input; what is sent now goes nowhere, as on a real one

    def _without_escape(self, data: bytes) -> bytes:
        """Return what of the input is for the program: the keys that detach are held back until they are complete.

        Those of clients of 2013 have to arrive alone, and a ctrl-P is swallowed, whatever follows it (moby utils.go,
        CopyEscapable); today every byte counts, and what turns out to be no escape is passed on (pkg/pools,
        EscapeProxy).
        """
        keys = self._wanted.detach_keys
        if not self._wanted.patient:
            held, self._escaping = self._escaping, 0
            if (held and data == keys[1:]) or (not held and data == keys[:1]):
                self._escaping = held + 1
                return b""
            return data
        typed = bytearray()
        for byte in data:
            if byte == keys[self._escaping]:
                self._escaping += 1
                if self._escaping == len(keys):
                    break
                continue
            typed += keys[: self._escaping]
            self._escaping = 0
            typed.append(byte)
        return bytes(typed)

    def half_close(self) -> None:
        """The client will send nothing more."""
        self._join()
        if self._input_over:
            return
        self._input_over = True
        if self._run is not None or not self._early:
            self._end_input()

    def _end_input(self) -> None:
        if self._input is not Input.ONCE or self._container.tty:
            self._leave()
        elif self._run is not None:
            self._run.close_stdin()

    def _leave(self) -> None:
        self._input_over = True
        self._left = True
        self._wake()
