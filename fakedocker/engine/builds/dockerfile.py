"""Dockerfiles: from text to instructions.

The rules of the room:

* the grammar is that of the classic builder of dockerd 20.10 (buildkit frontend/dockerfile/parser and instructions of
  the end of 2020), its errors are in its words and all found before the first step is carried out;
* nothing is expanded here: variables have values only while a build runs (see `fakedocker.engine.builds.expansion`);
* an instruction is a frozen value that knows the text it was written as, which is how a build announces it.

Why not a library: those there are (dockerfile-parse, dockerfile) keep lines or need Go; what makes up the half of this
file - flags, forms, defaults and the texts of the errors - none of them has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from fakedocker.engine.builds.expansion import quoted
from fakedocker.engine.containers.config import Healthcheck
from fakedocker.engine.errors import InvalidParameter

#: The longest line a Dockerfile may have, in bytes (bufio.MaxScanTokenSize - 1).
LONGEST_LINE = 65535
#: Instructions in one Dockerfile: each makes an image, and a daemon must not be filled by one request.
MOST_INSTRUCTIONS = 4096
#: No health check has a shorter interval or timeout, in seconds (moby container.MinimumDuration).
SHORTEST_DURATION = 0.001
NEEDS_BUILDKIT = (
    "the --{} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images "
    "with BuildKit enabled"
)


class DockerfileError(InvalidParameter):
    """A Dockerfile that cannot be read; `str()` is the builder's text."""


def _unreadable(problem: str) -> DockerfileError:
    """Return an error of the first of the builder's two readings, which does not know what instructions mean."""
    return DockerfileError(f"failed to parse Dockerfile: {problem.removeprefix('failed to parse Dockerfile: ')}")


def _found_at(line: int, error: DockerfileError) -> DockerfileError:
    """Return an error of the second reading, which knows the line."""
    return DockerfileError(f"dockerfile parse error on line {line}: {error}").formerly(
        (1, 42), f"dockerfile parse error line {line}: {error}"
    )


# -- what a Dockerfile consists of ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction. `source`: as it was written, continued lines joined. `line`: where it begins, from 1."""

    source: str
    line: int


@dataclass(frozen=True, slots=True)
class From(Instruction):
    """Where a stage begins: an image or an earlier stage; `stage` is the name it gets, "" for none."""

    image: str
    stage: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Command(Instruction):
    """Something to run; `shell`: the only word is a line for the shell."""

    words: tuple[str, ...]
    shell: bool


@dataclass(frozen=True, slots=True)
class Run(Command):
    """Run now. `flags`: those that only BuildKit knows."""

    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cmd(Command):
    """What containers run."""


@dataclass(frozen=True, slots=True)
class Entrypoint(Command):
    """What containers run, whatever their command is."""


@dataclass(frozen=True, slots=True)
class Shell(Instruction):
    """The shell of the shell forms that follow."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy(Instruction):
    """Files for the image. `origin`: the stage or image they are taken from, "" for the context."""

    sources: tuple[str, ...]
    target: str
    chown: str = ""
    chmod: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Add(Copy):
    """As COPY, but archives are unpacked and URLs fetched."""


@dataclass(frozen=True, slots=True)
class Env(Instruction):
    """Variables for everything that follows, and for containers."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Label(Instruction):
    """Labels of the image; `literal`: they were given beside the Dockerfile, nothing in them is replaced."""

    pairs: tuple[tuple[str, str], ...]
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Arg(Instruction):
    """Arguments that a build may be given, each with a default or None."""

    pairs: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Workdir(Instruction):
    """The working directory, seen from the last one."""

    path: str


@dataclass(frozen=True, slots=True)
class User(Instruction):
    """Who runs what follows."""

    user: str


@dataclass(frozen=True, slots=True)
class Expose(Instruction):
    """Ports of the image's programs."""

    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Volume(Instruction):
    """Where containers have volumes."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopSignal(Instruction):
    """The signal that asks a container to stop."""

    signal: str


@dataclass(frozen=True, slots=True)
class Health(Instruction):
    """How containers are asked whether they are well."""

    check: Healthcheck


@dataclass(frozen=True, slots=True)
class OnBuild(Instruction):
    """An instruction for builds that start from the image."""

    expression: str


@dataclass(frozen=True, slots=True)
class Maintainer(Instruction):
    """The author."""

    name: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A FROM with all up to the next one."""

    begin: From
    instructions: tuple[Instruction, ...]

    @property
    def name(self) -> str:
        return self.begin.stage


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile: arguments before the first FROM, stages, the escape character, and what is odd about it."""

    arguments: tuple[Arg, ...]
    stages: tuple[Stage, ...]
    escape: str = "\\"
    warnings: tuple[str, ...] = ()

    def stage(self, name: str) -> int | None:
        """Return the number of the stage with a name, None if there is none."""
        names = [stage.name for stage in self.stages]
        return names.index(name.lower()) if name and name.lower() in names else None


def parse(text: str) -> Dockerfile:
    """Read a whole Dockerfile. Raises DockerfileError."""
    reader = _Lines(text)
    instructions: list[_Sentence] = []
    for source, line in reader.sentences():
        instructions.append(_Sentence(source, line, reader.escape))
        if len(instructions) > MOST_INSTRUCTIONS:
            raise _unreadable(f"more than {MOST_INSTRUCTIONS} instructions")
    if not instructions:
        raise _unreadable("file with no instructions")
    arguments: list[Arg] = []
    stages: list[tuple[From, list[Instruction]]] = []
    for sentence in instructions:
        try:
            instruction = sentence.instruction()
        except DockerfileError as error:
            raise _found_at(sentence.line, error) from None
        if isinstance(instruction, From):
            stages.append((instruction, []))
        elif stages:
            stages[-1][1].append(instruction)
        elif isinstance(instruction, Arg):
            arguments.append(instruction)
        else:
            raise DockerfileError("no build stage in current context")
    return Dockerfile(
        tuple(arguments),
        tuple(Stage(begin, tuple(rest)) for begin, rest in stages),
        reader.escape,
        tuple(reader.warnings),
    )


def parse_trigger(text: str) -> Instruction:
    """Read the instruction that an ONBUILD left behind. Raises DockerfileError."""
    reader = _Lines(text)
    sentences = list(reader.sentences())
    if len(sentences) != 1:
        raise DockerfileError("onbuild trigger should be a single expression")
    return _Sentence(sentences[0][0], sentences[0][1], reader.escape).instruction()


# -- lines ------------------------------------------------------------------------------------------------------

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*")


class _Lines:
    """The lines of a Dockerfile: directives, comments and continuations are understood here."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.escape = "\\"
        self.warnings: list[str] = []
        self._directives: set[str] | None = set()

    def sentences(self) -> Iterator[tuple[str, int]]:
        """Yield (text, number of the first line) of every instruction."""
        lines = self._text.removeprefix("\ufeff").split("\n")
        if lines[-1] == "":
            lines.pop()
        sentence: str | None = None
        begun, odd = 0, False
        for number, line in enumerate(lines, 1):
            line = line.removesuffix("\r")
            if len(line) * 4 > LONGEST_LINE and len(line.encode("utf-8", "surrogateescape")) > LONGEST_LINE:
                raise _unreadable(f"dockerfile line greater than max allowed size of {LONGEST_LINE}")
            stripped = line.lstrip()
            if sentence is None:
                self._look_for_directive(stripped)
                if not stripped or stripped.startswith("#"):
                    continue
                sentence, begun, line = "", number, stripped
            elif stripped.startswith("#"):
                continue
            elif not stripped:
                odd = True
                continue
            text, goes_on = self._continued(line)
            sentence += text
            if not goes_on:
                yield self._end(sentence, odd), begun
                sentence, odd = None, False
        if sentence is not None:
            yield self._end(sentence, odd), begun

    def _end(self, sentence: str, odd: bool) -> str:
        if odd:
            last = "[WARNING]: Empty continuation lines will become errors in a future release."
            self.warnings = [
                *(one for one in self.warnings if one != last),
                f"[WARNING]: Empty continuation line found in:\n    {sentence}",
                last,
            ]
        return sentence

    def _continued(self, line: str) -> tuple[str, bool]:
        stripped = line.rstrip(" \t")
        return (stripped[:-1], True) if stripped.endswith(self.escape) else (line, False)

    def _look_for_directive(self, line: str) -> None:
        """Take in a directive, if this line is still one of those at the top that may be."""
        if self._directives is None:
            return
        match = _DIRECTIVE.fullmatch(line)
        name = match[1].lower() if match else ""
        if match is None or name not in ("escape", "syntax"):
            self._directives = None
            return
        if name in self._directives:
            raise _unreadable(f"only one {name} parser directive can be used")
        self._directives.add(name)
        if name == "escape":
            if match[2] not in ("\\", "`"):
                raise _unreadable(f"invalid escape token '{match[2]}' does not match ` or \\")
            self.escape = match[2]


# -- one instruction ----------------------------------------------------------------------------------------------

_BLANKS = re.compile(r"[\t\v\f\r ]+")


@dataclass(slots=True)
class _Sentence:
    """One instruction taken apart: name, flags, and the rest that each instruction reads in its own way."""

    source: str
    line: int
    escape: str
    name: str = ""
    rest: str = ""
    flags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        name, *rest = _BLANKS.split(self.source.strip(), maxsplit=1)
        self.name = name.upper()
        if rest:
            self.flags, rest_of_it = _flags(rest[0], self.escape)
            self.rest = rest_of_it.strip()
        try:
            self._check()
        except DockerfileError as error:
            raise _unreadable(str(error)) from None

    def _check(self) -> None:
        """Find what the first of the builder's two readings finds: it looks at all sentences before the second one."""
        if self.name in ("ENV", "LABEL"):
            self.pairs()
        elif self.name in ("RUN", "CMD", "ENTRYPOINT", "SHELL", "ADD", "COPY", "VOLUME"):
            self.command()
        elif self.name == "HEALTHCHECK":
            replaced(self, rest=_after_first_word(self.rest)).command()
        elif self.name == "ONBUILD" and not self.rest.upper().startswith("ONBUILD"):
            _Sentence(self.rest, self.line, self.escape)

    def instruction(self) -> Instruction:
        """Return what the sentence means. Raises DockerfileError."""
        read = _INSTRUCTIONS.get(self.name)
        if read is None:
            raise DockerfileError(f"unknown instruction: {self.name}")
        return read(self)

    # -- the ways in which the rest can be read

    def command(self) -> tuple[tuple[str, ...], bool]:
        """Return the words of a JSON list, or the rest as the only word, and whether it is the latter."""
        words = _json_list(self.rest)
        if words is not None:
            return words, False
        return ((self.rest,) if self.rest else ()), True

    def words(self) -> tuple[str, ...]:
        """Return the rest split at blanks."""
        return tuple(_BLANKS.split(self.rest)) if self.rest else ()

    def list(self) -> tuple[str, ...]:
        """Return the words of a JSON list, or the rest split at blanks."""
        words = _json_list(self.rest)
        return self.words() if words is None else words

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return names with values: `name=value …`, or the old form `name value`."""
        words = _quoted_words(self.rest, self.escape)
        if not words:
            return ()
        if "=" not in words[0]:
            name, *value = _BLANKS.split(self.rest, maxsplit=1)
            if not value:
                raise DockerfileError(f"{self.name} must have two arguments")
            return ((name, value[0]),)
        for word in words:
            if "=" not in word:
                raise DockerfileError(f"Syntax error - can't find = in {quoted(word)}. Must be of the form: name=value")
        return tuple((name, value) for name, _, value in (word.partition("=") for word in words))

    def options(self, *known: str) -> dict[str, str]:
        """Return the flags by their names. Raises DockerfileError unless all are known and have a value."""
        found: dict[str, str] = {}
        for flag in self.flags:
            if flag == "--":
                break
            name, equals, value = flag[2:].partition("=")
            if name not in known:
                raise DockerfileError(f"Unknown flag: {name}")
            if name in found:
                raise DockerfileError(f"Duplicate flag specified: {name}")
            if not equals:
                raise DockerfileError(f"Missing a value on flag: {name}")
            found[name] = value
        return found

    def only_argument(self) -> str:
        """Return the rest, which must not be empty. Raises DockerfileError."""
        if not self.rest:
            raise DockerfileError(f"{self.name} requires exactly one argument")
        return self.rest

    def some(self, words: Sequence[object]) -> None:
        """Raise DockerfileError unless there is a word."""
        if not words:
            raise DockerfileError(f"{self.name} requires at least one argument")


def replaced(sentence: _Sentence, *, rest: str) -> _Sentence:
    """Return a sentence of no instruction, with another rest."""
    other = _Sentence("", sentence.line, sentence.escape)
    other.rest = rest
    return other


def _after_first_word(text: str) -> str:
    return text.partition(text.split(maxsplit=1)[0])[2].lstrip() if text.strip() else ""


def _flags(text: str, escape: str) -> tuple[list[str], str]:
    """Take the words that begin with "--" from the front; quotes and escapes are understood (split_command.go)."""
    flags: list[str] = []
    position = 0
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if not text.startswith("--", position):
            return flags, text[position:]
        start, word, quote = position, "", ""
        while position < len(text):
            character = text[position]
            if not quote and character.isspace():
                break
            if character == quote:
                quote = ""
            elif not quote and character in "'\"":
                quote = character
            elif character == "\\" and position + 1 < len(text):
                position += 1
                word += text[position]
            else:
                word += character
            position += 1
        if word == "--":
            return flags, text[position:]
        if position == start:
            return flags, text[position:]
        flags.append(word)


def _json_list(text: str) -> tuple[str, ...] | None:
    """Return the strings of a JSON list, None if the text is no list. Raises DockerfileError for other members."""
    text = text.lstrip()
    if not text.startswith("["):
        return None
    try:
        value, _ = json.JSONDecoder(parse_constant=_no_constant).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in value):
        raise DockerfileError("when using JSON array syntax, arrays must be comprised of strings only")
    return tuple(item.encode("utf-8", "replace").decode() if not item.isascii() else item for item in value)


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _quoted_words(text: str, escape: str) -> list[str]:
    """Split at blanks that are neither quoted nor escaped; quotes and escapes stay (line_parsers.go, parseWords)."""
    words: list[str] = []
    word, quote, blank_is_fine = "", "", False
    position = 0
    while position < len(text):
        character = text[position]
        if not quote and character.isspace():
            if word or blank_is_fine:
                words.append(word)
            word, blank_is_fine = "", False
        elif character == escape and quote != "'":
            position += 1
            if position == len(text):
                break  # it escapes nothing
            word += character + text[position]
        else:
            if character == quote:
                quote = ""
            elif not quote and character in "'\"":
                quote, blank_is_fine = character, True
            word += character
        position += 1
    if word or blank_is_fine:
        words.append(word)
    return words


# -- the instructions -----------------------------------------------------------------------------------------------

_STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*")


def _from(sentence: _Sentence) -> From:
    words = sentence.words()
    stage = ""
    if len(words) == 3 and words[1].lower() == "as":
        stage = words[2].lower()
        if not _STAGE_NAME.fullmatch(stage):
            raise DockerfileError(
                f"invalid name for build stage: {quoted(words[2])}, name can't start with a number or contain symbols"
            )
    elif len(words) != 1:
        raise DockerfileError("FROM requires either one or three arguments")
    options = sentence.options("platform")
    return From(sentence.source.strip(), sentence.line, words[0], stage, options.get("platform", ""))


def _run(sentence: _Sentence) -> Run:
    options = sentence.options("mount")
    return Run(sentence.source.strip(), sentence.line, *sentence.command(), tuple(options))


def _cmd(sentence: _Sentence) -> Cmd:
    sentence.options()
    return Cmd(sentence.source.strip(), sentence.line, *sentence.command())


def _entrypoint(sentence: _Sentence) -> Entrypoint:
    sentence.options()
    return Entrypoint(sentence.source.strip(), sentence.line, *sentence.command())


def _shell(sentence: _Sentence) -> Shell:
    sentence.options()
    words, is_line = sentence.command()
    if not words:
        raise DockerfileError("SHELL requires at least one argument")
    if is_line:
        raise DockerfileError("SHELL requires the arguments to be in JSON form")
    return Shell(sentence.source.strip(), sentence.line, words)


def _copy(sentence: _Sentence) -> Copy:
    words = sentence.list()
    if len(words) < 2:
        raise _no_target(sentence)
    options = sentence.options("chown", "from", "chmod")
    return Copy(
        sentence.source.strip(),
        sentence.line,
        words[:-1],
        words[-1],
        options.get("chown", ""),
        options.get("chmod", ""),
        options.get("from", ""),
    )


def _no_target(sentence: _Sentence) -> DockerfileError:
    return DockerfileError(
        f"{sentence.name} requires at least two arguments, but only one was provided. "
        "Destination could not be determined"
    )


def _add(sentence: _Sentence) -> Add:
    words = sentence.list()
    if len(words) < 2:
        raise _no_target(sentence)
    options = sentence.options("chown", "chmod")
    chown, chmod = options.get("chown", ""), options.get("chmod", "")
    return Add(sentence.source.strip(), sentence.line, words[:-1], words[-1], chown, chmod)


def _named(sentence: _Sentence) -> tuple[tuple[str, str], ...]:
    sentence.options()
    pairs = sentence.pairs()
    sentence.some(pairs)
    if any(not name for name, _ in pairs):
        raise DockerfileError(f"{sentence.name} names can not be blank")
    return pairs


def _env(sentence: _Sentence) -> Env:
    return Env(sentence.source.strip(), sentence.line, _named(sentence))


def _label(sentence: _Sentence) -> Label:
    return Label(sentence.source.strip(), sentence.line, _named(sentence))


def _arg(sentence: _Sentence) -> Arg:
    words = _quoted_words(sentence.rest, sentence.escape)
    sentence.some(words)
    pairs: list[tuple[str, str | None]] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and not name:
            raise DockerfileError("ARG names can not be blank")
        pairs.append((name, value if equals else None))
    return Arg(sentence.source.strip(), sentence.line, tuple(pairs))


def _workdir(sentence: _Sentence) -> Workdir:
    path = sentence.only_argument()
    sentence.options()
    return Workdir(sentence.source.strip(), sentence.line, path)


def _user(sentence: _Sentence) -> User:
    user = sentence.only_argument()
    sentence.options()
    return User(sentence.source.strip(), sentence.line, user)


def _stop_signal(sentence: _Sentence) -> StopSignal:
    return StopSignal(sentence.source.strip(), sentence.line, sentence.only_argument())


def _maintainer(sentence: _Sentence) -> Maintainer:
    name = sentence.only_argument()
    sentence.options()
    return Maintainer(sentence.source.strip(), sentence.line, name)


def _expose(sentence: _Sentence) -> Expose:
    ports = sentence.words()
    sentence.some(ports)
    sentence.options()
    return Expose(sentence.source.strip(), sentence.line, tuple(sorted(ports)))


def _volume(sentence: _Sentence) -> Volume:
    paths = sentence.list()
    sentence.some(paths)
    sentence.options()
    if any(not path for path in paths):
        raise DockerfileError("VOLUME specified can not be an empty string")
    return Volume(sentence.source.strip(), sentence.line, paths)


def _on_build(sentence: _Sentence) -> OnBuild:
    sentence.some(sentence.words())
    sentence.options()
    trigger = sentence.words()[0].upper()
    if trigger == "ONBUILD":
        raise DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if trigger in ("MAINTAINER", "FROM"):
        raise DockerfileError(f"{trigger} isn't allowed as an ONBUILD trigger")
    expression = re.sub(r"^\s*ONBUILD\s*", "", sentence.source, flags=re.IGNORECASE)
    return OnBuild(sentence.source.strip(), sentence.line, expression)


def _healthcheck(sentence: _Sentence) -> Health:
    words = sentence.rest.split(maxsplit=1)
    sentence.some(words)
    kind = words[0].upper()
    rest = _after_first_word(sentence.rest)
    if kind == "NONE":
        if rest:
            raise DockerfileError("HEALTHCHECK NONE takes no arguments")
        return Health(sentence.source.strip(), sentence.line, Healthcheck(("NONE",)))
    options = sentence.options("interval", "timeout", "start-period", "retries")
    if kind != "CMD":
        raise DockerfileError(f"Unknown type {quoted(kind)} in HEALTHCHECK (try CMD)")
    command, is_line = replaced(sentence, rest=rest).command()
    if not command:
        raise DockerfileError("Missing command after HEALTHCHECK CMD")
    check = Healthcheck(
        ("CMD-SHELL" if is_line else "CMD", *command),
        interval=_duration("interval", options.get("interval", "")),
        timeout=_duration("timeout", options.get("timeout", "")),
        start_period=_duration("start-period", options.get("start-period", "")),
        retries=_retries(options.get("retries", "")),
    )
    return Health(sentence.source.strip(), sentence.line, check)


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|[-+]?0")
_DURATION_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_NUMBER = re.compile(r"[-+]?[\d.]+")


def _duration(flag: str, text: str) -> float:
    """Return seconds for a duration as Go writes it ("1m30s")."""
    if not text:
        return 0.0
    if not _DURATION.fullmatch(text) or len(text) > 40:
        problem = "missing unit in duration" if _NUMBER.fullmatch(text) else "invalid duration"
        raise DockerfileError(f"time: {problem} {quoted(text)}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(text))
    seconds = -seconds if text.startswith("-") else seconds
    if seconds == 0:
        return 0.0
    if seconds < SHORTEST_DURATION:
        raise DockerfileError(f"Interval {quoted(flag)} cannot be less than 1ms")
    return round(seconds, 9)


def _retries(text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise DockerfileError(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax")
    if len(text) > 11 or not -(1 << 31) <= int(text) < 1 << 31:
        raise DockerfileError(f"strconv.ParseInt: parsing {quoted(text)}: value out of range")
    if int(text) < 1:
        raise DockerfileError(f"--retries must be at least 1 (not {int(text)})")
    return int(text)


_INSTRUCTIONS: dict[str, Callable[[_Sentence], Instruction]] = {
    "ADD": _add,
    "ARG": _arg,
    "CMD": _cmd,
    "COPY": _copy,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _label,
    "MAINTAINER": _maintainer,
    "ONBUILD": _on_build,
    "RUN": _run,
    "SHELL": _shell,
    "STOPSIGNAL": _stop_signal,
    "USER": _user,
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}
