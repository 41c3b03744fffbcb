"""Whether a new version of a subject may follow the earlier ones, told as the registry's clients know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from contracts.compatibility import Incompatibility, Mode, Reader, against
from contracts.registry.json_compatibility import unproved
from contracts.registry.reading import Fit

_SENTENCES: Final[Mapping[str, str]] = {
    "READER_FIELD_MISSING_DEFAULT_VALUE": (
        "The field '{info}' at path '{path}' in the {reader} schema has no default value and is missing in the {writer}"
    ),
    "MISSING_UNION_BRANCH": (
        "The {reader} schema is missing a type inside a union field at path '{path}' in the {writer} schema"
    ),
    "MISSING_ENUM_SYMBOLS": (
        "The {reader} schema is missing enum symbols '{info}' at path '{path}' in the {writer} schema"
    ),
    "FIXED_SIZE_MISMATCH": (
        "The size of FIXED type field at path '{path}' in the {reader} schema does not match with the {writer} schema"
    ),
    "NAME_MISMATCH": "The name of the schema has changed (path '{path}')",
    "TYPE_MISMATCH": (
        "The type (path '{path}') of a field in the {reader} schema does not match with the {writer} schema"
    ),
}
_OTHER: Final = "The {reader} schema cannot read what is written with the {writer} schema (path '{path}')"


class Earlier(NamedTuple):
    """A version that the new one is compared with."""

    number: int
    fit: Fit


def conflicts(mode: Mode, new: Fit, earlier: Sequence[Earlier]) -> list[str]:
    """What keeps `new` from following `earlier`, the oldest first; [] where it may.

    The first sentences name each place; the last three what it was compared with.
    """
    if mode is Mode.NONE or not earlier:
        return []
    compared = earlier if mode.transitive else earlier[-1:]
    other = [each for each in compared if each.fit.written.type is not new.written.type]
    if other:
        kinds = f"{other[0].fit.written.type} and {new.written.type}"
        told = [f"{{errorType:'TYPE_MISMATCH', description:'Schemas of two kinds cannot be compared: {kinds}'}}"]
        return [*told, *_compared_with(other[0], mode)]
    if new.avro is None:
        return _of_json(mode, new, compared)
    old = [each.fit.avro for each in compared if each.fit.avro is not None]
    found = against(mode, new.avro, old)
    if not found:
        return []
    return [*(_told(each) for each in found), *_compared_with(compared[found[0].index], mode)]


def _of_json(mode: Mode, new: Fit, earlier: Sequence[Earlier]) -> list[str]:
    for each in reversed(earlier):
        same = each.fit.written.references == new.written.references
        told = []
        if mode.backward:
            told += [_unproved("new", "old", *at) for at in unproved(new.value, each.fit.value, same_references=same)]
        if mode.forward:
            told += [_unproved("old", "new", *at) for at in unproved(each.fit.value, new.value, same_references=same)]
        if told:
            return [*told, *_compared_with(each, mode)]
    return []


def _unproved(reader: str, writer: str, path: str, keyword: str) -> str:
    why = f"'{keyword}' of the {reader} schema at path '{path or '/'}' may refuse what the {writer} schema lets through"
    return f"{{errorType:'NOT_PROVED', description:'{why}', additionalInfo:'{keyword}'}}"


def _told(found: Incompatibility) -> str:
    sentence = _SENTENCES.get(str(found.kind), _OTHER)
    reader, writer = ("new", "old") if found.reader is Reader.NEW else ("old", "new")
    said = sentence.format(info=found.info, path=found.path or "/", reader=reader, writer=writer)
    return f"{{errorType:'{found.kind}', description:'{said}', additionalInfo:'{found.info}'}}"


def _compared_with(earlier: Earlier, mode: Mode) -> list[str]:
    return [
        f"{{oldSchemaVersion: {earlier.number}}}",
        f"{{oldSchema: '{earlier.fit.written.text}'}}",
        f"{{compatibility: '{mode}'}}",
    ]
