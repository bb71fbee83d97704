"""Runs awk programs.

What has its value at once is computed at once (`_now`); what may have to wait (a function of the user, getline, a
command) is a generator. A function of the user does not nest in the generator that calls it but goes on a stack of
its own (`Enter`), so that it may call itself as often as `DEEPEST` says.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fakedocker.engine.processes.effects import Effect, Pause, Program
from fakedocker.programs.awk import syntax
from fakedocker.programs.awk.lexer import unescaped
from fakedocker.programs.awk.library import FUNCTIONS, bounded, formatted_text, regex, separated, substituted
from fakedocker.programs.awk.outputs import Streams
from fakedocker.programs.awk.records import Record, Source
from fakedocker.programs.awk.syntax import Expression, Fault, Place, Statement
from fakedocker.programs.awk.values import UNSET, Input, Unset, Value, compare, number, text, truth
from fakedocker.programs.command import Command

T = TypeVar("T")
Array = dict[str, Value]
#: Functions that are called and have not come back yet.
DEEPEST = 1000
#: Elements of all arrays, and characters of all their values.
MOST_ITEMS, MOST_TEXT = 1 << 20, 64 << 20
#: Statements between two pauses: as much work as other programs do for one effect.
TURN = 8


@dataclass(frozen=True, slots=True)
class Enter:
    """Asked of `Machine.run`: to run this, and to go on with its result."""

    work: Work[Any]


#: A part of an awk program that may have to wait.
Work = Generator[Effect | Enter, Any, T]


class _Leaving(Exception):
    """The way out of a loop, a rule, a function or the program."""

    def __init__(self, how: str, value: Value = UNSET) -> None:
        self.how = how
        self.value = value


class Machine:
    """One run of a program."""

    def __init__(self, command: Command, script: syntax.Script, arguments: Sequence[str]) -> None:
        self._command = command
        self._script = script
        self._streams = Streams(command)
        self._record = Record()
        self._variables: dict[str, Value] = {
            "FS": " ",
            "OFS": " ",
            "RS": "\n",
            "ORS": "\n",
            "CONVFMT": "%.6g",
            "OFMT": "%.6g",
            "SUBSEP": "\x1c",
            "NR": 0.0,
            "FNR": 0.0,
            "FILENAME": UNSET,
            "RSTART": 0.0,
            "RLENGTH": -1.0,
            "ARGC": float(len(arguments) + 1),
            "IGNORECASE": UNSET,
        }
        self._arrays: dict[str, Array] = {
            "ENVIRON": {_bytes(name): Input(_bytes(value)) for name, value in command.process.env.items()},
            "ARGV": {str(index): Input(_bytes(word)) for index, word in enumerate(("awk", *arguments))},
        }
        #: The variables of the function that runs, and its arrays.
        self._locals: dict[str, Value] = {}
        self._local_arrays: dict[str, Array] = {}
        self._items = self._text = 0
        self._waits: dict[int, bool] = {}
        self._steps = 0
        self._between: set[int] = set()
        self._next_argument = 1
        self._input: Source | None = None
        self._read_any = False
        self._seed, self._chance = 1.0, 1
        self._now_of: dict[type[Expression], Callable[[Any], Value]] = {
            syntax.Constant: lambda node: node.value,
            syntax.Variable: lambda node: self._get(node.name),
            syntax.Pattern: lambda node: float(self._is_match(self._whole(), node)),
            syntax.Field: self._field,
            syntax.Item: self._item,
            syntax.Operation: self._operation,
            syntax.Contains: lambda node: float(self._subscript(node.subscripts) in self._array(node.array)),
            syntax.Match: self._match,
            syntax.Assignment: self._assign,
            syntax.Step: self._step,
            syntax.Logical: self._logical,
            syntax.Conditional: lambda node: self._now(node.yes if truth(self._now(node.test)) else node.no),
            syntax.Substitution: self._substitute,
            syntax.Split: self._split,
            syntax.Length: self._length,
        }

    # -- the whole ------------------------------------------------------------------------

    def assign(self, name: str, value: str) -> None:
        """Set a variable, as `-v` and `name=value` among the files do."""
        self._set(name, Input(value))

    def run(self) -> Program[int]:
        """Run the program; return its exit code. Raises Fault, RegexFault, OSError."""
        stack: list[Work[Any]] = [self._main()]
        result: Any = None
        error: Exception | None = None
        while True:
            try:
                if error is not None:
                    thrown, error = error, None
                    effect = stack[-1].throw(thrown)
                else:
                    effect = stack[-1].send(result)
            except StopIteration as end:
                stack.pop()
                result = end.value
                if not stack:
                    return int(result)
                continue
            except Exception as failure:
                stack.pop()
                if not stack:
                    raise
                error = failure
                continue
            result = None
            if isinstance(effect, Enter):
                if len(stack) >= DEEPEST:
                    error = Fault("Nested too deeply")
                else:
                    stack.append(effect.work)
                continue
            try:
                result = yield effect
            except Exception as failure:
                error = failure

    def _main(self) -> Work[int]:
        code = 0
        try:
            try:
                for action in self._script.begin:
                    yield from self._do(action)
                if self._script.rules or self._script.end:
                    yield from self._rules()
            except _Leaving as leaving:  # by `exit`; others are of no use here, and do no harm
                code = _code(leaving.value, code)
            try:
                for action in self._script.end:
                    yield from self._do(action)
            except _Leaving as leaving:  # by `exit`; others are of no use here, and do no harm
                code = _code(leaving.value, code)
        except Fault:
            yield from self._streams.flush()
            raise
        yield from self._streams.close_all()
        return code

    def _rules(self) -> Work[None]:
        while (line := (yield from self._next_record())) is not None:
            self._set_record(line)
            try:
                for index, rule in enumerate(self._script.rules):
                    if (yield from self._applies(index, rule)):
                        if rule.action is not None:
                            yield from self._do(rule.action)
                        elif self._streams.standard.put(self._text_of(self._whole()) + self._string("ORS")):
                            yield from self._streams.standard.flush()
            except _Leaving as leaving:
                if leaving.how == "nextfile":
                    self._end_input()
                elif leaving.how != "next":
                    raise

    def _applies(self, index: int, rule: syntax.Rule) -> Work[bool]:
        if index in self._between:
            assert rule.last is not None
            if truth((yield from self._value(rule.last))):
                self._between.discard(index)
            return True
        if rule.first is None:
            return True
        if not truth((yield from self._value(rule.first))):
            return False
        if rule.last is not None and not truth((yield from self._value(rule.last))):
            self._between.add(index)
        return True

    # -- records --------------------------------------------------------------------------

    def _set_record(self, record: Value) -> None:
        self._record.set(record if isinstance(record, str) else text(record, self._form))

    def _next_record(self) -> Work[str | None]:
        """Return the next record of the files that are named, or of the standard input."""
        while True:
            if self._input is None and not (yield from self._next_input()):
                return None
            assert self._input is not None
            yield from self._streams.flush()
            record = yield from self._input.record(self._string("RS"))
            if record is not None:
                for counter in ("NR", "FNR"):
                    self._variables[counter] = number(self._variables[counter]) + 1
                return Input(record)
            self._end_input()

    def _end_input(self) -> None:
        if self._input is not None:
            self._command.close(self._input.fd)
            self._input = None

    def _next_input(self) -> Work[bool]:
        arguments = self._arrays["ARGV"]
        while self._next_argument < number(self._variables["ARGC"]):
            word = text(arguments.get(str(self._next_argument), ""))
            self._next_argument += 1
            name, equals, value = word.partition("=")
            if equals and name.isidentifier():
                self.assign(name, unescaped(value))
            elif word:
                yield from self._open(word)
                return True
            if self._next_argument % TURN == 0:
                yield Pause()
        if self._read_any:
            return False
        yield from self._open("-")
        return True

    def _open(self, name: str) -> Work[None]:
        self._read_any = True
        process = self._command.process
        path = name.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
        try:
            fd = 0 if name == "-" else self._command.attach(process.open(path, read=True))
        except OSError as error:
            raise Fault(f"{path}: {os.strerror(error.errno or 0)}") from None
        self._input = Source(process, fd)
        self._variables["FILENAME"] = Input("" if name == "-" else name)
        self._variables["FNR"] = 0.0
        yield Pause()

    def _whole(self) -> Value:
        """`$0`."""
        whole = self._record.get(0)
        return self._record.whole([self._text_of(value) for value in self._record.fields]) if whole is None else whole

    # -- variables --------------------------------------------------------------------------

    @property
    def _form(self) -> str:
        return self._string("CONVFMT")

    def _text_of(self, value: Value) -> str:
        return value if isinstance(value, str) else text(value, self._form)

    def _string(self, name: str) -> str:
        value = self._variables[name]
        return value if isinstance(value, str) else text(value)

    def _get(self, name: str) -> Value:
        if name in self._locals:
            return self._locals[name]
        if name == "NF":
            return float(self._record.count)
        if name in self._script.arrays or name in self._local_arrays:
            raise Fault("Attempt to use an array in a scalar context")
        return self._variables.get(name, UNSET)

    def _set(self, name: str, value: Value) -> None:
        if name in self._locals:
            self._locals[name] = value
            return
        if name == "NF":
            self._record.count = _index(value)
            return
        if name in self._script.arrays or name in self._local_arrays:
            raise Fault("Attempt to use an array in a scalar context")
        self._variables[name] = value
        if name in ("FS", "OFS", "RS", "IGNORECASE"):
            self._record.separator = self._string("FS")
            self._record.joint = self._string("OFS")
            self._record.in_paragraphs = not self._string("RS")
            self._record.ignores_case = self._ignores_case

    def _array(self, name: str) -> Array:
        array = self._local_arrays.get(name)
        return array if array is not None else self._arrays.setdefault(name, {})

    def _subscript(self, subscripts: Sequence[Expression]) -> str:
        parts = [self._text_of(self._now(part)) for part in subscripts]
        return parts[0] if len(parts) == 1 else bounded(self._string("SUBSEP").join(parts))

    def _keep(self, array: Array, key: str, value: Value) -> None:
        old = array.get(key)
        if old is None:
            self._items += 1
            self._text += len(key)
        self._text += _size(value) - (0 if old is None else _size(old))
        if self._items > MOST_ITEMS or self._text > MOST_TEXT:
            raise Fault("out of memory")
        array[key] = value

    def _drop(self, array: Array, keys: Iterable[str]) -> None:
        for key in list(keys):
            value = array.pop(key, None)
            if value is not None:
                self._items -= 1
                self._text -= len(key) + _size(value)

    def _put(self, place: Expression, value: Value) -> None:
        """Give a place a value; what is no place takes nothing."""
        match place:
            case syntax.Variable(name):
                self._set(name, value)
            case syntax.Field(index):
                at = _index(self._now(index))
                if at == 0:
                    self._set_record(Input(self._text_of(value)))
                else:
                    self._record.put(at, value)
            case syntax.Item(array, subscripts):
                self._keep(self._array(array), self._subscript(subscripts), value)

    # -- expressions --------------------------------------------------------------------------

    def _now(self, node: Expression) -> Value:
        """Return the value of an expression that need not wait."""
        return self._now_of[type(node)](node)

    def _value(self, node: Expression) -> Work[Value]:
        """Return the value of any expression."""
        waits = self._waits.get(id(node))
        if waits is None:
            waits = self._waits[id(node)] = node.waits
        if not waits:
            return self._now(node)
        match node:
            case syntax.Logical(operator, left, right):
                is_true = truth((yield from self._value(left)))
                if is_true == (operator == "&&"):
                    is_true = truth((yield from self._value(right)))
                return float(is_true)
            case syntax.Conditional(test, yes, no):
                chosen = yes if truth((yield from self._value(test))) else no
                return (yield from self._value(chosen))
            case syntax.Call():
                return (yield from self._call(node))
            case syntax.Getline():
                return (yield from self._getline(node))
            case syntax.Outside(name, argument):
                target = None if argument is None else self._text_of((yield from self._value(argument)))
                return (yield from self._outside(name, target))
        parts: list[Expression] = []
        for part in node.parts:
            if isinstance(part, syntax.Pattern):
                parts.append(part)
            else:
                value = yield from self._value(part)
                parts.append(syntax.Constant(value))
        return self._now(node.with_parts(parts))

    def _field(self, node: syntax.Field) -> Value:
        index = _index(self._now(node.index))
        value = self._record.get(index)
        return self._whole() if value is None else value

    def _item(self, node: syntax.Item) -> Value:
        array, key = self._array(node.array), self._subscript(node.subscripts)
        if key not in array:
            self._keep(array, key, UNSET)
        return array[key]

    def _operation(self, node: syntax.Operation) -> Value:
        operator, operands = node.operator, node.operands
        if operator == "match":
            return self._find(self._text_of(self._now(operands[0])), operands[1])
        if operator == "gensub":
            values: list[Value] = [self._pattern_text(operands[0]), *(self._now(operand) for operand in operands[1:])]
            return FUNCTIONS["gensub"](values if len(values) == 4 else [*values, self._whole()], self._form)
        values = [self._now(operand) for operand in operands]
        if operator == "concat":
            return bounded("".join([self._text_of(value) for value in values]))
        if operator in ARITHMETIC:
            return ARITHMETIC[operator](number(values[0]), number(values[1]))
        if operator in COMPARISONS:
            return float(COMPARISONS[operator](compare(values[0], values[1], self._form)))
        match operator:
            case "not":
                return float(not truth(values[0]))
            case "unary-":
                return -number(values[0]) or 0.0
            case "unary+":
                return number(values[0])
            case "rand":
                self._chance = self._chance * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
                return (self._chance >> 11) / (1 << 53)
            case "srand":
                before = self._seed
                self._seed = number(values[0]) if values else float(int(self._command.process.now()))
                self._chance = hash(self._seed) & (1 << 64) - 1
                return before
            case "systime":
                return float(int(self._command.process.now()))
            case "strftime":
                form = values[0] if values else "%a %b %e %H:%M:%S %Z %Y"
                moment = values[1] if len(values) > 1 else self._command.process.now()
                return FUNCTIONS["strftime"]([form, moment], self._form)
        return FUNCTIONS[operator](values, self._form)

    def _match(self, node: syntax.Match) -> Value:
        return float(self._is_match(self._now(node.text), node.pattern) != node.negated)

    def _pattern_text(self, node: Expression) -> str:
        return node.text if isinstance(node, syntax.Pattern) else self._text_of(self._now(node))

    def _is_match(self, subject: Value, pattern: Expression) -> bool:
        compiled = regex(self._pattern_text(pattern), self._ignores_case)
        return compiled.search(self._text_of(subject)) is not None

    @property
    def _ignores_case(self) -> bool:
        return truth(self._variables["IGNORECASE"])

    def _find(self, subject: str, pattern: Expression) -> Value:
        spans = regex(self._pattern_text(pattern), self._ignores_case).search(subject)
        start, end = (-1, -2) if spans is None or spans[0] is None else spans[0]
        self._variables["RSTART"] = float(start + 1)
        self._variables["RLENGTH"] = float(end - start)
        return float(start + 1)

    def _assign(self, node: syntax.Assignment) -> Value:
        if node.operator:
            value: Value = ARITHMETIC[node.operator](number(self._now(node.place)), number(self._now(node.value)))
        else:
            value = self._now(node.value)
            if isinstance(value, Unset):
                value = ""
        self._put(node.place, value)
        return value

    def _step(self, node: syntax.Step) -> Value:
        before = number(self._now(node.place))
        self._put(node.place, before + node.by)
        return before + node.by if node.first else before

    def _logical(self, node: syntax.Logical) -> Value:
        is_true = truth(self._now(node.left))
        if is_true == (node.operator == "&&"):
            is_true = truth(self._now(node.right))
        return float(is_true)

    def _substitute(self, node: syntax.Substitution) -> Value:
        pattern = regex(self._pattern_text(node.pattern), self._ignores_case)
        replacement, subject = (self._text_of(self._now(part)) for part in (node.replacement, node.place))
        result, count = substituted(pattern, replacement, subject, 0 if node.everywhere else 1)
        if count:
            self._put(node.place, result)
        return float(count)

    def _split(self, node: syntax.Split) -> Value:
        subject = self._text_of(self._now(node.text))
        separator = self._string("FS") if node.separator is None else self._pattern_text(node.separator)
        if isinstance(node.separator, syntax.Pattern) and len(separator) == 1:
            separator = f"({separator})"
        array = self._array(node.array)
        self._drop(array, array)
        count = 0
        for piece in separated(subject, separator, self._ignores_case):
            count += 1
            self._keep(array, str(count), Input(piece))
        return float(count)

    def _length(self, node: syntax.Length) -> Value:
        if node.name in self._local_arrays or (node.name in self._script.arrays and node.name not in self._locals):
            return float(len(self._array(node.name)))
        return float(len(self._text_of(self._get(node.name))))

    # -- expressions that wait --------------------------------------------------------------------

    def _call(self, node: syntax.Call) -> Work[Value]:
        function = self._script.functions[node.name]
        values: dict[str, Value] = {}
        arrays: dict[str, Array] = {}
        for index, parameter in enumerate(function.parameters):
            argument = node.arguments[index] if index < len(node.arguments) else None
            if parameter in function.arrays:
                arrays[parameter] = self._array(argument.name) if isinstance(argument, syntax.Variable) else {}
            else:
                values[parameter] = UNSET if argument is None else (yield from self._value(argument))
        value: Value = yield Enter(self._inside(function, values, arrays))
        return value

    def _inside(self, function: syntax.Function, values: dict[str, Value], arrays: dict[str, Array]) -> Work[Value]:
        outer = self._locals, self._local_arrays
        self._locals, self._local_arrays = values, arrays
        try:
            yield from self._do(function.body)
        except _Leaving as leaving:
            if leaving.how != "return":
                raise
            return leaving.value
        finally:
            self._locals, self._local_arrays = outer
        return UNSET

    def _getline(self, node: syntax.Getline) -> Work[Value]:
        if node.source is None:
            record = yield from self._next_record()
        else:
            name = self._text_of((yield from self._value(node.source)))
            try:
                source = yield from self._streams.input(node.kind, name)
                yield from self._streams.flush()
                record = yield from source.record(self._string("RS"))
            except OSError:
                return -1.0
        yield from self._pause()
        if record is None:
            return 0.0
        if node.place is None:
            self._set_record(Input(record))
        else:
            yield from self._put_after_waiting(node.place, Input(record))
        return 1.0

    def _put_after_waiting(self, place: Place, value: Value) -> Work[None]:
        parts: list[Expression] = []
        for part in place.parts:
            parts.append(syntax.Constant((yield from self._value(part))))
        self._put(place.with_parts(parts), value)

    def _outside(self, name: str, target: str | None) -> Work[Value]:
        if name == "system":
            return float((yield from self._streams.run(target or "")))
        if name == "close":
            return (yield from self._streams.close(target or ""))
        yield from self._streams.flush()
        return 0.0

    # -- statements -------------------------------------------------------------------------------

    def _pause(self) -> Work[None]:
        self._steps += 1
        if self._steps % TURN == 0:
            yield Pause()

    def _do(self, statement: Statement) -> Work[None]:
        self._steps += 1
        if self._steps % TURN == 0:
            yield Pause()
        match statement:
            case syntax.Evaluate(expression):
                yield from self._value(expression)
            case syntax.Print():
                yield from self._print(statement)
            case syntax.Block(statements):
                for inner in statements:
                    yield from self._do(inner)
            case syntax.If(test, yes, no):
                if truth((yield from self._value(test))):
                    yield from self._do(yes)
                elif no is not None:
                    yield from self._do(no)
            case syntax.Loop():
                yield from self._loop(statement)
            case syntax.ForIn(name, array, body):
                for key in _in_order(self._array(array)):
                    self._set(name, Input(key))
                    if not (yield from self._turn(body)):
                        break
            case syntax.Leave(how, value):
                raise _Leaving(how, UNSET if value is None else (yield from self._value(value)))
            case syntax.Delete(name, subscripts):
                array_ = self._array(name)
                if subscripts is None:
                    self._drop(array_, array_)
                else:
                    parts = []
                    for part in subscripts:
                        parts.append(syntax.Constant((yield from self._value(part))))
                    self._drop(array_, [self._subscript(parts)])

    def _loop(self, loop: syntax.Loop) -> Work[None]:
        first = loop.body_first
        while first or loop.test is None or truth((yield from self._value(loop.test))):
            first = False
            if not (yield from self._turn(loop.body)):
                return
            if loop.step is not None:
                yield from self._do(loop.step)

    def _turn(self, body: Statement) -> Work[bool]:
        """Do the body of a loop once; return whether the loop goes on."""
        try:
            yield from self._do(body)
        except _Leaving as leaving:
            if leaving.how == "break":
                return False
            if leaving.how != "continue":
                raise
        return True

    def _print(self, statement: syntax.Print) -> Work[None]:
        values: list[Value] = []
        for expression in statement.values:
            values.append((yield from self._value(expression)))
        if statement.formatted:
            written = formatted_text(values, self._form)
        else:
            form = self._string("OFMT")
            shown = [text(value, form) for value in values or [self._whole()]]
            written = bounded(self._string("OFS").join(shown)) + self._string("ORS")
        output = self._streams.standard
        if statement.target is not None:
            name = self._text_of((yield from self._value(statement.target)))
            output = yield from self._streams.output(statement.redirection, name)
        if output.put(written):
            yield from output.flush()


def _index(value: Value) -> int:
    index = number(value)
    if index < 0 or math.isnan(index):
        raise Fault("Access to negative field")
    if index > 1 << 24:
        raise Fault("out of memory")
    return int(index)


def _size(value: Value) -> int:
    return len(value) if isinstance(value, str) else 8


def _code(value: Value, before: int) -> int:
    if isinstance(value, Unset):
        return before
    code = number(value)
    return int(code) & 0xFF if math.isfinite(code) else 0


def _bytes(word: str) -> str:
    return word.encode("utf-8", "surrogateescape").decode("latin-1")


def _divided(left: float, right: float) -> float:
    if right == 0:
        raise Fault("Division by zero")
    return left / right


def _remainder(left: float, right: float) -> float:
    if right == 0:
        raise Fault("Division by zero")
    return math.fmod(left, right) if math.isfinite(left) else math.nan


def _power(left: float, right: float) -> float:
    try:
        return math.pow(left, right)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divided,
    "%": _remainder,
    "^": _power,
}
COMPARISONS: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


# -- the order of arrays --------------------------------------------------------------------------

#: Sizes of busybox's hash tables; one grows when it is to hold more than eight times as many (editors/awk.c).
TABLES: Final = (61, 251, 1021, 4093, 16381, 65521)


def _in_order(array: Array) -> list[str]:
    """Return an array's keys as busybox's `for (key in array)` finds them: by bucket, the youngest first."""
    ages = list(array)
    order: list[str] = []
    for size in TABLES:
        most = 8 * size if size != TABLES[-1] else len(ages)
        order += ages[len(order) : most]
        order.reverse()
        order.sort(key=lambda key: _hash(key) % size)
        if len(order) == len(ages):
            break
    return order


def _hash(key: str) -> int:
    value = 0
    for character in key:
        code = ord(character)
        value = (code - 256 if code > 127 else code) + 63 * value & 0xFFFFFFFF
    return value
