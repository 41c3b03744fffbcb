"""The shape of JSON values, and JSON Pointers (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

JsonScalar: TypeAlias = str | int | float | bool | None
JsonValue: TypeAlias = "JsonScalar | list[JsonValue] | dict[str, JsonValue]"
JsonObject: TypeAlias = dict[str, JsonValue]


def pointer_of(parts: Iterable[str | int]) -> str:
    """The JSON Pointer through `parts`; "" for none."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def parts_of(pointer: str) -> tuple[str, ...]:
    """The reference tokens of a JSON Pointer. ValueError where it is neither empty nor begins with "/"."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON Pointer begins with '/': {pointer!r}")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))
