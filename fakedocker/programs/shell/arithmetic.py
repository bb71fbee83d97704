"""`$((…))`: C's integer operators on 64-bit numbers.

Precedences and the meaning of names (a variable's value is an expression of its own) are those of busybox
shell/math.c; texts of errors, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

#: How deep parentheses, `?:` and variables that name variables may go.
DEEPEST = 60
TOKEN = re.compile(
    r"\s*(?:(\d+\#[0-9A-Za-z]+|0[xX][0-9A-Fa-f]+|\d[0-9A-Za-z_]*)|([A-Za-z_][A-Za-z0-9_]*)"
    r"|(<<=|>>=|\*\*=|\*\*|\+\+|--|&&|\|\||<<|>>|<=|>=|==|!=|[-+*/%&|^]=|[-+*/%&|^~!<>()?:,=])|$)"
)
#: Binary operators and how strongly they bind (left to right; `**` to the left, too, as busybox has it).
BINDING = {
    "||": 3,
    "&&": 4,
    "|": 5,
    "^": 6,
    "&": 7,
    "==": 8,
    "!=": 8,
    "<": 9,
    ">": 9,
    "<=": 9,
    ">=": 9,
    "<<": 10,
    ">>": 10,
    "+": 11,
    "-": 11,
    "*": 12,
    "/": 12,
    "%": 12,
    "**": 13,
}
ASSIGNING = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**="})


class ArithmeticFault(Exception):
    """An expression that has no value; the text is what ash prints."""


def evaluate(expression: str, get: Callable[[str], str], put: Callable[[str, str], None], depth: int = 0) -> int:
    """Return the value of an expression. `get` and `put` read and write variables. Raises ArithmeticFault."""
    return _Evaluation(expression, get, put, depth).value()


class _Evaluation:
    def __init__(self, text: str, get: Callable[[str], str], put: Callable[[str, str], None], depth: int) -> None:
        self._get = get
        self._put = put
        self._depth = depth
        self._tokens = _tokens(text)
        self._next = 0
        #: Whether a condition would stand between the `?` and the `:` of another one.
        self._between = False

    def value(self) -> int:
        if not self._tokens:
            return 0
        value = self._comma()
        if self._next < len(self._tokens):
            raise ArithmeticFault("arithmetic syntax error")
        return value

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise ArithmeticFault("arithmetic syntax error")

    def _comma(self) -> int:
        value = self._assignment()
        while self._peek() == ",":
            self._take()
            value = self._assignment()
        return value

    def _assignment(self) -> int:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ArithmeticFault("expression recursion loop detected")
        following = self._tokens[self._next + 1] if self._next + 1 < len(self._tokens) else ""
        if following in ASSIGNING and _is_name(self._peek()):
            name, operator = self._take(), self._take()
            value = self._assignment()
            if operator != "=":
                value = self._operate(operator[:-1], self._variable(name), value)
            self._set(name, value)
        else:
            value = self._conditional()
        self._depth -= 1
        return value

    def _conditional(self) -> int:
        condition = self._binary(0)
        if self._peek() != "?":
            return condition
        if self._between:  # ash 1.35 gives the first colon to the outer one
            raise ArithmeticFault("malformed ?: operator")
        self._take()
        self._between = True
        first = self._comma()
        self._between = False
        self._expect(":")
        second = self._assignment()
        return first if condition else second

    def _binary(self, least: int) -> int:
        left = self._unary()
        while (binding := BINDING.get(self._peek(), -1)) >= max(least, 1):
            operator = self._take()
            left = self._operate(operator, left, self._binary(binding + 1))
        return left

    def _unary(self) -> int:
        operators: list[str] = []
        while self._peek() in ("-", "+", "!", "~"):
            operators.append(self._take())
        value = self._primary()
        for operator in reversed(operators):
            if operator == "-":
                value = _wrap(-value)
            elif operator == "!":
                value = int(value == 0)
            elif operator == "~":
                value = ~value
        return value

    def _primary(self) -> int:
        token = self._take()
        if token in ("++", "--"):
            name = self._take()
            if not _is_name(name):
                raise ArithmeticFault("arithmetic syntax error")
            value = _wrap(self._variable(name) + (1 if token == "++" else -1))
            self._set(name, value)
            return value
        if token == "(":
            between, self._between = self._between, False
            value = self._comma()
            self._between = between
            self._expect(")")
            return value
        if _is_name(token):
            value = self._variable(token)
            if self._peek() in ("++", "--"):
                self._set(token, _wrap(value + (1 if self._take() == "++" else -1)))
            return value
        if token[:1].isdigit():
            return _number(token)
        raise ArithmeticFault("arithmetic syntax error")

    def _variable(self, name: str) -> int:
        text = self._get(name).strip()
        if re.fullmatch(r"[1-9][0-9]*|0|", text):
            return _wrap(int(text or "0"))
        return evaluate(text, self._get, self._put, self._depth + 1)

    def _set(self, name: str, value: int) -> None:
        self._put(name, str(value))

    def _operate(self, operator: str, left: int, right: int) -> int:
        match operator:
            case "+":
                return _wrap(left + right)
            case "-":
                return _wrap(left - right)
            case "*":
                return _wrap(left * right)
            case "/" | "%":
                if right == 0:
                    raise ArithmeticFault("divide by zero")
                quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
                return _wrap(quotient if operator == "/" else left - quotient * right)
            case "**":
                if right < 0:
                    raise ArithmeticFault("exponent less than 0")
                return _wrap(pow(left, right, 1 << 64))
            case "<<":
                return _wrap(left << (right & 63))
            case ">>":
                return left >> (right & 63)
            case "&":
                return left & right
            case "|":
                return left | right
            case "^":
                return left ^ right
            case "&&":
                return int(left != 0 and right != 0)
            case "||":
                return int(left != 0 or right != 0)
            case "==":
                return int(left == right)
            case "!=":
                return int(left != right)
            case "<":
                return int(left < right)
            case ">":
                return int(left > right)
            case "<=":
                return int(left <= right)
            case _:
                return int(left >= right)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise ArithmeticFault("arithmetic syntax error")
        position = match.end()
        if match.lastindex:
            tokens.append(match[match.lastindex])
    return tokens


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "_"


def _number(token: str) -> int:
    try:
        if "#" in token:
            base, digits = token.split("#")
            return _wrap(int(digits, int(base)))
        if token[:2] in ("0x", "0X"):
            return _wrap(int(token, 16))
        if token.startswith("0") and len(token) > 1:
            return _wrap(int(token, 8))
        return _wrap(int(token))
    except ValueError:
        raise ArithmeticFault("arithmetic syntax error") from None


def _wrap(value: int) -> int:
    """Return a number as 64 bits with a sign hold it."""
    return ((value + (1 << 63)) & ((1 << 64) - 1)) - (1 << 63)
