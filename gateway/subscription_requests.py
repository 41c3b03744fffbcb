"""What a system asks for when it subscribes: from JSON to values, or every wrong place at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from contracts.avro_types import ArrayType, Kind, Primitive
from contracts.errors import FieldError, field_error
from contracts.validation.misfit import expected, wrong_type
from gateway.problems import Problem

_DURATION: Final = re.compile(r"([1-9]\d{0,6})(s|m|h|d)\Z", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MAX_URL: Final = 2000
_SHOWN: Final = 100
_TEXT: Final = Primitive(Kind.STRING)


class AddressFault(Enum):
    """Why nothing may be pushed to an address."""

    NOT_AN_ADDRESS = "not_an_address"
    PRIVATE = "private"
    NOT_HTTPS = "not_https"


@dataclass(frozen=True, slots=True)
class Rules:
    """What subscribers are held to: the delays there are, in seconds; how many each may have; which addresses."""

    retry_s: tuple[int, ...]
    most: int
    fault: Callable[[str], AddressFault | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription as it is asked for. `since_ms` None: of what comes from now on."""

    contract: str
    url: str
    retry_s: tuple[int, ...]
    since_ms: int | None


def read_wanted(body: Mapping[str, Any], rules: Rules) -> Wanted:
    """What is asked for. Problem `invalid-subscription`."""
    errors: list[FieldError] = []
    _only(body, ("contract", "url", "retry", "since"), errors)
    contract = _text(body, "contract", errors)
    url = _text(body, "url", errors)
    if url:
        errors += _address_errors(url, rules)
    retry_s = _retry(body["retry"], rules, errors) if "retry" in body else rules.retry_s
    since_ms = _moment(body["since"], errors) if body.get("since") is not None else None
    if errors:
        raise Problem("invalid-subscription", errors=tuple(errors))
    return Wanted(contract, url, retry_s, since_ms)


def read_since(body: Mapping[str, Any]) -> int:
    """The time since which is to be replayed. Problem `invalid-subscription`."""
    errors: list[FieldError] = []
    _only(body, ("since",), errors)
    since_ms = None
    if _text(body, "since", errors):
        since_ms = _moment(body["since"], errors)
    if errors or since_ms is None:
        raise Problem("invalid-subscription", errors=tuple(errors))
    return since_ms


def duration_text(seconds: int) -> str:
    """A length of time with the largest unit that it is a whole number of: 5s, 5m, 6h, 1d."""
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def _only(body: Mapping[str, Any], allowed: tuple[str, ...], errors: list[FieldError]) -> None:
    for name in body:
        if name not in allowed:
            shown = name[:_SHOWN]
            errors.append(field_error(f"/{shown}", "unknown_field", name=shown, allowed=", ".join(allowed)))


def _text(body: Mapping[str, Any], name: str, errors: list[FieldError]) -> str:
    value = body.get(name)
    if value is None or value == "":
        errors.append(field_error(f"/{name}", "missing", name=name, expected=expected(_TEXT)))
    elif not isinstance(value, str):
        errors.append(wrong_type(_TEXT, value).at(f"/{name}"))
    else:
        return value
    return ""


def _address_errors(url: str, rules: Rules) -> list[FieldError]:
    shown = url[:_SHOWN]
    match AddressFault.NOT_AN_ADDRESS if len(url) > _MAX_URL else rules.fault(url):
        case None:
            return []
        case AddressFault.PRIVATE:
            return [field_error("/url", "webhook_private", value=shown)]
        case AddressFault.NOT_HTTPS:
            return [field_error("/url", "webhook_https", value=shown)]
        case AddressFault.NOT_AN_ADDRESS:
            return [field_error("/url", "webhook_address", value=shown)]


def _retry(given: object, rules: Rules, errors: list[FieldError]) -> tuple[int, ...]:
    if not isinstance(given, list):
        errors.append(wrong_type(ArrayType(_TEXT), given).at("/retry"))
        return ()
    delays_s: list[int] = []
    allowed = tuple(duration_text(each) for each in rules.retry_s)
    for number, each in enumerate(given[: len(rules.retry_s) + 1]):
        match = _DURATION.match(each) if isinstance(each, str) else None
        delay_s = int(match[1]) * _SECONDS[match[2]] if match else 0
        if delay_s in rules.retry_s:
            delays_s.append(delay_s)
            continue
        shown = str(each)[:_SHOWN]
        pointer = f"/retry/{number}"
        errors.append(field_error(pointer, "not_in_enum", candidates=allowed, value=shown, allowed=", ".join(allowed)))
    if not errors and (not delays_s or len(delays_s) < len(given) or delays_s != sorted(set(delays_s))):
        errors.append(field_error("/retry", "delays_grow"))
    return tuple(delays_s)


def _moment(given: object, errors: list[FieldError]) -> int | None:
    shown = str(given)[:_SHOWN]
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) and "T" in given else None
    except ValueError:
        moment = None
    if moment is None:
        errors.append(field_error("/since", "timestamp_format", value=shown))
        return None
    if moment.tzinfo is None:
        errors.append(field_error("/since", "timestamp_offset", value=shown))
        return None
    return max(0, int(moment.timestamp() * 1000))
