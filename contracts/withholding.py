"""What a reader is told of the fields that a grant's view keeps back: where they are, why, and on what ground."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from contracts.json_types import JsonObject
from contracts.laws import Laws
from contracts.schema import Schema
from contracts.views import NOT_GRANTED, fields_under

_SCHEMAS: Final = 1024


def told_of(withheld: Sequence[str], schema: Schema, laws: Laws) -> list[JsonObject]:
    """`{path, reason, law}` for each of the pointers `withheld` of a record of `schema`.

    `law` are citations (`id` or `id:16(2)`) of what the bus's laws name for withheld fields: one list for data about
    people, one for all other. It is absent where they name nothing.
    """
    cited = {True: [str(each) for each in laws.personal], False: [str(each) for each in laws.other]}
    personal = _personal(schema) if withheld and laws.personal != laws.other else frozenset[str]()
    found: list[JsonObject] = []
    for pointer in withheld:
        item: JsonObject = {"path": pointer, "reason": NOT_GRANTED}
        law = cited[pointer in personal]
        if law:
            item["law"] = [*law]
        found.append(item)
    return found


@lru_cache(_SCHEMAS)
def _personal(schema: Schema) -> frozenset[str]:
    """The pointers of fields about people, and of what holds them."""
    found: set[str] = set()
    about_people: list[str] = []
    for pointer, field in fields_under(schema):
        within = any(pointer.startswith(f"{above}/") for above in about_people)
        if field.personal is None and not within:
            continue
        about_people.append(pointer)
        parts = pointer.split("/")
        found.update("/".join(parts[: count + 1]) for count in range(1, len(parts)))
    return frozenset(found)
