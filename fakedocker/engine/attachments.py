"""A client's hold on a container's streams: what it gets to see, what it may type, when it is over.

The rules of closing are those of the daemon of 2013 (moby container.go, Attach; server.go, ContainerAttach):
output ends with the run; input ends with the run if the container takes input once, and otherwise only when the
client ends it, which then ends everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from fakedocker.engine.containers import Container, Run
from fakedocker.engine.descriptors import WriteEnd
from fakedocker.engine.errors import DockerError
from fakedocker.engine.lifecycle import State, Verb, after
from fakedocker.engine.output import Channel, Chunk, Reader
from fakedocker.engine.terminal import Terminal
from fakedocker.engine.watch import Callback

DETACH_KEYS = (b"\x10", b"\x11")
#: How much is taken of input that goes nowhere.
DISCARD = 65536


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks for: the log so far, the streams from now on, and which channels."""

    logs: bool = False
    stream: bool = False
    stdin: bool = False
    stdout: bool = False
    stderr: bool = False

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

    def __init__(self, container: Container, wanted: Wanted) -> None:
        self._container = container
        self._log_parts = [
            Reader(container.log, (channel,), 0, container.log.end) for channel in wanted.outputs if wanted.logs
        ]
        self._live: Reader | None = None
        self._run: Run | None = None
        self._input = Input.NONE
        self._input_over = True
        self._left = False
        self._escaping = False
        self._wake: Callback = lambda: None
        self._subscriptions: list[Callback] = []
        self.refusal: DockerError | None = None
        if wanted.stream and (wanted.stdin or wanted.outputs):
            try:
                after(container.state, Verb.ATTACH, container.id)
            except DockerError as error:
                self.refusal = error
            else:
                self._go_live(wanted)

    def _go_live(self, wanted: Wanted) -> None:
        container = self._container
        self._run = container.run
        self._live = Reader(container.log, wanted.outputs, container.log.end)
        if wanted.stdin:
            if not container.config.open_stdin:
                self._input = Input.DISCARDED
            elif container.config.stdin_once:
                self._input, self._input_over = Input.ONCE, False
            else:
                self._input, self._input_over = Input.KEPT, False

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever there may be something new to see, or room for more input."""
        container, self._wake = self._container, wake
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
        if self._live is None or self._run is None:
            return None
        self._live.end = self._run.log_end  # a later run of the container is not for this client
        return self._live.next()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come. Only to be asked after `next` had nothing."""
        if self._run is None or self._left or self._container.state is State.REMOVED:
            return True
        return self._run.ended and (self._input_over or self._input is Input.ONCE)

    # -- input -----------------------------------------------------------------

    @property
    def room(self) -> int:
        """How many bytes of input are taken now."""
        if self._input_over or self._run is None or self._run.ended:
            return DISCARD
        match self._run.stdin:
            case Terminal() as terminal:
                return terminal.room
            case WriteEnd() as pipe:
                return pipe.room
        return DISCARD

    def receive(self, data: bytes) -> None:
        """Take input from the client, at most `room` bytes."""
        if self._input_over or self._run is None or self._run.ended:
            return
        stdin = self._run.stdin
        if isinstance(stdin, Terminal):
            if self._escapes(data):
                self._leave()
            elif not self._escaping:
                stdin.type(data)
        elif stdin is not None:
            try:
                stdin.write(data)
            except BrokenPipeError:
                pass  # the process closed its input; what is sent now goes nowhere, as on a real one

    def _escapes(self, data: bytes) -> bool:
        """Tell whether the keys that detach are complete: ctrl-P, ctrl-Q, each arriving alone.

        As in the original a ctrl-P is swallowed, whatever follows it (moby utils.go, CopyEscapable).
        """
        if self._escaping:
            self._escaping = False
            return data == DETACH_KEYS[1]
        self._escaping = data == DETACH_KEYS[0]
        return False

    def half_close(self) -> None:
        """The client will send nothing more."""
        if self._input_over:
            return
        self._input_over = True
        if self._input is Input.ONCE and not self._container.config.tty:
            assert self._run is not None
            self._run.close_stdin()
        else:
            self._leave()

    def _leave(self) -> None:
        self._input_over = True
        self._left = True
        self._wake()
