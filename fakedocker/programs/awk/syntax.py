"""What an awk program consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fakedocker.programs.awk.values import Value


class Fault(Exception):
    """Something that ends awk: a mistake in the program's text, or one that shows when it runs."""


# -- expressions ------------------------------------------------------------------------


class Expression:
    """What has a value.

    Most have it at once. The others (functions of the user, getline, system, close) may have to wait for something;
    `waits` tells whether an expression has such a part.
    """

    __slots__ = ()

    @property
    def parts(self) -> Sequence[Expression]:
        """The expressions whose values are needed first, in order."""
        return ()

    def with_parts(self, parts: Sequence[Expression]) -> Expression:
        """Return the same expression with other parts."""
        return self

    @property
    def waits(self) -> bool:
        return any(part.waits for part in self.parts)


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    value: Value


@dataclass(frozen=True, slots=True)
class Pattern(Expression):
    """A regular expression between slashes: by itself, whether the record matches."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable(Expression):
    name: str


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    """An operator (or a function that needs nothing but values) and its operands."""

    operator: str
    operands: tuple[Expression, ...]

    @property
    def parts(self) -> Sequence[Expression]:
        return self.operands

    def with_parts(self, parts: Sequence[Expression]) -> Operation:
        return Operation(self.operator, tuple(parts))


@dataclass(frozen=True, slots=True)
class Field(Expression):
    """`$index`."""

    index: Expression

    @property
    def parts(self) -> Sequence[Expression]:
        return (self.index,)

    def with_parts(self, parts: Sequence[Expression]) -> Field:
        return Field(parts[0])


@dataclass(frozen=True, slots=True)
class Item(Expression):
    """`array[subscripts]`."""

    array: str
    subscripts: tuple[Expression, ...]

    @property
    def parts(self) -> Sequence[Expression]:
        return self.subscripts

    def with_parts(self, parts: Sequence[Expression]) -> Item:
        return Item(self.array, tuple(parts))


@dataclass(frozen=True, slots=True)
class Contains(Expression):
    """`(subscripts) in array`."""

    subscripts: tuple[Expression, ...]
    array: str

    @property
    def parts(self) -> Sequence[Expression]:
        return self.subscripts

    def with_parts(self, parts: Sequence[Expression]) -> Contains:
        return Contains(tuple(parts), self.array)


Place = Variable | Field | Item


@dataclass(frozen=True, slots=True)
class Match(Expression):
    text: Expression
    pattern: Expression
    negated: bool

    @property
    def parts(self) -> Sequence[Expression]:
        return (self.text, self.pattern)

    def with_parts(self, parts: Sequence[Expression]) -> Match:
        return Match(parts[0], parts[1], self.negated)


@dataclass(frozen=True, slots=True)
class Assignment(Expression):
    """`place operator= value`; `operator` is empty for a plain one."""

    place: Place
    operator: str
    value: Expression

    @property
    def parts(self) -> Sequence[Expression]:
        return (*self.place.parts, self.value)

    def with_parts(self, parts: Sequence[Expression]) -> Assignment:
        return Assignment(_moved(self.place, parts[:-1]), self.operator, parts[-1])


@dataclass(frozen=True, slots=True)
class Step(Expression):
    """`++` and `--`; `first`: the value is that after it."""

    place: Place
    by: int
    first: bool

    @property
    def parts(self) -> Sequence[Expression]:
        return self.place.parts

    def with_parts(self, parts: Sequence[Expression]) -> Step:
        return Step(_moved(self.place, parts), self.by, self.first)


@dataclass(frozen=True, slots=True)
class Logical(Expression):
    """`&&` and `||`."""

    operator: str
    left: Expression
    right: Expression

    @property
    def waits(self) -> bool:
        return self.left.waits or self.right.waits


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """`test ? yes : no`."""

    test: Expression
    yes: Expression
    no: Expression

    @property
    def waits(self) -> bool:
        return self.test.waits or self.yes.waits or self.no.waits


@dataclass(frozen=True, slots=True)
class Substitution(Expression):
    """`sub` and `gsub`, which change a place."""

    everywhere: bool
    pattern: Expression
    replacement: Expression
    place: Expression

    @property
    def parts(self) -> Sequence[Expression]:
        return (self.pattern, self.replacement, *self.place.parts)

    def with_parts(self, parts: Sequence[Expression]) -> Substitution:
        return Substitution(self.everywhere, parts[0], parts[1], self.place.with_parts(parts[2:]))


@dataclass(frozen=True, slots=True)
class Split(Expression):
    """`split(text, array, separator)`."""

    text: Expression
    array: str
    separator: Expression | None

    @property
    def parts(self) -> Sequence[Expression]:
        return (self.text,) if self.separator is None else (self.text, self.separator)

    def with_parts(self, parts: Sequence[Expression]) -> Split:
        return Split(parts[0], self.array, parts[1] if len(parts) > 1 else None)


@dataclass(frozen=True, slots=True)
class Length(Expression):
    """`length(name)`, where the name may be an array's."""

    name: str


class Waiting(Expression):
    """What may have to wait for something."""

    __slots__ = ()

    @property
    def waits(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Call(Waiting):
    """A call of a function of the user."""

    name: str
    arguments: tuple[Expression, ...]
    line: int

    @property
    def parts(self) -> Sequence[Expression]:
        return self.arguments


@dataclass(frozen=True, slots=True)
class Getline(Waiting):
    """`getline`, from the input, a file (`<`) or a command (`|`), into the record or a place."""

    kind: str
    source: Expression | None
    place: Place | None

    @property
    def parts(self) -> Sequence[Expression]:
        return () if self.source is None else (self.source,)


@dataclass(frozen=True, slots=True)
class Outside(Waiting):
    """`system`, `close` and `fflush`."""

    name: str
    argument: Expression | None

    @property
    def parts(self) -> Sequence[Expression]:
        return () if self.argument is None else (self.argument,)


def _moved(place: Place, parts: Sequence[Expression]) -> Place:
    match place:
        case Field():
            return place.with_parts(parts)
        case Item():
            return place.with_parts(parts)
        case Variable():
            return place


# -- statements -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression for what it does."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Print:
    """`print` and `printf`; `redirection` is `>`, `>>`, `|` or empty."""

    formatted: bool
    values: tuple[Expression, ...]
    redirection: str
    target: Expression | None


@dataclass(frozen=True, slots=True)
class If:
    test: Expression
    yes: Statement
    no: Statement | None


@dataclass(frozen=True, slots=True)
class Loop:
    """`while`, `for (;;)` and `do` (which looks at its test only after the first turn)."""

    test: Expression | None
    body: Statement
    step: Statement | None = None
    body_first: bool = False


@dataclass(frozen=True, slots=True)
class ForIn:
    name: str
    array: str
    body: Statement


@dataclass(frozen=True, slots=True)
class Block:
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """`break`, `continue`, `next`, `nextfile`, `exit`, `return`."""

    how: str
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    array: str
    #: None: everything.
    subscripts: tuple[Expression, ...] | None


Statement = Evaluate | Print | If | Loop | ForIn | Block | Leave | Delete


# -- programs ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do with records that match; with `last` from one that matches `first` to one that matches `last`."""

    first: Expression | None
    last: Expression | None
    action: Statement | None


@dataclass(frozen=True, slots=True)
class Function:
    parameters: tuple[str, ...]
    body: Statement
    #: The parameters and locals that are arrays.
    arrays: frozenset[str]


@dataclass(frozen=True, slots=True)
class Script:
    """A whole program."""

    begin: Sequence[Statement] = ()
    rules: Sequence[Rule] = ()
    end: Sequence[Statement] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)
    #: The names of global arrays.
    arrays: frozenset[str] = frozenset()
