"""YAML read as it was written: every scalar is text, and every part knows its line and column.

A YAML library's own types turn `on:` into True, `00634` into 412 and `1.10` into 1.1; here the model that reads a file
gives the types. Schemas and examples are JSON, which this reads too, for their lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

import yaml

from contracts.json_types import JsonValue, parts_of
from contracts.reasons import known_reason
from contracts.said import said

Loc: TypeAlias = tuple[str | int, ...]
_MAX_PARTS: Final = 100_000
_MAX_DEPTH: Final = 60
_JSON_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z", re.ASCII)
_CONSTANTS: Final[Mapping[str, JsonValue]] = {"true": True, "false": False, "null": None}


class Place(NamedTuple):
    """Where something is written; both count from 1, 0 is the whole file."""

    line: int
    column: int


WHOLE: Final = Place(0, 0)


class Scalar(str):
    """A text of the YAML. `plain` says that it stands there without quotes."""

    __slots__ = ("plain",)
    plain: bool


Tree: TypeAlias = "Scalar | list[Tree] | dict[str, Tree] | None"


class Unreadable(Exception):
    """The text is no YAML that is accepted here."""

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.remedy = remedy


@dataclass(slots=True)
class Document:
    """A file's content with the places of its keys and values. `file` is relative to the workspace."""

    file: str
    tree: Tree
    values: dict[Loc, Place] = field(default_factory=dict)
    keys: dict[Loc, Place] = field(default_factory=dict)
    repeated: list[tuple[Place, str]] = field(default_factory=list)

    def place(self, loc: Loc, *, of_key: bool = False) -> Place:
        """Where `loc` is written, or what of it there is. Parts that a model put in between are passed over."""
        found: Loc = ()
        for part in loc:
            if (*found, part) in self.values:
                found = (*found, part)
            elif isinstance(part, str) and part.isdigit() and (*found, int(part)) in self.values:
                found = (*found, int(part))
        if of_key and found in self.keys:
            return self.keys[found]
        return self.values.get(found, WHOLE)

    def place_of(self, pointer: str) -> Place:
        """Where a JSON Pointer leads, or what of it there is."""
        return self.place(parts_of(pointer))


def read_document(file: str, text: str) -> Document:
    """The document in `text`. Unreadable; a key that is there twice is noted in `repeated`."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(1, 1) if mark is None else _place(mark)
        raise Unreadable(
            place,
            said("this is not YAML: {problem}", problem=known_reason(str(error.problem or error.context))),
            _hint(text, place),
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        message = str(error).splitlines()[0] if isinstance(error, yaml.YAMLError) else said("it is nested too deeply")
        raise Unreadable(
            Place(1, 1), said("this is not YAML: {problem}", problem=message), said("save the file as UTF-8 text")
        ) from None
    document = Document(file, None)
    if node is not None:
        document.tree = _Reader(document).read(node, ())
    return document


def json_of(tree: Tree) -> JsonValue:
    """The JSON value that a part of the YAML means: what stands without quotes and is a JSON number, true, false or
    null is that; all else is text."""
    if tree is None:
        return None
    if isinstance(tree, list):
        return [json_of(each) for each in tree]
    if isinstance(tree, dict):
        return {name: json_of(each) for name, each in tree.items()}
    if getattr(tree, "plain", False):
        if tree in _CONSTANTS:
            return _CONSTANTS[tree]
        if _JSON_NUMBER.match(tree):
            return int(tree) if tree.lstrip("-").isdigit() else float(tree)
    return str(tree)


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._parts = 0

    def read(self, node: yaml.Node, loc: Loc) -> Tree:
        self._parts += 1
        # Aliases repeat what they stand for; without a bound a few lines become more than memory holds.
        if self._parts > _MAX_PARTS:
            raise Unreadable(
                _place(node.start_mark), said("the file has too many parts"), said("split it into several files")
            )
        if len(loc) > _MAX_DEPTH:
            raise Unreadable(
                _place(node.start_mark), said("it is nested too deeply"), said("an alias may not stand within itself")
            )
        self._document.values[loc] = _place(node.start_mark)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(each, (*loc, index)) for index, each in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - YAML has these three
        if not node.style and node.value == "":
            return None
        scalar = Scalar(node.value)
        scalar.plain = not node.style
        return scalar

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            place = _place(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                raise Unreadable(place, said("a key is a text"), said("write: name: value"))
            key = str(key_node.value)
            if key in found:
                self._document.repeated.append((place, key))
                continue
            self._document.keys[*loc, key] = place
            found[key] = self.read(value_node, (*loc, key))
        return found


def _place(mark: yaml.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _hint(text: str, place: Place) -> str:
    lines = text.splitlines()
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    if "\t" in line:
        return said("indent with spaces, not with tabs")
    if ": " in line.partition(": ")[2] or line.rstrip().endswith(": |"):
        return said('put a text that holds ": " in quotes')
    return said("look at the line and at the one before it: indentation, quotes, brackets")
