"""Options from the environment: `$FAKEDOCKER_FIXTURE` for `--fixture`; what is said on the command line is stronger."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

PREFIX = "FAKEDOCKER_"
_TRUTHS = {**dict.fromkeys(("1", "true", "yes", "on"), True), **dict.fromkeys(("0", "false", "no", "off", ""), False)}


class Parser(argparse.ArgumentParser):
    """A parser that takes the options that the command line leaves open from the environment.

    A variable is read as if it were written on the command line, so that it is checked in the same way. One that can
    be said several times has its values between spaces; one that takes no value is true or false.
    """

    def parse_known_args(self, args: Iterable[str] | None = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse words, and before them what the environment says."""
        words = [*(args or ())]
        options = [action for action in self._actions if action.option_strings and action.dest != "help"]
        try:
            said = [*from_environment(options, words, os.environ)]
        except ValueError as error:
            self.error(str(error))
        return super().parse_known_args([*said, *words], namespace)


def variable(action: argparse.Action) -> str:
    """Return the variable of an option."""
    return PREFIX + _long(action).lstrip("-").replace("-", "_").upper()


def from_environment(
    options: Iterable[argparse.Action], words: Sequence[str], environment: Mapping[str, str]
) -> Iterator[str]:
    """Yield the words that the environment adds to a command line. Raises ValueError (neither true nor false)."""
    own = words[: words.index("--")] if "--" in words else words
    for action in options:
        value = environment.get(variable(action))
        if value is None or any(_says(word, action) for word in own):
            continue
        if action.nargs == 0:
            yield from _truth(action, value)
        elif isinstance(action.default, list) or action.dest == "host":
            yield from (f"{_long(action)}={one}" for one in value.split())
        else:
            yield f"{_long(action)}={value}"


def _truth(action: argparse.Action, value: str) -> Iterator[str]:
    truth = _TRUTHS.get(value.lower())
    if truth is None:
        raise ValueError(f"${variable(action)}: {value!r} is neither true nor false")
    if truth:
        yield _long(action)
    elif isinstance(action, argparse.BooleanOptionalAction):
        yield action.option_strings[-1]


def _says(word: str, action: argparse.Action) -> bool:
    return any(
        word == one or word.startswith(f"{one}=" if one.startswith("--") else one) for one in action.option_strings
    )


def _long(action: argparse.Action) -> str:
    return next((one for one in action.option_strings if one.startswith("--")), action.option_strings[0])
