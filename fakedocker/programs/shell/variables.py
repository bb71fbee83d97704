"""The variables of a shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

#: What a variable takes beside its name and value, in bytes.
OVERHEAD = 100


class ReadOnlyFault(Exception):
    """An assignment to a read-only variable."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable; `value` is None for one that was only declared (`export A`, `local A`)."""

    value: str | None = None
    exported: bool = False
    read_only: bool = False


class Variables:
    """Names and their values; `local` ones give way to the old ones when their function ends.

    `allocate` is told how many bytes more they take, and may raise MemoryError.
    """

    def __init__(self, environment: Mapping[str, str], allocate: Callable[[int], None] = lambda size: None) -> None:
        self._variables = {name: Variable(value, exported=True) for name, value in environment.items()}
        self._scopes: list[dict[str, Variable | None]] = []
        self._allocate = allocate
        #: What programs get to see, made anew after a change.
        self._environment: dict[str, str] | None = None
        allocate(self.size)

    @property
    def size(self) -> int:
        """What all variables take in memory, in bytes."""
        return sum(_size(name, variable) for name, variable in self._variables.items())

    def copy(self, allocate: Callable[[int], None] = lambda size: None) -> Variables:
        """Return an independent copy, as fork makes one."""
        copy = Variables({}, allocate)
        copy._variables = dict(self._variables)
        copy._scopes = [dict(scope) for scope in self._scopes]
        allocate(copy.size)
        return copy

    def _put(self, name: str, variable: Variable) -> None:
        self._allocate(_size(name, variable) - _size(name, self._variables.get(name)))
        self._variables[name] = variable
        self._environment = None

    def _drop(self, name: str) -> None:
        self._allocate(-_size(name, self._variables.pop(name, None)))
        self._environment = None

    def get(self, name: str) -> str | None:
        """Return a value, None for a variable that is not set."""
        variable = self._variables.get(name)
        return None if variable is None else variable.value

    def set(self, name: str, value: str, *, exported: bool = False) -> None:
        """Assign. Raises ReadOnlyFault."""
        old = self._variables.get(name, Variable())
        if old.read_only:
            raise ReadOnlyFault(name)
        self._put(name, Variable(value, exported or old.exported))

    def unset(self, name: str) -> None:
        """Remove a variable. Raises ReadOnlyFault."""
        if self._variables.get(name, Variable()).read_only:
            raise ReadOnlyFault(name)
        self._drop(name)

    def export(self, name: str, exported: bool = True) -> None:
        """Have a variable passed on to programs (or no longer)."""
        self._put(name, replace(self._variables.get(name, Variable()), exported=exported))

    def protect(self, name: str) -> None:
        """Make a variable read-only."""
        self._put(name, replace(self._variables.get(name, Variable()), read_only=True))

    def environment(self) -> Mapping[str, str]:
        """Return what programs get to see."""
        if self._environment is None:
            self._environment = {
                name: variable.value
                for name, variable in self._variables.items()
                if variable.exported and variable.value is not None
            }
        return self._environment

    def items(self) -> list[tuple[str, Variable]]:
        """Return all variables in order of their names."""
        return sorted(self._variables.items())

    # -- functions --------------------------------------------------------------

    def enter(self) -> None:
        """Begin the scope of a function (or of assignments before a command)."""
        self._scopes.append({})

    def leave(self) -> None:
        """End the innermost scope: its local variables become what they were."""
        for name, old in self._scopes.pop().items():
            if old is None:
                self._drop(name)
            else:
                self._put(name, old)

    def make_local(self, name: str) -> None:
        """Remember a variable for the end of the innermost scope."""
        self._scopes[-1].setdefault(name, self._variables.get(name))


def _size(name: str, variable: Variable | None) -> int:
    """Return what a variable takes in memory, in bytes; one that is not there takes nothing."""
    return 0 if variable is None else OVERHEAD + len(name) + len(variable.value or "")
