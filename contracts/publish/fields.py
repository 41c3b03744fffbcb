"""The fields of a schema as people read them: one line each, in the order of the schema, inner ones below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.avro_types import FieldType
from contracts.json_types import pointer_of
from contracts.languages import Language
from contracts.meaning import Standard
from contracts.publish.type_words import type_words
from contracts.said import Said
from contracts.schema import ArrayType, MapType, RecordType, Schema, Type, branches, is_nullable

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field. `pointer` has "*" for the items of a list, `depth` counts the fields around it, `words` say its type."""

    pointer: str
    depth: int
    field: FieldType
    words: Said

    @property
    def name(self) -> str:
        """What it is called in a record."""
        return self.field.name

    @property
    def may_be_absent(self) -> bool:
        """Whether a sender may leave it out."""
        return self.field.has_default

    @property
    def may_be_null(self) -> bool:
        """Whether null is a value of it."""
        return is_nullable(self.field.type)


@dataclass(frozen=True, slots=True)
class FieldTold:
    """What is told of a field's meaning in one language; "" where its schema does not say. `standards` are fields of
    standards that say the same, as far as somebody has seen that."""

    title: str = ""
    description: str = ""
    unit: str = ""
    pattern: str = ""
    lowest: str = ""
    highest: str = ""
    standards: tuple[Standard, ...] = ()


def told_of(field: FieldType, language: Language) -> FieldTold:
    """What a field's schema says of it.

    The one place that knows which properties of a schema are for people.
    """
    meaning = field.meaning
    return FieldTold(
        title="" if meaning.title is None else meaning.title[language],
        description=field.doc if meaning.description is None else meaning.description[language],
        unit=meaning.unit or "",
        pattern="" if meaning.pattern is None else meaning.pattern.text,
        lowest="" if meaning.minimum is None else f"{meaning.minimum:f}",
        highest="" if meaning.maximum is None else f"{meaning.maximum:f}",
        standards=meaning.standards,
    )


def lines_of(schema: Schema) -> list[FieldLine]:
    """Every field; those of a record within itself only once."""
    return list(_lines(schema.root, (), 0, frozenset()))


def _lines(of: Type, at: Parts, depth: int, around: frozenset[int]) -> Iterator[FieldLine]:
    for branch in branches(of):
        if isinstance(branch, ArrayType):
            yield from _lines(branch.items, (*at, "*"), depth, around)
        elif isinstance(branch, MapType):
            yield from _lines(branch.values, (*at, "*"), depth, around)
        elif isinstance(branch, RecordType) and id(branch) not in around:
            for field in branch.fields:
                here = (*at, field.name)
                yield FieldLine(pointer_of(here), depth, field, type_words(field.type))
                yield from _lines(field.type, here, depth + 1, around | {id(branch)})
