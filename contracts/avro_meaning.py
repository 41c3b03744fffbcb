"""What a schema's JSON says of a field's meaning, read with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from contracts.avro_types import NUMBERS, Kind, Primitive, Type, without_null
from contracts.avro_values import LIMITS
from contracts.json_types import JsonObject, JsonValue, pointer_of
from contracts.meaning import NO_MEANING, Meaning, Standard, Words
from contracts.patterns import BadPattern, TextPattern, text_pattern
from contracts.said import said
from contracts.spelling import meant

MEANING_KEYS: Final = ("title", "description", "pattern", "minimum", "maximum", "unit", "standard")

_MEANING: Final = frozenset(MEANING_KEYS)
LONGEST: Final = 2000
_LANGUAGES: Final = ("vi", "en")
_STANDARD: Final = ("name", "field", "confirmed")
_INTEGERS: Final = frozenset({Kind.INT, Kind.LONG})

Tell = Callable[[str, str, str], None]
"""Notes a problem: where, what, and the remedy."""


def read_words(value: JsonValue, at: str, tell: Tell) -> Words | None:
    """Text in both languages, or one text for both. None where it is wrong, which is told."""
    if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST:
        return Words(value, value)
    if not isinstance(value, dict):
        tell(at, said("this is no text"), said('write {"vi": "…", "en": "…"}'))
        return None
    sound = _keys(value, _LANGUAGES, at, tell)
    for language in _LANGUAGES:
        text = value.get(language)
        if not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST:
            sound = False
            missing = said("the text in the language “{language}” is missing", language=language)
            tell(f"{at}/{language}" if language in value else at, missing, said('write {"vi": "…", "en": "…"}'))
    return Words(str(value["vi"]), str(value["en"])) if sound else None


def read_meaning(value: JsonObject, of: Type, at: str, tell: Tell) -> Meaning:
    """The meaning of the field that `value` defines, less what is wrong, which is told."""
    if _MEANING.isdisjoint(value):
        return NO_MEANING
    title, description = (
        read_words(value[key], f"{at}/{key}", tell) if key in value else None for key in ("title", "description")
    )
    kind = without_null(of)
    pattern = _pattern(value, kind, f"{at}/pattern", tell)
    low, high = _bounds(value, kind, at, tell)
    if not _default_fits(value.get("default"), pattern, low, high):
        remedy = said("correct it, or what the field asks of its values")
        tell(f"{at}/default", said("the default is not what the field asks of its values"), remedy)
    return Meaning(
        title,
        description,
        pattern,
        low,
        high,
        _unit(value, f"{at}/unit", tell),
        tuple(_standards(value, f"{at}/standard", tell)),
    )


def _pattern(value: JsonObject, kind: Type, at: str, tell: Tell) -> TextPattern | None:
    if "pattern" not in value:
        return None
    text = value["pattern"]
    if not isinstance(text, str) or not text:
        tell(at, said('"{key}" is no text', key="pattern"), said('write "{key}": "…", or remove it', key="pattern"))
        return None
    if not isinstance(kind, Primitive) or kind.kind is not Kind.STRING:
        tell(at, said("only text has a pattern"), said('remove it, or make the type "string"'))
        return None
    try:
        return text_pattern(text)
    except BadPattern as bad:
        tell(at, bad.message, bad.remedy)
        return None


def _bounds(value: JsonObject, kind: Type, at: str, tell: Tell) -> tuple[Decimal | None, Decimal | None]:
    low, high = (_bound(value, key, kind, f"{at}/{key}", tell) for key in ("minimum", "maximum"))
    if low is not None and high is not None and low > high:
        tell(f"{at}/minimum", said("the smallest value is larger than the largest"), said("exchange them"))
        return None, None
    return low, high


def _bound(value: JsonObject, key: str, kind: Type, at: str, tell: Tell) -> Decimal | None:
    if key not in value:
        return None
    given = value[key]
    if not isinstance(kind, Primitive) or kind.kind not in NUMBERS | {Kind.DECIMAL}:
        tell(at, said("only numbers have a smallest and a largest value"), said("remove it"))
        return None
    written = given if isinstance(given, str) == (kind.kind is Kind.DECIMAL) and not isinstance(given, bool) else None
    try:
        number = Decimal(str(written)) if isinstance(written, str | int | float) else None
    except InvalidOperation:
        number = None
    wants = said('write a text like "0.5"') if kind.kind is Kind.DECIMAL else said("write a number like 0")
    if number is None or not number.is_finite() or not -40 < number.adjusted() < 40:
        tell(at, said("this is not a number of the field's kind"), wants)
        return None
    if kind.kind in _INTEGERS and not (
        number == number.to_integral_value() and LIMITS[kind.kind][0] <= number <= LIMITS[kind.kind][1]
    ):
        tell(at, said("this is not a number of the field's kind"), said("write a whole number that the type can hold"))
        return None
    return number


def _default_fits(default: JsonValue, pattern: TextPattern | None, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether a reader who fills the default in gets what no sender may send. Of decimals that is not looked at."""
    if isinstance(default, str) and pattern is not None:
        return pattern.compiled.fullmatch(default) is not None
    if isinstance(default, int | float) and not isinstance(default, bool):
        return (low is None or low <= default) and (high is None or default <= high)
    return True


def _unit(value: JsonObject, at: str, tell: Tell) -> str | None:
    found = value.get("unit")
    if "unit" not in value or (isinstance(found, str) and 0 < len(found) <= 40 and found.isprintable()):
        return None if found is None else str(found)
    tell(at, said("this is no unit"), said('write a code of UCUM, such as "ug/m3", or of UN/CEFACT'))
    return None


def _standards(value: JsonObject, at: str, tell: Tell) -> list[Standard]:
    listed = value.get("standard", [])
    remedy = said('write [{"name": "FHIR R4", "field": "Patient.birthDate"}]')
    if not isinstance(listed, list):
        tell(at, said("the standards that a field follows are a list"), remedy)
        return []
    found = []
    for index, each in enumerate(listed):
        here = f"{at}/{index}"
        name, field = (each.get("name"), each.get("field")) if isinstance(each, dict) else (None, None)
        if (
            not isinstance(each, dict)
            or not isinstance(name, str)
            or not isinstance(field, str)
            or not name
            or not field
        ):
            tell(here, said("a standard has a name and a field"), remedy)
            continue
        confirmed = each.get("confirmed", True)
        if not isinstance(confirmed, bool):
            tell(f"{here}/confirmed", said("this is neither true nor false"), said("write true or false, or remove it"))
        elif _keys(each, _STANDARD, here, tell):
            found.append(Standard(name, field, confirmed))
    return found


def _keys(value: Mapping[str, JsonValue], known: tuple[str, ...], at: str, tell: Tell) -> bool:
    unknown = [key for key in value if key not in known]
    for key in unknown:
        tell(at + pointer_of([key]), said("unknown key “{key}”", key=key), meant(key, known, said("keys")))
    return not unknown
