"""Errors go to partners, into the log and on screens: they do not repeat what a field says about a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from contracts.avro_types import RecordType, Type, branches, step
from contracts.errors import FieldError
from contracts.json_types import parts_of
from contracts.schema import Schema

HIDDEN: Final = "•••"


def unquoted(schema: Schema, error: FieldError) -> FieldError:
    """The error without the value that it quotes, where the field, or one that it is part of, is personal data.

    Codes of a code list stay: without them, and what they may have become, nobody could mend the error.
    """
    told = dict(error.params)
    if "value" not in told or "codelist" in told or not _is_personal(schema, error.pointer):
        return error
    return replace(error, params=tuple((told | {"value": HIDDEN}).items()))


def _is_personal(schema: Schema, pointer: str) -> bool:
    here: Type | None = schema.root
    for part in parts_of(pointer):
        if here is None:
            return False
        for branch in branches(here):
            field = branch.field(part) if isinstance(branch, RecordType) else None
            if field is not None and field.personal is not None:
                return True
        here = step(here, part)
    return False
