"""All functions of the mapping, and how the YAML names them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, TypeAlias

from adapters.mapping.functions.agencies import AgencyCode
from adapters.mapping.functions.base import Function
from adapters.mapping.functions.codes import Code
from adapters.mapping.functions.dates import ReadDate, ReadPartialDate, WriteDate, WritePartialDate
from adapters.mapping.functions.epoch import ReadEpoch, WriteEpoch
from adapters.mapping.functions.flagged import PrecisionOf, ReadFlaggedDate, WriteFlaggedDate
from adapters.mapping.functions.numbers import Boolean, DecimalText, Integer, Number, WriteDecimal
from adapters.mapping.functions.rounding import Round
from adapters.mapping.functions.scaling import Times
from adapters.mapping.functions.tables import Nulls, Table
from adapters.mapping.functions.texts import (
    Join,
    PadLeft,
    Plain,
    PutTone,
    Remove,
    Replace,
    Split,
    Substring,
    Text,
    TextName,
    Unit,
    Words,
)
from adapters.mapping.functions.timestamps import ReadTimestamp, WriteTimestamp
from adapters.mapping.spec import Choice, mistake
from contracts.said import said
from contracts.spelling import meant

_WITH_PARAMETERS: Final[Mapping[str, type[Function]]] = MappingProxyType(
    {
        "agency": AgencyCode,
        "boolean": Boolean,
        "code": Code,
        "decimal": DecimalText,
        "integer": Integer,
        "join": Join,
        "nulls": Nulls,
        "number": Number,
        "pad_left": PadLeft,
        "precision": PrecisionOf,
        "read_date": ReadDate,
        "read_epoch": ReadEpoch,
        "read_flagged_date": ReadFlaggedDate,
        "read_partial_date": ReadPartialDate,
        "read_timestamp": ReadTimestamp,
        "remove": Remove,
        "replace": Replace,
        "round": Round,
        "split": Split,
        "substring": Substring,
        "table": Table,
        "times": Times,
        "tone": PutTone,
        "unit": Unit,
        "words": Words,
        "write_date": WriteDate,
        "write_decimal": WriteDecimal,
        "write_epoch": WriteEpoch,
        "write_flagged_date": WriteFlaggedDate,
        "write_partial_date": WritePartialDate,
        "write_timestamp": WriteTimestamp,
    }
)
_MAY_STAND_ALONE: Final = ("decimal", "integer", "number", "write_decimal")
_ALONE: Final = tuple(sorted({*TextName, "text", *_MAY_STAND_ALONE}))
FUNCTION_NAMES: Final = frozenset({*_WITH_PARAMETERS, *TextName, "text"})


def _by_name(name: str) -> object:
    if name in set(TextName):
        return Plain(name=TextName(name))
    if name == "text":
        return Text()
    if name in _MAY_STAND_ALONE:
        return {name: {}}
    if name in _WITH_PARAMETERS:
        raise mistake(
            said("{name} needs to be told more", name=name), said("write {{{name}: …}}; see docs/mapping.md", name=name)
        )
    raise mistake(said("there is no function “{name}”", name=name), meant(name, FUNCTION_NAMES, said("functions")))


Step: TypeAlias = Annotated[
    AgencyCode
    | Boolean
    | Code
    | DecimalText
    | Integer
    | Join
    | Nulls
    | Number
    | PadLeft
    | Plain
    | PrecisionOf
    | PutTone
    | ReadDate
    | ReadEpoch
    | ReadFlaggedDate
    | ReadPartialDate
    | ReadTimestamp
    | Remove
    | Replace
    | Round
    | Split
    | Substring
    | Table
    | Text
    | Times
    | Unit
    | Words
    | WriteDate
    | WriteDecimal
    | WriteEpoch
    | WriteFlaggedDate
    | WritePartialDate
    | WriteTimestamp,
    Choice(said("function"), lambda: _WITH_PARAMETERS, shorthand=_by_name, alone=_ALONE),
]
"""One function of a chain."""
