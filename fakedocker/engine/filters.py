"""What a list is to show: the `filters` of a request (moby api/types/filters).

A filter has keys, a key has values; of the values of one key one has to fit, except for labels, of which all have to.
A key that is not there lets everything pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from fakedocker.engine import errors
from fakedocker.engine.patterns import Pattern, PatternError
from fakedocker.engine.timestamps import parse_timestamp

#: What may be said for yes and no (Go strconv.ParseBool, as far as filters let it).
YES, NO = frozenset({"1", "true"}), frozenset({"0", "false"})


class Filters:
    """Keys and their values. A value that the old form sets to false is there but fits nothing."""

    def __init__(self, fields: Mapping[str, Mapping[str, bool]] | None = None) -> None:
        self._fields = {key: dict(values) for key, values in (fields or {}).items()}

    @classmethod
    def of(cls, **fields: Iterable[str]) -> Self:
        """Return filters by their keys."""
        return cls({key: dict.fromkeys(values, True) for key, values in fields.items()})

    @classmethod
    def read(cls, value: Any) -> Self:
        """Return the filters that a JSON value says: key -> list of values, or the old key -> value -> bool.

        Raises ValueError when it is neither, with what Go says of it.
        """
        if value is None:
            return cls()
        if not isinstance(value, dict):
            raise ValueError(f"json: cannot unmarshal {_kind(value)} into Go value of type map[string]map[string]bool")
        if all(item is None or (isinstance(item, list) and all(map(_is_text, item))) for item in value.values()):
            return cls({key: dict.fromkeys((one or "" for one in item or ()), True) for key, item in value.items()})
        for item in value.values():
            if item is not None and not isinstance(item, dict):
                raise ValueError(f"json: cannot unmarshal {_kind(item)} into Go value of type map[string]bool")
            for flag in (item or {}).values():
                if not isinstance(flag, bool | None):
                    raise ValueError(f"json: cannot unmarshal {_kind(flag)} into Go value of type bool")
        return cls({key: {one: bool(flag) for one, flag in (item or {}).items()} for key, item in value.items()})

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __contains__(self, key: object) -> bool:
        return key in self._fields

    def __len__(self) -> int:
        return len(self._fields)

    def values(self, key: str) -> list[str]:
        """Return the values of a key."""
        return list(self._fields.get(key, ()))

    def with_values(self, key: str, *values: str) -> Filters:
        """Return the same filters with more values of a key."""
        return Filters({**self._fields, key: {**self._fields.get(key, {}), **dict.fromkeys(values, True)}})

    def refuse_others(self, accepted: Iterable[str]) -> None:
        """Raise InvalidParameter for a key that is not one of those accepted."""
        known = frozenset(accepted)
        for key in self._fields:
            if key not in known:
                raise errors.invalid_filter(key)

    # -- what fits -----------------------------------------------------------------------

    def exact(self, key: str, source: str) -> bool:
        """Tell whether one of the values is the source itself."""
        values = self._fields.get(key)
        return not values or values.get(source, False)

    def fuzzy(self, key: str, source: str) -> bool:
        """Tell whether the source begins with one of the values."""
        return self.exact(key, source) or any(map(source.startswith, self._fields.get(key, ())))

    def match(self, key: str, source: str) -> bool:
        """Tell whether one of the values, as a regular expression, is found in the source."""
        return self.exact(key, source) or any(_found(value, source) for value in self._fields.get(key, ()))

    def labels(self, key: str, labels: Mapping[str, str]) -> bool:
        """Tell whether all values, `name` or `name=value`, are among the labels."""
        for wanted in self._fields.get(key, ()):
            name, has_value, value = wanted.partition("=")
            if name not in labels or (has_value and labels[name] != value):
                return False
        return True

    def labels_unlike(self, labels: Mapping[str, str], key: str = "label!") -> bool:
        """Tell whether the values, all together, are not among the labels (moby daemon/prune.go)."""
        return key not in self._fields or not self.labels(key, labels)

    def flag(self, key: str) -> bool | None:
        """Return what a key with one truth value says, None when it is not there. Raises ValueError: the values."""
        values = self._fields.get(key)
        if values is None:
            return None
        if len(values) == 1:
            (value,) = values
            if value in YES | NO:
                return value in YES
        raise ValueError(list(values))

    def until(self, now: float) -> float | None:
        """Return the moment before which something has to be made, in unix seconds. Raises InvalidParameter."""
        values = self.values("until")
        if not values:
            return None
        if len(values) > 1:
            raise errors.several_until()
        try:
            return parse_timestamp(values[0], now)
        except ValueError:
            raise errors.invalid_until(values[0]) from None


def _found(pattern: str, text: str) -> bool:
    try:
        return Pattern(pattern).search(text)
    except PatternError:
        return False


def parse(text: str) -> Any:
    """Return the JSON value of a `filters` parameter. Raises ValueError."""
    return json.loads(text) if text else None


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _kind(value: Any) -> str:
    kinds = {bool: "bool", str: "string", int: "number", float: "number", list: "array"}
    return kinds.get(type(value), "object")
