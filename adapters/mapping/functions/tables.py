"""Tables of codes, and the spellings of “no value”."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field, field_validator

from adapters.mapping.functions.base import SCALARS, Function
from adapters.mapping.literals import Literal, is_one_of, spelled
from adapters.mapping.running import Apply, quoted
from adapters.mapping.shapes import TEXT, Misuse, Shape, must_be
from adapters.mapping.spec import NOT_EMPTY, mistake
from contracts.avro_types import ArrayType, Kind, MapType, Primitive, Type, UnionType
from contracts.json_types import JsonValue
from contracts.said import said
from contracts.validation.misfit import Misfit


class Table(Function):
    """{table: {"1": male, "0": female}}, and `else:` for every other value; without it those are refused."""

    table: Annotated[dict[str, Literal], NOT_EMPTY]
    else_: Annotated[Literal | None, Field(alias="else")] = None

    @field_validator("table")
    @classmethod
    def _told_apart(cls, table: dict[str, Literal]) -> dict[str, Literal]:
        if len({spelled(key) for key in table}) < len(table):
            raise mistake(said("two keys of the table are spelled the same"), said("keep one of them"))
        return table

    def compile(self) -> Apply:
        table = {spelled(key): result for key, result in self.table.items()}
        other, allowed = self.else_, tuple(self.table)

        def look_up(value: JsonValue, _: object) -> JsonValue:
            text = spelled(value)
            result = table.get(text, other) if text is not None else other
            if result is None:
                raise Misfit("map_table", allowed, value=quoted(value), allowed=", ".join(allowed))
            return result.value

        return look_up

    def gives(self, given: Shape) -> Shape:
        must_be(given, SCALARS, "table", said("take one of its parts"))
        self._covers(given.texts)
        results = [*self.table.values(), *([] if self.else_ is None else [self.else_])]
        shape = literal_shape(results)
        return given.now(shape.type, shape.texts) if not shape.absent else Shape(shape.type, shape.texts, absent=True)

    def _covers(self, texts: frozenset[str] | None) -> None:
        """Misuse where all values are known, and the table knows others."""
        if texts is None:
            return
        known = {spelled(key) for key in self.table}
        given = {spelled(text): text for text in texts}
        strange = [key for key in self.table if spelled(key) not in given]
        if strange:
            raise Misuse(
                said("the value is never {strange}", strange=", ".join(strange)),
                said("it is one of: {names}", names=", ".join(sorted(texts))),
            )
        forgotten = sorted(text for key, text in given.items() if key not in known)
        if self.else_ is None and forgotten:
            message = said("the table says nothing of {forgotten}", forgotten=", ".join(forgotten))
            raise Misuse(message, said("add it, or an else:"))


def literal_shape(literals: Iterable[Literal]) -> Shape:
    """What is known of a value that is one of `literals`."""
    values = [each.value for each in literals]
    present = [value for value in values if value is not None]
    texts = frozenset(value for value in present if isinstance(value, str))
    kinds: Mapping[type, Type] = {
        str: TEXT,
        bool: Primitive(Kind.BOOLEAN),
        int: Primitive(Kind.LONG),
        float: Primitive(Kind.DOUBLE),
        list: ArrayType(TEXT),
        dict: MapType(TEXT),
    }
    types = tuple(dict.fromkeys(kinds[type(value)] for value in present))
    one = types[0] if len(types) == 1 else UnionType(types) if types else None
    return Shape(one, texts if one == TEXT else None, absent=len(present) < len(values))


class Nulls(Function):
    """{nulls: ["", "N/A"]}: these mean that there is no value."""

    nulls: Annotated[tuple[Literal, ...], NOT_EMPTY]

    def compile(self) -> Apply:
        is_null = is_one_of(self.nulls)
        return lambda value, _: None if is_null(value) else value

    def gives(self, given: Shape) -> Shape:
        return Shape(given.type, given.texts, given.written, absent=True)
