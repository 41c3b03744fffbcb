"""The values that a workspace's YAML is written with: names, codes, days, lengths of time, pointers, texts."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, WithJsonSchema

from adapters.mapping.spec import Spec, mistake
from adapters.workspace.documents import json_of
from contracts.agencies import normal_code
from contracts.json_types import parts_of
from contracts.laws import ARTICLE
from contracts.meaning import Words
from contracts.said import said

_END: Final = r"\Z"
_NAME: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*\Z", re.ASCII)
_AGENCY: Final = re.compile(r"[A-Z0-9]+(\.[A-Z0-9]+)*\Z", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DURATION: Final = re.compile(r"([1-9]\d{0,6})(s|m|h|d)\Z", re.ASCII)
DAY_S: Final = 86_400
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": DAY_S}
_NAME_OR_VERSIONED: Final = re.compile(rf"{_NAME.pattern.removesuffix(_END)}(@[1-9][0-9]{{0,3}})?{_END}")
_REFERENCE: Final = re.compile(rf"(file|env):.+{_END}")
_SUBJECT: Final = re.compile(rf"[^\s*]+\*?{_END}")
_POINTER: Final = re.compile(rf"(/.*)?{_END}", re.DOTALL)
_VERSIONED: Final = re.compile(r"(.+)@([1-9]\d{0,3})\Z", re.ASCII)
_WORDS: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": ["string", "number"]},
        {
            "type": "object",
            "properties": {
                "vi": {"type": ["string", "number"], "description": "in Vietnamese"},
                "en": {"type": ["string", "number"], "description": "in English"},
            },
            "required": ["vi", "en"],
            "additionalProperties": False,
        },
    ]
}


def _written(pattern: re.Pattern[str]) -> WithJsonSchema:
    """The JSON Schema of a text of that form."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern.pattern.removesuffix(_END)}$"})


def _name(text: str) -> str:
    if len(text) > 100 or _NAME.match(text) is None:
        raise mistake(said("this name cannot be used"), said("use small letters, digits, “-” and “.”, as in so-gddt"))
    return text


def _agency(text: str) -> str:
    try:
        return normal_code(text)
    except ValueError:
        remedy = said("write it as QĐ 20/2020 does, H17.10, or as QCVN 102 does, 000.00.10.H17")
        raise mistake(said("this is not an agency's code"), remedy) from None


def _article(text: str) -> str:
    if text and ARTICLE.match(text) is None:
        raise mistake(said("this is not an article"), said("write 16, 16(2) or 16(2)(a): article, clause, point"))
    return text


def _subject(text: str) -> str:
    if len(text) > 500 or _SUBJECT.match(text) is None:
        raise mistake(
            said("this is no subject of the registry of schemas"),
            said("write a name without spaces, or a beginning with “*” after it, as in hoi-an.*"),
        )
    return text


def _versioned(text: str) -> str:
    match = _VERSIONED.match(text)
    _name(match[1] if match else text)
    return text


def _date(given: object) -> object:
    if not isinstance(given, str) or _DATE.match(given) is None:
        raise mistake(said("this is not a date"), said("write YYYY-MM-DD, as in 2025-07-01"))
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise mistake(said("there is no such day"), said("write YYYY-MM-DD, as in 2025-07-01")) from None


def _duration(given: object) -> object:
    match = _DURATION.match(given) if isinstance(given, str) else None
    if match is None:
        raise mistake(said("this is not a length of time"), said("write a number with its unit: 5s, 5m, 6h or 1d"))
    return int(match[1]) * _SECONDS[match[2]]


def _reference(text: str) -> str:
    kind, _, place = text.partition(":")
    if kind not in {"file", "env"} or not place:
        raise mistake(
            said("a secret may not stand here in clear"),
            said("put it (an argon2 hash, see `lienthong token --help`) outside git and write file:PATH or env:NAME"),
            instead="env:IN_CLEAR",
        )
    return text


def _pointer(text: str) -> str:
    try:
        parts_of(text)
    except ValueError:
        raise mistake(said("this is not a JSON Pointer"), said("begin it with “/”, as in /home_ward")) from None
    return text


def _words(given: object) -> object:
    if isinstance(given, str):
        return Words(given, given)
    if (
        not isinstance(given, dict)
        or given.keys() != {"vi", "en"}
        or not all(isinstance(each, str) and each.strip() for each in given.values())
    ):
        raise mistake(said("this is no text in both languages"), said("write a text, or {vi: …, en: …} with both"))
    return Words(given["vi"], given["en"])


def _zone(given: object) -> object:
    try:
        return ZoneInfo(str(given))
    except (ValueError, OSError, KeyError):
        raise mistake(said("this is not a time zone"), said("write a name like Asia/Ho_Chi_Minh")) from None


Name = Annotated[str, AfterValidator(_name), _written(_NAME)]
AgencyCode = Annotated[str, AfterValidator(_agency), _written(_AGENCY)]
Article = Annotated[str, AfterValidator(_article), _written(ARTICLE)]
Versioned = Annotated[str, AfterValidator(_versioned), _written(_NAME_OR_VERSIONED)]
Day = Annotated[date, BeforeValidator(_date)]
Seconds = Annotated[int, BeforeValidator(_duration), _written(_DURATION)]
Subject = Annotated[str, AfterValidator(_subject), _written(_SUBJECT)]
SecretReference = Annotated[str, AfterValidator(_reference), _written(_REFERENCE)]
Pointer = Annotated[str, AfterValidator(_pointer), _written(_POINTER)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone), WithJsonSchema({"type": "string"})]
TextInBoth = Annotated[Words, BeforeValidator(_words), WithJsonSchema(_WORDS)]
Json = Annotated[Any, AfterValidator(json_of)]


class Part(Spec):
    """A part of a workspace's YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def split_version(text: str) -> tuple[str, int | None]:
    """The name and the major of `name@major`; None where none is named."""
    match = _VERSIONED.match(text)
    return (text, None) if match is None else (match[1], int(match[2]))
