"""Templates: text with `{names}` in it, filled from what the mapping `parts` made, so that no value can break out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Final
from urllib.parse import quote, unquote

from pydantic import AfterValidator

from adapters.mapping.literals import plain
from adapters.mapping.spec import mistake
from contracts.errors import Origin, Permanent, Rejected
from contracts.json_types import JsonValue
from contracts.said import said

Parts = Mapping[str, JsonValue]
Fill = Callable[[Parts], str]

_HOLE: Final = re.compile(r"\{([A-Za-z0-9_.-]+)\}")
_HARMLESS: Final = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SLASHES: Final = re.compile(r"[/\\]")
_KEPT_IN_PATH: Final = "/-._~!$&'()*+,;=:@%"
_MOST_DECODINGS: Final = 3


def _template(text: str) -> str:
    if re.search(r"[{}]", _HOLE.sub("", text)):
        raise mistake(
            said("“{text}” has a brace that opens or closes nothing", text=text),
            said("write a value's place like {name}"),
        )
    if _CONTROL.search(text):
        raise mistake(said("there is a line break or another control character here"), said("write it in one line"))
    return text


Template = Annotated[str, AfterValidator(_template)]
"""Text that may have `{names}` in it."""


def holes(templates: Iterable[str]) -> frozenset[str]:
    """The names in them."""
    return frozenset(name for text in templates for name in _HOLE.findall(text))


def only_hole(template: str) -> str | None:
    """The name, where the template is nothing else."""
    match = _HOLE.fullmatch(template)
    return match[1] if match else None


def path_filler(template: str) -> Fill:
    """Fill a path. A value stays one segment: it is percent-encoded, and never empty, dots or a way upwards.

    The result raises Rejected for a value that cannot stand there, Permanent for one that is no scalar.
    """
    return _filler(template, lambda text: quote(text, safe=_KEPT_IN_PATH), _in_path)


def query_filler(template: str) -> Fill:
    """Fill the value of a query parameter, percent-encoded. As `path_filler`."""
    return _filler(template, lambda text: quote(text, safe=""), _in_query)


def header_filler(template: str) -> Fill:
    """Fill the value of a header, which stays one line. As `path_filler`."""
    return _filler(template, str, _in_header)


def _filler(template: str, literal: Callable[[str], str], value: Callable[[str, str], str]) -> Fill:
    bits = _HOLE.split(template)
    literals, names = [literal(bit) for bit in bits[::2]], bits[1::2]
    if not names:
        (constant,) = literals
        return lambda _: constant
    first, rest = literals[0], tuple(zip(names, literals[1:], strict=True))

    def fill(parts: Parts) -> str:
        return first + "".join([value(name, _text(name, parts)) + after for name, after in rest])

    return fill


def _text(name: str, parts: Parts) -> str:
    found = parts.get(name)
    if isinstance(found, str):
        return found
    if found is None:
        raise _unfit(name, "it is missing")
    text = plain(found)
    if text is None:
        raise Permanent(f"the part “{name}” of the request is neither text nor number", origin=Origin.BUS)
    return text


def _in_path(name: str, text: str) -> str:
    if _HARMLESS.fullmatch(text):
        return text
    if any(piece.partition(";")[0] in {"", ".", ".."} for piece in _SLASHES.split(_decoded(text))):
        raise _unfit(name, "in a path it would be empty or lead elsewhere")
    return _encoded(name, text)


def _decoded(text: str) -> str:
    """What a server that decodes once too often would make of it."""
    for _ in range(_MOST_DECODINGS):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def _in_query(name: str, text: str) -> str:
    return text if _HARMLESS.fullmatch(text) else _encoded(name, text)


def _encoded(name: str, text: str) -> str:
    if _CONTROL.search(text):
        raise _unfit(name, "it has a line break or another control character in it")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise _unfit(name, "it is no valid Unicode text") from None


def _in_header(name: str, text: str) -> str:
    if _CONTROL.search(text):
        raise _unfit(name, "it has a line break or another control character in it")
    if not text.isascii():
        _encoded(name, text)
    return text


def _unfit(name: str, why: str) -> Rejected:
    # The value is not repeated: it may be personal data.
    return Rejected(f"the part “{name}” cannot be sent to the system: {why}", origin=Origin.BUS)
