"""What operators make of two values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from fakedocker.programs.jq.values import LARGEST, Exhausted, JqError, Json, compare, described, kind

COMPARISONS: Final[dict[str, Callable[[int], bool]]] = {
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}
VERBS: Final = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided", "%": "divided"}


def operated(operator: str, left: Json, right: Json) -> Json:
    """Return what an operator makes of two values. Raises JqError, Exhausted."""
    if operator in COMPARISONS:
        return COMPARISONS[operator](compare(left, right))
    kinds = kind(left), kind(right)
    result: Json
    match operator, *kinds:
        case "+", "null", _:
            result = right
        case "+", _, "null":
            result = left
        case "+", "string" | "array", _ if kinds[0] == kinds[1]:
            result = left + right
        case "+", "object", "object":
            result = {**left, **right}
        case "-", "array", "array":
            result = [item for item in left if not any(compare(item, other) == 0 for other in right)]
        case "*", "object", "object":
            result = _merged(left, right)
        case "*", "string", "number":
            result = None if right <= 0 else _repeated(left, right)
        case "*", "number", "string":
            result = None if left <= 0 else _repeated(right, left)
        case "/", "string", "string":
            result = divided(left, right)
        case _, "number", "number":
            result = _arithmetic(operator, float(left), float(right))
        case _:
            raise JqError(f"{described(left)} and {described(right)} cannot be {VERBS[operator]}")
    if isinstance(result, str | list) and len(result) > LARGEST:
        raise Exhausted
    return result


def _arithmetic(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    whole = operator == "/"
    if right == 0 or (not whole and math.isfinite(right) and int(right) == 0):
        verb = "divided" if whole else "divided (remainder)"
        raise JqError(f"{described(left)} and {described(right)} cannot be {verb} because the divisor is zero")
    if whole:
        return left / right
    if not (math.isfinite(left) and math.isfinite(right)):
        return math.nan if not math.isfinite(left) else float(int(left))
    return math.fmod(int(left), abs(int(right)))


def _repeated(text: str, times: float) -> str:
    if len(text) * times > LARGEST:
        raise Exhausted
    return text * max(math.ceil(times), 1)


def _merged(left: Json, right: Json) -> Json:
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return right
    return {**left, **{key: _merged(left.get(key), item) for key, item in right.items()}}


def divided(text: str, separator: str) -> list[str]:
    """Return the parts of a text between separators, its characters if there is none."""
    if not text:
        return []
    return text.split(separator) if separator else list(text)
