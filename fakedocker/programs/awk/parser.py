"""Reads awk programs: words become statements.

What nests deeper than any program does, or is longer in one piece, is refused: a text from a container must not use
up the stack of the one who reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fakedocker.programs.awk import syntax
from fakedocker.programs.awk.lexer import BUILTINS, Token, tokens
from fakedocker.programs.awk.library import regex
from fakedocker.programs.awk.syntax import Expression, Fault, Place, Statement

DEEPEST = 80
#: Operators in one expression.
LONGEST_CHAIN = 150
#: Binary operators by how tightly they bind; "concat" stands for nothing between two operands.
LEVELS: Final = {
    "||": 1,
    "&&": 2,
    "in": 3,
    "~": 4,
    "!~": 4,
    "<": 5,
    "<=": 5,
    "==": 5,
    "!=": 5,
    ">": 5,
    ">=": 5,
    "|": 6,
    "concat": 7,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "%": 9,
}
ASSIGNMENTS: Final = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "^="})
#: What an operand can begin with right after another one.
STARTS: Final = frozenset({"number", "string", "pattern", "call", "name", "builtin", "$", "(", "!", "++", "--"})


def parse(source: str) -> syntax.Script:
    """Read a program. Raises Fault, whose text begins with the line, and RegexFault."""
    return _Parser(tokens(source)).script()


@dataclass(frozen=True, slots=True)
class _Group(Expression):
    """Several expressions in parentheses: the values of a print, or subscripts before `in`."""

    members: tuple[Expression, ...]


class _Scope:
    """Names of one function (or of everything outside): which of them are used as arrays."""

    def __init__(self, parameters: Sequence[str] = ()) -> None:
        self.parameters = tuple(parameters)
        self.arrays: set[str] = set()


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._next = 0
        self._depth = 0
        self._operators = 0
        #: Whether `>` is a redirection here, and `in` belongs to a for.
        self._redirects = False
        self._globals = _Scope()
        self._scope = self._globals
        self._scopes: dict[str, _Scope] = {}
        self._calls: list[tuple[_Scope, syntax.Call]] = []
        self._begin: list[Statement] = []
        self._end: list[Statement] = []
        self._rules: list[syntax.Rule] = []
        self._bodies: dict[str, Statement] = {}

    # -- words ------------------------------------------------------------------------

    @property
    def _kind(self) -> str:
        return self._words[self._next].kind

    def _take(self) -> Token:
        token = self._words[self._next]
        self._next = min(self._next + 1, len(self._words) - 1)
        return token

    def _accept(self, *kinds: str) -> Token | None:
        return self._take() if self._kind in kinds else None

    def _expect(self, kind: str) -> Token:
        if self._kind != kind:
            raise self._unexpected()
        return self._take()

    def _unexpected(self) -> Fault:
        return Fault(f"{self._words[self._next].line}: Unexpected token")

    def _skip_newlines(self) -> None:
        while self._accept("newline"):
            pass

    def _skip_ends(self) -> None:
        while self._accept("newline", ";"):
            pass

    def _go_deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Fault(f"{self._words[self._next].line}: Nested too deeply")

    # -- programs -----------------------------------------------------------------------

    def script(self) -> syntax.Script:
        self._skip_ends()
        while self._kind != "end":
            self._item()
            self._skip_ends()
        self._find_arrays()
        functions = {
            name: syntax.Function(scope.parameters, self._bodies[name], frozenset(scope.arrays))
            for name, scope in self._scopes.items()
        }
        for _, call in self._calls:
            if call.name not in functions:
                raise Fault(f"{call.line}: Call to undefined function")
            if len(call.arguments) > len(functions[call.name].parameters):
                raise Fault(f"{call.line}: Too many arguments")
        return syntax.Script(self._begin, self._rules, self._end, functions, frozenset(self._globals.arrays))

    def _item(self) -> None:
        if self._accept("BEGIN"):
            self._begin.append(self._action())
        elif self._accept("END"):
            self._end.append(self._action())
        elif self._accept("function"):
            self._function()
        else:
            self._operators = 0
            first = None if self._kind == "{" else self._expression()
            last = None
            if first is not None and self._accept(","):
                self._skip_newlines()
                last = self._expression()
            self._rules.append(syntax.Rule(first, last, self._action() if self._kind == "{" else None))

    def _action(self) -> Statement:
        self._skip_newlines()
        if self._kind != "{":
            raise self._unexpected()
        return self._statement()

    def _function(self) -> None:
        word = self._take()
        if word.kind == "name":
            self._expect("(")
        elif word.kind != "call":
            raise self._unexpected()
        name = word.text.removesuffix("(")
        parameters: list[str] = []
        while not self._accept(")"):
            parameters.append(self._expect("name").text)
            self._skip_newlines()
            if self._accept(","):
                self._skip_newlines()
            elif self._kind != ")":
                raise self._unexpected()
        self._scope = self._scopes[name] = _Scope(parameters)
        self._bodies[name] = self._action()
        self._scope = self._globals

    def _array(self, name: str) -> str:
        scope = self._scope if name in self._scope.parameters else self._globals
        scope.arrays.add(name)
        return name

    def _find_arrays(self) -> None:
        """What is given to a function for an array is one, and so on."""
        changed = True
        while changed:
            changed = False
            for scope, call in self._calls:
                callee = self._scopes.get(call.name)
                if callee is None:
                    continue
                for parameter, argument in zip(callee.parameters, call.arguments, strict=False):
                    if not isinstance(argument, syntax.Variable):
                        continue
                    owner = scope if argument.name in scope.parameters else self._globals
                    if parameter in callee.arrays and argument.name not in owner.arrays:
                        owner.arrays.add(argument.name)
                        changed = True
                    elif argument.name in owner.arrays and parameter not in callee.arrays:
                        callee.arrays.add(parameter)
                        changed = True

    # -- statements -----------------------------------------------------------------------

    def _statement(self) -> Statement:
        self._go_deeper()
        statement = self._bare_statement()
        self._depth -= 1
        return statement

    def _bare_statement(self) -> Statement:
        match self._kind:
            case "{":
                self._take()
                statements: list[Statement] = []
                self._skip_ends()
                while not self._accept("}"):
                    statements.append(self._statement())
                    self._skip_ends()
                return syntax.Block(tuple(statements))
            case ";":
                self._take()
                return syntax.Block(())
            case "if":
                return self._if()
            case "while":
                self._take()
                test = self._condition()
                if self._accept(";"):
                    return syntax.Loop(test, syntax.Block(()))
                return syntax.Loop(test, self._body())
            case "do":
                return self._do()
            case "for":
                return self._for()
            case _:
                statement = self._simple()
                self._terminate()
                return statement

    def _terminate(self) -> None:
        if self._kind not in ("}", "end") and not self._accept(";", "newline"):
            raise self._unexpected()

    def _body(self) -> Statement:
        self._skip_newlines()
        return self._statement()

    def _condition(self) -> Expression:
        self._expect("(")
        test = self._inside()
        self._expect(")")
        return test

    def _if(self) -> Statement:
        self._take()
        test = self._condition()
        yes = self._body()
        before = self._next
        self._skip_ends()
        if self._accept("else"):
            return syntax.If(test, yes, self._body())
        self._next = before
        return syntax.If(test, yes, None)

    def _do(self) -> Statement:
        self._take()
        body = self._body()
        self._skip_ends()
        self._expect("while")
        test = self._condition()
        self._terminate()
        return syntax.Loop(test, body, body_first=True)

    def _for(self) -> Statement:
        self._take()
        self._expect("(")
        ahead = [word.kind for word in self._words[self._next : self._next + 4]]
        if ahead == ["name", "in", "name", ")"]:
            name = self._take().text
            self._take()
            array = self._array(self._take().text)
            self._take()
            return syntax.ForIn(name, array, self._body())
        start = None if self._kind == ";" else self._simple()
        self._expect(";")
        self._skip_newlines()
        test = None if self._kind == ";" else self._inside()
        self._expect(";")
        self._skip_newlines()
        step = None if self._kind == ")" else self._simple()
        self._expect(")")
        body: Statement = syntax.Block(()) if self._accept(";") else self._body()
        loop = syntax.Loop(test, body, step)
        return loop if start is None else syntax.Block((start, loop))

    def _simple(self) -> Statement:
        self._operators = 0
        match self._kind:
            case "print" | "printf":
                return self._print()
            case "break" | "continue" | "next" | "nextfile":
                return syntax.Leave(self._take().kind)
            case "exit" | "return":
                how = self._take().kind
                ends = self._kind in (";", "newline", "}", "end")
                return syntax.Leave(how, None if ends else self._expression())
            case "delete":
                self._take()
                array = self._array(self._expect("name").text)
                return syntax.Delete(array, self._subscripts() if self._accept("[") else None)
            case _:
                return syntax.Evaluate(self._expression())

    def _print(self) -> Statement:
        formatted = self._take().kind == "printf"
        outer, self._redirects = self._redirects, True
        values: list[Expression] = []
        if self._kind not in (";", "newline", "}", "end", ">", ">>", "|"):
            values.append(self._expression(groups=True))
            while self._accept(","):
                self._skip_newlines()
                values.append(self._expression())
        if len(values) == 1 and isinstance(values[0], _Group):
            values = list(values[0].members)
        redirection = self._accept(">", ">>", "|")
        target = self._binary(LEVELS["concat"]) if redirection else None
        self._redirects = outer
        if formatted and not values:
            raise self._unexpected()
        return syntax.Print(formatted, tuple(values), redirection.kind if redirection else "", target)

    # -- expressions ------------------------------------------------------------------------

    def _inside(self, *, groups: bool = False) -> Expression:
        """Read an expression in parentheses, where `>` compares."""
        outer, self._redirects = self._redirects, False
        expression = self._expression(groups=groups)
        self._redirects = outer
        return expression

    def _list(self, end: str) -> tuple[Expression, ...]:
        members: list[Expression] = []
        self._skip_newlines()
        while not self._accept(end):
            members.append(self._inside())
            self._skip_newlines()
            if self._accept(","):
                self._skip_newlines()
            elif self._kind != end:
                raise self._unexpected()
        return tuple(members)

    def _subscripts(self) -> tuple[Expression, ...]:
        subscripts = self._list("]")
        if not subscripts:
            raise self._unexpected()
        return subscripts

    def _expression(self, *, groups: bool = False) -> Expression:
        """Read a whole expression: assignments and `?:` bind least, both to the right."""
        self._go_deeper()
        left = self._binary(1)
        if isinstance(left, _Group) and not groups:
            raise self._unexpected()
        if self._kind in ASSIGNMENTS:
            if not isinstance(left, Place):
                raise self._unexpected()
            operator = self._take().kind[:-1]
            self._skip_newlines()
            left = syntax.Assignment(left, operator, self._expression())
        elif self._accept("?"):
            self._skip_newlines()
            yes = self._expression()
            self._skip_newlines()
            self._expect(":")
            self._skip_newlines()
            left = syntax.Conditional(left, yes, self._expression())
        self._depth -= 1
        return left

    def _binary(self, least: int) -> Expression:
        """Read operators that bind at least as tightly as `least`, and their operands."""
        self._go_deeper()
        left = self._unary()
        while (operator := self._operator()) is not None and LEVELS[operator] >= least:
            if isinstance(left, _Group) and operator != "in":
                raise self._unexpected()
            if operator == "concat":
                operands = [left]
                while self._operator() == "concat":
                    operands.append(self._binary(LEVELS["concat"] + 1))
                left = syntax.Operation("concat", tuple(operands))
                continue
            if operator == "|" and self._words[self._next + 1].kind != "getline":
                break
            self._count_operator()
            self._take()
            self._skip_newlines()
            left = self._joined(operator, left)
        self._depth -= 1
        return left

    def _count_operator(self) -> None:
        self._operators += 1
        if self._operators > LONGEST_CHAIN:
            raise Fault(f"{self._words[self._next].line}: Too long an expression")

    def _operator(self) -> str | None:
        """Return the binary operator that comes next."""
        kind = self._kind
        if kind == ">" and self._redirects:
            return None
        if kind in LEVELS:
            return kind
        return "concat" if kind in STARTS else None

    def _joined(self, operator: str, left: Expression) -> Expression:
        match operator:
            case "|":
                self._expect("getline")
                return syntax.Getline("|", left, self._place_or_none())
            case "in":
                subscripts = left.members if isinstance(left, _Group) else (left,)
                return syntax.Contains(subscripts, self._array(self._expect("name").text))
        right = self._binary(LEVELS[operator] + 1)
        # An assignment may stand at the right of an operator: `x && y = 1`.
        if self._kind in ASSIGNMENTS and isinstance(right, Place):
            kind = self._take().kind[:-1]
            self._skip_newlines()
            right = syntax.Assignment(right, kind, self._expression())
        if isinstance(right, _Group):
            raise self._unexpected()
        match operator:
            case "&&" | "||":
                return syntax.Logical(operator, left, right)
            case "~" | "!~":
                return syntax.Match(left, right, operator == "!~")
            case _:
                return syntax.Operation(operator, (left, right))

    def _unary(self) -> Expression:
        signs: list[str] = []
        while token := self._accept("!", "-", "+"):
            signs.append(token.kind)
            self._count_operator()
        operand = self._power()
        if signs and isinstance(operand, _Group):
            raise self._unexpected()
        for sign in reversed(signs):
            operand = syntax.Operation("not" if sign == "!" else "unary" + sign, (operand,))
        return operand

    def _power(self) -> Expression:
        base = self._postfix()
        if not self._accept("^"):
            return base
        if isinstance(base, _Group):
            raise self._unexpected()
        self._go_deeper()
        power = syntax.Operation("^", (base, self._unary()))
        self._depth -= 1
        return power

    def _postfix(self) -> Expression:
        operand = self._primary()
        if isinstance(operand, Place) and (token := self._accept("++", "--")):
            return syntax.Step(operand, 1 if token.kind == "++" else -1, first=False)
        return operand

    def _primary(self) -> Expression:
        token = self._take()
        match token.kind:
            case "number":
                return syntax.Constant(_constant(token.text))
            case "string":
                return syntax.Constant(token.text)
            case "pattern":
                regex(token.text)  # a mistake in it is one of the program
                return syntax.Pattern(token.text)
            case "$":
                self._go_deeper()
                index = self._step() if self._kind in ("++", "--") else self._signed()
                self._depth -= 1
                return syntax.Field(index)
            case "++" | "--":
                self._next -= 1
                return self._step()
            case "(":
                return self._parenthesized()
            case "name":
                if self._accept("["):
                    return syntax.Item(self._array(token.text), self._subscripts())
                return syntax.Variable(token.text)
            case "call":
                call = syntax.Call(token.text[:-1], self._list(")"), token.line)
                self._calls.append((self._scope, call))
                return call
            case "getline":
                place = self._place_or_none()
                if self._accept("<"):
                    return syntax.Getline("<", self._primary(), place)
                return syntax.Getline("", None, place)
            case "builtin":
                return self._builtin(token)
        self._next = max(self._next - (token.kind != "end"), 0)
        raise self._unexpected()

    def _signed(self) -> Expression:
        if sign := self._accept("-", "+", "!"):
            self._go_deeper()
            operand = syntax.Operation("not" if sign.kind == "!" else "unary" + sign.kind, (self._signed(),))
            self._depth -= 1
            return operand
        operand_ = self._primary()
        if isinstance(operand_, _Group):
            raise self._unexpected()
        return operand_

    def _step(self) -> Expression:
        token = self._take()
        place = self._primary()
        if not isinstance(place, Place):
            raise self._unexpected()
        return syntax.Step(place, 1 if token.kind == "++" else -1, first=True)

    def _parenthesized(self) -> Expression:
        members = [self._inside()]
        self._skip_newlines()
        while self._accept(","):
            self._skip_newlines()
            members.append(self._inside())
            self._skip_newlines()
        self._expect(")")
        if len(members) > 1:
            return _Group(tuple(members))
        # In parentheses a place is a value: `(x) = 1` is a mistake, `(x)++` is not worth one.
        return members[0]

    def _place_or_none(self) -> Place | None:
        if self._kind not in ("name", "$"):
            return None
        place = self._primary()
        assert isinstance(place, Place)
        return place

    def _builtin(self, token: Token) -> Expression:
        name = token.text
        bare = self._accept("(") is None
        if bare and name != "length":
            raise self._unexpected()
        arguments = () if bare else self._list(")")
        least, most = BUILTINS[name]
        if len(arguments) < least:
            raise Fault(f"{token.line}: Too few arguments")
        if len(arguments) > most:
            raise Fault(f"{token.line}: Too many arguments")
        record: Expression = syntax.Field(syntax.Constant(0.0))
        match name:
            case "length" if arguments and isinstance(arguments[0], syntax.Variable):
                return syntax.Length(arguments[0].name)
            case "length":
                return syntax.Operation("length", arguments or (record,))
            case "split":
                if not isinstance(arguments[1], syntax.Variable):
                    raise self._unexpected()
                separator = arguments[2] if len(arguments) > 2 else None
                return syntax.Split(arguments[0], self._array(arguments[1].name), separator)
            case "sub" | "gsub":
                place = arguments[2] if len(arguments) > 2 else record
                return syntax.Substitution(name == "gsub", arguments[0], arguments[1], place)
            case "system" | "close" | "fflush":
                return syntax.Outside(name, arguments[0] if arguments else None)
        return syntax.Operation(name, arguments)


def _constant(text: str) -> float:
    if text[:2] in ("0x", "0X"):
        return float(int(text[:50], 16))
    if len(text) > 1 and text[0] == "0" and text.isdecimal() and not set(text) & {"8", "9"}:
        return float(int(text[:50], 8))
    return float(text)
