"""What filters give: any number of values for one input.

A filter hands each value on as soon as it has it: `emit` is called with the value and with where it stands in the
input, if that is asked for, and goes on from there. What the generators here yield are pauses alone, so that a filter
of a million steps holds nobody up.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import GeneratorType
from typing import Any, Final, TypeVar

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.jq import paths
from fakedocker.programs.jq.formats import formatted
from fakedocker.programs.jq.functions import FUNCTIONS, KINDS, MANY
from fakedocker.programs.jq.library import definitions
from fakedocker.programs.jq.matching import captured, matches
from fakedocker.programs.jq.operators import COMPARISONS, operated
from fakedocker.programs.jq.parser import Fault, Node
from fakedocker.programs.jq.paths import Path
from fakedocker.programs.jq.scope import Closure, Scope
from fakedocker.programs.jq.values import (
    LARGEST,
    Exhausted,
    JqError,
    Json,
    array,
    brief,
    described,
    is_true,
    kind,
    number,
    shown,
    sort_key,
    string,
)

#: Steps that a filter may take for one input, and after how many others have their turn.
MOST_STEPS, SLICE = 1_000_000, 250
#: How many values are put in order at a time.
RUN = 2000


@dataclass(frozen=True, slots=True)
class At:
    """A value, and its path in the input: None where nobody asks, `NOWHERE` for what does not stand in it."""

    value: Json
    path: Path | None = None

    def beside(self, value: Json) -> At:
        """Return a value that was made, not found."""
        return At(value, None if self.path is None else NOWHERE)

    def below(self, key: Json, value: Json) -> At:
        """Return a value that was found in this one."""
        if self.path is None:
            return At(value)
        if self.path is NOWHERE:
            raise JqError(f"Invalid path expression with result {brief(self.value)}")
        return At(value, (*self.path, key))


NOWHERE: Final[Path] = ("nowhere",)
Result = TypeVar("Result")
#: A part of the work: yields further parts, which are done before it goes on, and pauses; see `_driven`.
Work = Generator[Any, Any, Result]
Steps = Work[None]
Emit = Callable[[At], Steps]
#: How deep parts may be within each other: definitions that call themselves end here.
DEEPEST = 30_000


class _Break(Exception):
    """`break`, on its way to its label."""

    def __init__(self, label: object) -> None:
        super().__init__()
        self.label = label


class _Passed(Exception):
    """An error from behind a `try`, which is not the one to catch it."""

    def __init__(self, owner: object, error: JqError) -> None:
        super().__init__()
        self.owner = owner
        self.error = error


class Halt(Exception):
    """`halt`: the end, with an exit code and perhaps something to say."""

    def __init__(self, code: int, message: Json = None) -> None:
        super().__init__()
        self.code = code
        self.message = message


class Filter:
    """A filter that is run on one input after the other.

    `more` gives the inputs that `input` asks for, `now` the time, `say` is told what `debug` and `stderr` say.
    Raises Fault if something in it is not defined.
    """

    def __init__(
        self,
        node: Node,
        variables: Mapping[str, Json],
        env: Mapping[str, str],
        *,
        more: Iterator[Json] | None = None,
        now: Callable[[], float] = lambda: 0.0,
        say: Callable[[str], Program[None]] | None = None,
        file_name: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._node = node
        self._more = iter(()) if more is None else more
        self._now = now
        self._say = say
        self._file_name = file_name
        self._steps = 0
        given = {"ENV": dict(env), "__loc__": {"file": "<top-level>", "line": 1.0}, **variables}
        self._scope = Scope(given, definitions())
        _check(node, frozenset(given), frozenset(self._scope.functions))

    def run(self, value: Json, emit: Callable[[Json], Program[None]]) -> Program[None]:
        """Hand the values for an input to `emit`. Raises JqError, Exhausted, Halt."""
        self._steps = 0
        try:
            yield from _driven(self._run(self._node, At(value), self._scope, lambda at: emit(at.value)))
        except _Break:
            raise JqError("break") from None

    def _tick(self) -> bool:
        """Count a step; return whether it is time to let others have their turn."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Exhausted
        return self._steps % SLICE == 0

    def _run(self, node: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        if self._tick():
            yield Pause()
        parts = node.parts
        match node.kind:
            case "identity":
                yield emit(at)
            case "literal":
                yield emit(at.beside(node.value))
            case "variable":
                yield emit(at.beside(scope.variables[node.value]))
            case "pipe":
                yield self._run(parts[0], at, scope, lambda left: self._run(parts[1], left, scope, emit))
            case "binary" if node.value == ",":
                yield self._run(parts[0], at, scope, emit)
                yield self._run(parts[1], at, scope, emit)
            case "index":
                yield self._index(parts, at, scope, emit)
            case "slice":
                yield self._slice(parts, at, scope, emit)
            case "each":
                yield self._run(parts[0], at, scope, lambda of: self._each(of, emit))
            case "array":
                collected = yield self._all(parts[0], at, scope) if parts else _none()
                yield emit(at.beside(collected))
            case "object":
                yield self._object(parts, {}, at, scope, emit)
            case "string":
                yield self._string(parts, "", at, scope, emit)
            case "format":
                yield emit(at.beside(formatted(node.value, at.value)))
            case "negative":
                yield self._run(parts[0], _free(at), scope, lambda of: emit(at.beside(_negated(of.value))))
            case "if":
                yield self._run(
                    parts[0],
                    _free(at),
                    scope,
                    lambda test: self._run(parts[1] if is_true(test.value) else parts[2], at, scope, emit),
                )
            case "try":
                yield self._try(parts, at, scope, emit)
            case "bind":
                yield self._run(
                    parts[0],
                    _free(at),
                    scope,
                    lambda bound: self._bound(
                        node.value, bound.value, at, scope, lambda inner: self._run(parts[1], at, inner, emit)
                    ),
                )
            case "reduce":
                yield self._reduce(node, at, scope, emit)
            case "foreach":
                yield self._foreach(node, at, scope, emit)
            case "def":
                yield self._run(parts[1], at, scope.with_definition(node), emit)
            case "label":
                yield self._label(node, at, scope, emit)
            case "break":
                raise _Break(scope.variables["*" + node.value])
            case "binary":
                yield self._binary(node, at, scope, emit)
            case "call":
                yield self._call(node, at, scope, emit)

    # -- values of parts ------------------------------------------------------------------

    def _all(self, node: Node, at: At, scope: Scope) -> Work[list[Json]]:
        """Return all values of a filter."""
        found: list[Json] = []

        def take(one: At) -> Steps:
            found.append(one.value)
            if len(found) > LARGEST:
                raise Exhausted
            return _done()

        yield self._run(node, _free(at), scope, take)
        return found

    def _first(self, node: Node, at: At, scope: Scope) -> Work[At | None]:
        """Return the first value of a filter."""
        found: list[At] = []
        enough = _Break(found)

        def take(one: At) -> Steps:
            found.append(one)
            raise enough

        try:
            yield self._run(node, at, scope, take)
        except _Break as end:
            if end is not enough:
                raise
        return found[0] if found else None

    def _values(self, nodes: Sequence[Node], at: At, scope: Scope, emit: Callable[[tuple[Json, ...]], Steps]) -> Steps:
        """Hand on all combinations of the values of some filters, those of the last one outermost."""
        if not nodes:
            yield emit(())
            return
        yield self._run(
            nodes[-1],
            _free(at),
            scope,
            lambda last: self._values(nodes[:-1], at, scope, lambda before: emit((*before, last.value))),
        )

    def _index(self, parts: Sequence[Node], at: At, scope: Scope, emit: Emit) -> Steps:
        def found(of: At, key: Json) -> Steps:
            return emit(of.below(key, paths.indexed(of.value, key)))

        if parts[1].kind == "literal":  # as in most of them
            key = parts[1].value
            yield self._run(parts[0], at, scope, lambda of: found(of, key))
            return
        yield self._run(
            parts[0], at, scope, lambda of: self._run(parts[1], _free(at), scope, lambda key: found(of, key.value))
        )

    def _slice(self, parts: Sequence[Node], at: At, scope: Scope, emit: Emit) -> Steps:
        def found(of: At, bounds: tuple[Json, ...]) -> Steps:
            start, end = bounds
            return emit(of.below({"start": start, "end": end}, paths.sliced(of.value, start, end)))

        yield self._run(
            parts[0], at, scope, lambda of: self._values(parts[1:], at, scope, lambda bounds: found(of, bounds))
        )

    def _each(self, of: At, emit: Emit) -> Steps:
        for key, item in paths.entries(of.value):
            if self._tick():
                yield Pause()
            yield emit(of.below(key, item))

    def _object(self, pairs: Sequence[Node], made: dict[str, Json], at: At, scope: Scope, emit: Emit) -> Steps:
        if not pairs:
            yield emit(at.beside(made))
            return
        key, value = pairs[0].parts

        def named(name: At) -> Steps:
            if not isinstance(name.value, str):
                raise JqError(f"Object keys must be strings, not {described(name.value)}")
            return self._run(
                value,
                _free(at),
                scope,
                lambda item: self._object(pairs[1:], {**made, name.value: item.value}, at, scope, emit),
            )

        yield self._run(key, _free(at), scope, named)

    def _string(self, parts: Sequence[Node], made: str, at: At, scope: Scope, emit: Emit) -> Steps:
        if len(made) > LARGEST:
            raise Exhausted
        if not parts:
            yield emit(at.beside(made))
            return
        yield self._run(
            parts[0], _free(at), scope, lambda text: self._string(parts[1:], made + text.value, at, scope, emit)
        )

    def _try(self, parts: Sequence[Node], at: At, scope: Scope, emit: Emit) -> Steps:
        owner = object()
        caught: JqError | None = None
        try:
            yield self._run(parts[0], at, scope, _passing(owner, emit))
        except JqError as error:
            caught = error
        except _Passed as passed:
            if passed.owner is not owner:
                raise
            raise passed.error from None
        if caught is not None and caught.value is not None and len(parts) > 1:  # null is no error that can be caught
            yield self._run(parts[1], at.beside(caught.value), scope, emit)

    def _bound(
        self, patterns: Sequence[Node], value: Json, at: At, scope: Scope, emit: Callable[[Scope], Steps]
    ) -> Steps:
        """Take a value apart; of several patterns the first one is taken with which all goes well."""
        names = {name: None for pattern in patterns for name in _names(pattern)} if len(patterns) > 1 else {}
        for pattern in patterns[:-1]:
            try:
                yield self._destructured(pattern, value, at, scope, names, emit)
            except JqError:
                continue
            return
        yield self._destructured(patterns[-1], value, at, scope, names, emit)

    def _destructured(
        self,
        pattern: Node,
        value: Json,
        at: At,
        scope: Scope,
        names: Mapping[str, Json],
        emit: Callable[[Scope], Steps],
    ) -> Steps:
        def bind(rest: Sequence[tuple[Node, Json]], names: Mapping[str, Json]) -> Steps:
            if not rest:
                yield emit(scope.with_variables(names))
                return
            (one, of), *others = rest
            match one.kind:
                case "variable":
                    yield bind(others, {**names, one.value: of})
                case "array":
                    if of is not None and not isinstance(of, list):
                        raise JqError(f"Cannot index {kind(of)} with number")
                    inner = [(part, paths.indexed(of, float(index))) for index, part in enumerate(one.parts)]
                    yield bind([*inner, *others], names)
                case "object":
                    yield bind([*((part, of) for part in one.parts), *others], names)
                case "entry":
                    yield self._run(
                        one.parts[0],
                        _free(at),
                        scope.with_variables(names),
                        lambda key: entry(one, of, key.value, others, names),
                    )

        def entry(
            one: Node, of: Json, key: Json, others: Sequence[tuple[Node, Json]], names: Mapping[str, Json]
        ) -> Steps:
            if not isinstance(key, str):
                raise JqError(f"Cannot index {kind(of)} with {kind(key)}")
            found = paths.indexed(of, key)
            if one.value is not None:
                names = {**names, one.value: found}
            return bind([*((part, found) for part in one.parts[1:]), *others], names)

        yield bind([(pattern, value)], names)

    def _reduce(self, node: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        source, initial, update = node.parts

        def begin(state: At) -> Steps:
            current = state

            def step(inner: Scope) -> Steps:
                nonlocal current
                last: At | None = None

                def take(new: At) -> Steps:
                    nonlocal last
                    last = new
                    return _done()

                yield self._run(update, current, inner, take)
                current = at.beside(None) if last is None else last

            yield self._run(source, _free(at), scope, lambda item: self._bound(node.value, item.value, at, scope, step))
            yield emit(current)

        yield self._run(initial, at, scope, begin)

    def _foreach(self, node: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        source, initial, update, extract = node.parts

        def begin(state: At) -> Steps:
            current = state

            def step(inner: Scope) -> Steps:
                def take(new: At) -> Steps:
                    nonlocal current
                    current = new
                    return self._run(extract, new, inner, emit)

                yield self._run(update, current, inner, take)

            yield self._run(source, _free(at), scope, lambda item: self._bound(node.value, item.value, at, scope, step))

        yield self._run(initial, at, scope, begin)

    def _label(self, node: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        label = object()
        try:
            yield self._run(node.parts[0], at, scope.with_variables({"*" + node.value: label}), emit)
        except _Break as end:
            if end.label is not label:
                raise

    # -- operators --------------------------------------------------------------------------

    def _binary(self, node: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        operator, (left, right) = node.value, node.parts
        if operator == "//":
            yield self._alternative(left, right, at, scope, emit)
        elif operator in ("and", "or"):
            yield self._run(left, _free(at), scope, lambda one: self._logical(node, one.value, at, scope, emit))
        elif operator == "|=":
            yield self._updated(left, right, at, scope, emit)
        elif operator.endswith("=") and operator not in COMPARISONS:
            yield self._run(
                right, _free(at), scope, lambda new: self._assigned(operator, left, new.value, at, scope, emit)
            )
        else:
            yield self._values(
                (left, right), at, scope, lambda pair: emit(at.beside(operated(operator, pair[0], pair[1])))
            )

    def _logical(self, node: Node, one: Json, at: At, scope: Scope, emit: Emit) -> Steps:
        if is_true(one) == (node.value == "or"):
            return emit(at.beside(node.value == "or"))
        return self._run(node.parts[1], _free(at), scope, lambda two: emit(at.beside(is_true(two.value))))

    def _alternative(self, left: Node, right: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        owner, found = object(), False

        def take(one: At) -> Steps:
            nonlocal found
            if is_true(one.value):
                found = True
                yield _passing(owner, emit)(one)

        try:
            yield self._run(left, at, scope, take)
        except JqError:
            pass
        except _Passed as passed:
            if passed.owner is not owner:
                raise
            raise passed.error from None
        if not found:
            yield self._run(right, at, scope, emit)

    def _paths(self, node: Node, at: At, scope: Scope) -> Work[list[Path]]:
        """Return where the values of a filter stand. Raises JqError if they stand nowhere."""
        found: list[Path] = []

        def take(one: At) -> Steps:
            found.append(_path(one))
            if len(found) > LARGEST:
                raise Exhausted
            return _done()

        yield self._run(node, At(at.value, ()), scope, take)
        return found

    def _updated(self, left: Node, right: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        result = at.value
        for path in (yield self._paths(left, at, scope)):
            new = yield self._first(right, At(paths.at(result, path)), scope)
            result = paths.removed(result, [path]) if new is None else paths.put(result, path, new.value)
        yield emit(at.beside(result))

    def _assigned(self, operator: str, left: Node, new: Json, at: At, scope: Scope, emit: Emit) -> Steps:
        result = at.value
        for path in (yield self._paths(left, at, scope)):
            if operator == "=":
                value = new
            else:
                old = paths.at(result, path)
                value = (old if is_true(old) else new) if operator == "//=" else operated(operator[:-1], old, new)
            result = paths.put(result, path, value)
            if self._tick():
                yield Pause()
        yield emit(at.beside(result))

    # -- calls --------------------------------------------------------------------------------

    def _call(self, node: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        name, parts = node.value, node.parts
        key = name, len(parts)
        closure = scope.functions.get(key)
        if closure is not None:
            yield self._apply(closure, parts, at, scope, emit)
        elif (function := FUNCTIONS.get(key)) is not None:
            yield self._values(parts, at, scope, lambda arguments: emit(at.beside(function(at.value, *arguments))))
        elif (many := MANY.get(key)) is not None:
            yield self._values(parts, at, scope, lambda arguments: self._emitted(at, many(at.value, *arguments), emit))
        elif name in KINDS and not parts:
            if kind(at.value) in KINDS[name]:
                yield emit(at)
        else:
            yield self._builtin(name, parts, at, scope, emit)

    def _apply(self, closure: Closure, parts: Sequence[Node], at: At, scope: Scope, emit: Emit) -> Steps:
        if not closure.parameters:
            inner = scope.within(closure, {}, {}) if closure.name else closure.scope
            yield self._run(closure.body, at, inner, emit)
            return
        values = [
            (name[1:], part) for name, part in zip(closure.parameters, parts, strict=True) if name.startswith("$")
        ]
        arguments = {
            name.lstrip("$"): Closure(part, scope) for name, part in zip(closure.parameters, parts, strict=True)
        }

        def with_values(given: tuple[Json, ...]) -> Steps:
            named = {name: value for (name, _), value in zip(values, given[::-1], strict=True)}
            return self._run(closure.body, at, scope.within(closure, arguments, named), emit)

        yield self._values([part for _, part in values[::-1]], at, scope, with_values)

    def _emitted(self, at: At, values: Iterable[Json], emit: Emit) -> Steps:
        for value in values:
            if self._tick():
                yield Pause()
            yield emit(at.beside(value))

    def _builtin(self, name: str, parts: Sequence[Node], at: At, scope: Scope, emit: Emit) -> Steps:
        match name, len(parts):
            case "empty", 0:
                return
            case "error", 0:
                raise JqError(at.value)
            case "error", 1:
                yield self._run(parts[0], _free(at), scope, lambda message: _raise(message.value))
            case "select", 1:
                yield self._run(parts[0], _free(at), scope, lambda test: emit(at) if is_true(test.value) else _done())
            case "recurse", 0:
                yield self._everywhere(at, emit)
            case "recurse", 1 | 2:
                yield self._recurse(parts, at, scope, emit)
            case "path", 1:
                yield self._run(parts[0], At(at.value, ()), scope, lambda one: emit(at.beside(list(_path(one)))))
            case "getpath", 1:
                yield self._run(parts[0], _free(at), scope, lambda path: self._getpath(at, path.value, emit))
            case "first", 1:
                one = yield self._first(parts[0], at, scope)
                if one is not None:
                    yield emit(one)
            case "isempty", 1:
                yield emit(at.beside((yield self._first(parts[0], _free(at), scope)) is None))
            case "limit", 2:
                yield self._run(
                    parts[0], _free(at), scope, lambda most: self._limit(number(most.value), parts[1], at, scope, emit)
                )
            case "until" | "while", 2:
                yield self._loop(name, parts, at, scope, emit)
            case "repeat", 1:
                yield self._repeat(parts[0], at, scope, emit)
            case "range", 2 | 3:
                yield self._values(parts[::-1], at, scope, lambda bounds: self._range(bounds[::-1], at, emit))
            case "sort" | "sort_by" | "group_by" | "unique_by" | "min_by" | "max_by", _:
                yield emit(at.beside((yield self._by(name, parts, at, scope))))
            case "sub" | "gsub", 2 | 3:
                flags = parts[2] if len(parts) > 2 else Node("literal", "")
                yield self._values(
                    (parts[0], flags), at, scope, lambda given: self._sub(name, given, parts[1], at, scope, emit)
                )
            case "input", 0:
                yield emit(at.beside(self._input()))
            case "input_filename", 0:
                yield emit(at.beside(self._file_name()))
            case "debug" | "stderr", 0:
                if self._say is not None:
                    text = shown(["DEBUG:", at.value]) + "\n" if name == "debug" else shown(at.value)
                    yield self._say(text)
                yield emit(at)
            case "now", 0:
                yield emit(at.beside(self._now()))
            case "builtins", 0:
                yield emit(at.beside([f"{one}/{count}" for one, count in sorted(DEFINED | set(scope.functions))]))
            case "env", 0:
                yield emit(at.beside(scope.variables["ENV"]))
            case "halt", 0:
                raise Halt(0)
            case "halt_error", 1:
                yield self._run(parts[0], _free(at), scope, lambda code: _halt(code.value, at.value))
            case _:
                raise Fault(f"{name}/{len(parts)} is not defined")

    def _getpath(self, at: At, path: Json, emit: Emit) -> Steps:
        keys = tuple(array(path, "used as a path"))
        try:
            value = paths.at(at.value, keys)
        except JqError:
            if at.path is None:
                raise
            value = None
        if at.path is None:
            return emit(At(value))
        if at.path is NOWHERE:
            raise JqError(f"Invalid path expression with result {brief(at.value)}")
        return emit(At(value, (*at.path, *keys)))

    def _everywhere(self, at: At, emit: Emit) -> Steps:
        pending = [at]
        while pending:
            if self._tick():
                yield Pause()
            one = pending.pop()
            yield emit(one)
            if isinstance(one.value, list | dict):
                pending += [one.below(key, inner) for key, inner in reversed(paths.entries(one.value))]

    def _recurse(self, parts: Sequence[Node], at: At, scope: Scope, emit: Emit) -> Steps:
        """Hand on a value, and then what a filter gives for it, and so on."""

        def found(one: At) -> Steps:
            if len(parts) == 1:
                return self._recurse(parts, one, scope, emit)
            return self._run(
                parts[1],
                _free(one),
                scope,
                lambda test: self._recurse(parts, one, scope, emit) if is_true(test.value) else _done(),
            )

        yield emit(at)
        yield self._run(parts[0], at, scope, found)

    def _limit(self, most: float, node: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        if most < 0:
            yield self._run(node, at, scope, emit)
            return
        left = int(most) if math.isfinite(most) else LARGEST
        enough = _Break(object())

        def take(one: At) -> Steps:
            nonlocal left
            left -= 1
            yield emit(one)
            if left <= 0:
                raise enough

        try:  # of nothing there is one, as jq 1.6 has it
            yield self._run(node, at, scope, take)
        except _Break as end:
            if end is not enough:
                raise

    def _loop(self, name: str, parts: Sequence[Node], at: At, scope: Scope, emit: Emit) -> Steps:
        """`until` goes on up to a value for which its condition holds, `while` hands on those for which it does."""
        test = yield self._first(parts[0], _free(at), scope)
        while (test is not None and is_true(test.value)) == (name == "while"):
            if name == "while":
                yield emit(at)
            following = yield self._first(parts[1], at, scope)
            if following is None:
                return
            at = following
            test = yield self._first(parts[0], _free(at), scope)
        if name == "until":
            yield emit(at)

    def _repeat(self, node: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        while True:  # of the same input, as jq 1.6 has it
            yield self._run(node, at, scope, emit)

    def _range(self, bounds: tuple[Json, ...], at: At, emit: Emit) -> Steps:
        if any(kind(bound) != "number" for bound in bounds):
            raise JqError("Range bounds must be numeric")
        start, end, by = (*bounds, 1.0)[:3]
        while (start < end and by > 0) or (start > end and by < 0):
            if self._tick():
                yield Pause()
            yield emit(at.beside(start))
            start += by

    def _by(self, name: str, parts: Sequence[Node], at: At, scope: Scope) -> Work[Json]:
        keyed: list[tuple[tuple[Json, ...], int, Json]] = []
        verb = VERBS.get(name, "iterated over")
        if not isinstance(at.value, list):
            if not parts:
                raise JqError(f"{described(at.value)} cannot be {verb}, as it is not an array")
            lists = [[one] for one in paths.items(at.value)]
            raise JqError(f"{described(at.value)} and {described(lists)} cannot be {verb}, as they are not both arrays")
        for index, item in enumerate(at.value):
            if self._tick():
                yield Pause()
            keys = (yield self._all(parts[0], At(item), scope)) if parts else item
            keyed.append((sort_key(keys), index, item))
        ordered = yield _sorted(keyed)
        if name in ("min_by", "max_by"):
            if not ordered:
                return None
            return ordered[0][2] if name == "min_by" else ordered[-1][2]
        if name in ("sort", "sort_by"):
            return [item for _, _, item in ordered]
        groups: list[list[Json]] = []
        last: tuple[Json, ...] | None = None
        for key, _, item in ordered:
            if last is None or key != last:
                groups.append([])
                last = key
            groups[-1].append(item)
        return groups if name == "group_by" else [group[0] for group in groups]

    def _sub(self, name: str, given: tuple[Json, ...], replacement: Node, at: At, scope: Scope, emit: Emit) -> Steps:
        text = string(at.value)
        found = matches(text, given[0], given[1] or None, everywhere=name == "gsub")

        def replaced(index: int, made: str, done: int) -> Steps:
            if len(made) > LARGEST:
                raise Exhausted
            if self._tick():
                yield Pause()
            if index == len(found):
                yield emit(at.beside(made + text[done:]))
                return
            match = found[index]
            start = int(match["offset"])
            for new in (yield self._all(replacement, At(captured(match)), scope)):
                if not isinstance(new, str):
                    raise JqError(f"{described(captured(match))} cannot be added to a string")
                yield replaced(index + 1, made + text[done:start] + new, start + int(match["length"]))

        if len(found) <= FEW_MATCHES:
            yield replaced(0, "", 0)
            return
        pieces: list[str] = []
        done = 0
        for match in found:  # too many to try each replacement with each other
            new = yield self._first(replacement, At(captured(match)), scope)
            start = int(match["offset"])
            pieces += [text[done:start], string(new.value if new else "", "added")]
            done = start + int(match["length"])
        if sum(map(len, pieces)) > LARGEST:
            raise Exhausted
        yield emit(at.beside("".join(pieces) + text[done:]))

    def _input(self) -> Json:
        try:
            return next(self._more)
        except StopIteration:
            raise JqError("break") from None


VERBS: Final = {"sort": "sorted", "sort_by": "sorted", "group_by": "grouped", "unique_by": "grouped"}
#: Up to so many matches each replacement is tried with each other one.
FEW_MATCHES = 20
#: What is written in Python, beside `FUNCTIONS` and `MANY`.
BUILTINS: Final = frozenset(
    {(name, 0) for name in KINDS}
    | {("empty", 0), ("error", 0), ("error", 1), ("select", 1), ("recurse", 0), ("recurse", 1), ("recurse", 2)}
    | {("path", 1), ("getpath", 1), ("first", 1), ("isempty", 1), ("limit", 2), ("until", 2), ("while", 2)}
    | {("repeat", 1), ("range", 2), ("range", 3), ("sort", 0), ("sort_by", 1), ("group_by", 1), ("unique_by", 1)}
    | {("min_by", 1), ("max_by", 1), ("sub", 2), ("sub", 3), ("gsub", 2), ("gsub", 3), ("input", 0)}
    | {
        ("input_filename", 0),
        ("debug", 0),
        ("stderr", 0),
        ("now", 0),
        ("builtins", 0),
        ("env", 0),
        ("halt", 0),
        ("halt_error", 1),
    }
)
DEFINED: Final = BUILTINS | FUNCTIONS.keys() | MANY.keys()


def _check(node: Node, variables: frozenset[str], functions: frozenset[tuple[str, int]]) -> None:
    """Refuse what is not defined before anything runs. Raises Fault."""
    pending = [(node, variables, functions)]
    while pending:
        here, known, defined = pending.pop()
        parts = here.parts
        place = "at <top-level>, line 1:"
        match here.kind:
            case "call" if (here.value, len(parts)) not in defined | DEFINED:
                raise Fault(f"{here.value}/{len(parts)} is not defined {place}")
            case "variable" if here.value not in known:
                raise Fault(f"${here.value} is not defined {place}")
            case "break" if "*" + here.value not in known:
                raise Fault(f"$*label-{here.value} is not defined {place}")
            case "def":
                name, parameters = here.value
                inner = defined | {(name, len(parameters))}
                own = inner | {(one.lstrip("$"), 0) for one in parameters}
                pending.append((parts[0], known | {one[1:] for one in parameters if one.startswith("$")}, own))
                pending.append((parts[1], known, inner))
                continue
            case "label":
                known |= {"*" + here.value}
            case "bind" | "reduce" | "foreach":
                names = {name for pattern in here.value for name in _names(pattern)}
                pending += [(key, known | names, defined) for pattern in here.value for key in _keys_of(pattern)]
                bare = 1 if here.kind == "bind" else 2
                pending += [
                    (part, known if index < bare else known | names, defined) for index, part in enumerate(parts)
                ]
                continue
        pending += [(part, known, defined) for part in parts]


def _names(pattern: Node) -> list[str]:
    """Return the variables of a pattern."""
    inner = pattern.parts[1:] if pattern.kind == "entry" else pattern.parts
    own = [pattern.value] if pattern.kind in ("variable", "entry") and pattern.value else []
    return own + [name for part in inner for name in _names(part)]


def _keys_of(pattern: Node) -> list[Node]:
    """Return the filters that give the keys of a pattern."""
    if pattern.kind == "entry":
        return [pattern.parts[0], *(key for part in pattern.parts[1:] for key in _keys_of(part))]
    return [key for part in pattern.parts for key in _keys_of(part)]


def _free(at: At) -> At:
    """Return a value whose place nobody asks for."""
    return at if at.path is None else At(at.value)


def _path(at: At) -> Path:
    if at.path is None or at.path is NOWHERE:
        raise JqError(f"Invalid path expression with result {brief(at.value)}")
    return at.path


def _passing(owner: object, emit: Emit) -> Emit:
    """Have errors from behind a `try` pass it."""

    def passing(at: At) -> Steps:
        try:
            yield emit(at)
        except JqError as error:
            raise _Passed(owner, error) from None

    return passing


def _driven(work: Steps) -> Program[None]:
    """Do work whose parts are kept on a stack of our own: Python's would not be deep enough."""
    stack: list[Generator[Any, Any, Any]] = [work]
    result: Any = None
    error: BaseException | None = None
    while stack:
        try:
            part = stack[-1].send(result) if error is None else stack[-1].throw(error)
        except StopIteration as end:
            stack.pop()
            result, error = end.value, None
        except Exception as failure:
            stack.pop()
            error = failure
        else:
            result, error = None, None
            if isinstance(part, GeneratorType):
                stack.append(part)
                if len(stack) > DEEPEST:
                    error = Exhausted()
            else:
                result = yield part
    if error is not None:
        raise error


def _done() -> Steps:
    yield from ()


def _none() -> Work[list[Json]]:
    yield from ()
    return []


def _raise(value: Json) -> Steps:
    raise JqError(value)


def _halt(code: Json, message: Json) -> Steps:
    raise Halt(int(number(code)), message)


def _negated(value: Json) -> float:
    if kind(value) != "number":
        raise JqError(f"{described(value)} cannot be negated")
    return -float(value)


def _sorted(keyed: list[tuple[tuple[Json, ...], int, Json]]) -> Work[list[tuple[tuple[Json, ...], int, Json]]]:
    """Return values in the order of their keys, with pauses: a few at a time, then all together."""
    runs = []
    for start in range(0, len(keyed), RUN):
        runs.append(sorted(keyed[start : start + RUN], key=_key_and_index))
        yield Pause()
    if len(runs) == 1:
        return runs[0]
    ordered = []
    for one in heapq.merge(*runs, key=_key_and_index):
        ordered.append(one)
        if len(ordered) % RUN == 0:
            yield Pause()
    return ordered


def _key_and_index(one: tuple[tuple[Json, ...], int, Json]) -> tuple[tuple[Json, ...], int]:
    return one[0], one[1]
