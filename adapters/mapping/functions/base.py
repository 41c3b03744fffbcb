"""What a function of the mapping is: its parameters, what it does, and what it gives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from adapters.mapping.running import Apply
from adapters.mapping.shapes import Shape, must_be
from adapters.mapping.spec import Spec
from contracts.avro_types import JsonKind, Kind
from contracts.said import said

SCALARS: Final = frozenset({JsonKind.STRING, JsonKind.NUMBER, JsonKind.BOOLEAN})
ONE_TEXT: Final = frozenset({JsonKind.STRING})


@dataclass(frozen=True, slots=True)
class Reading:
    """A path that a function reads besides its value. `loc` is where it is written, below the function.

    `kinds` are the primitives that it may lead to; empty where any will do.
    """

    loc: tuple[str, ...]
    path: str
    kinds: frozenset[Kind] = frozenset()


class Function(Spec):
    """One step of a chain. Its fields are its parameters in the YAML."""

    @abstractmethod
    def compile(self) -> Apply:
        """The function itself. Its cost is linear in the value."""

    @abstractmethod
    def gives(self, given: Shape) -> Shape:
        """What it makes of a value of that shape. Misuse where it can make nothing of it."""

    def reads(self) -> Iterable[Reading]:
        """The paths that it reads besides its value."""
        return ()


def text_needed(given: Shape, function: str) -> None:
    """Misuse where the value cannot be text."""
    must_be(given, ONE_TEXT, function, said("put text before it"))
