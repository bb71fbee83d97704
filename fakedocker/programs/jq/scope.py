"""What names mean in a place of a filter: variables, definitions, and arguments that are filters themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fakedocker.programs.jq.parser import Node
from fakedocker.programs.jq.values import Json


@dataclass(frozen=True, slots=True)
class Closure:
    """A filter with the scope in which it was written; a definition sees itself in there."""

    body: Node
    scope: Scope
    parameters: tuple[str, ...] = ()
    #: The definition's name, by which it calls itself.
    name: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Names that hold in a place."""

    variables: Mapping[str, Json]
    functions: Mapping[tuple[str, int], Closure]

    def with_variables(self, variables: Mapping[str, Json]) -> Scope:
        """Return this scope with more variables."""
        return Scope({**self.variables, **variables}, self.functions)

    def with_definition(self, node: Node) -> Scope:
        """Return this scope with one more function."""
        name, parameters = node.value
        closure = Closure(node.parts[0], self, parameters, name)
        return Scope(self.variables, {**self.functions, (name, len(parameters)): closure})

    def within(self, closure: Closure, arguments: Mapping[str, Closure], values: Mapping[str, Json]) -> Scope:
        """Return the scope in which a definition's body runs: its own, with itself and its arguments."""
        functions = dict(closure.scope.functions)
        if closure.name:
            functions[closure.name, len(closure.parameters)] = closure
        functions.update({(name, 0): argument for name, argument in arguments.items()})
        return Scope({**closure.scope.variables, **values}, functions)
