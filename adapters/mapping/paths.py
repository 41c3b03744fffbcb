"""Paths: JSON Pointers from the value at hand, `.` for that value itself, `^/…` from the whole record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from pydantic import AfterValidator

from adapters.mapping.spec import mistake
from contracts.json_types import JsonValue, parts_of
from contracts.said import said

Find = Callable[[JsonValue], JsonValue]
"""What a path leads to from a value; None where it leads nowhere."""

WHOLE: Final = "."
"""The path of the value itself."""

_EXAMPLE: Final = said("write it like /home/ward; “.” is the value itself")


def checked_path(text: str) -> str:
    """The text, which must be a path. Raises what pydantic reports."""
    if not is_path(text):
        raise mistake(said("“{text}” is no path", text=text), _EXAMPLE)
    if "" in parts_of(pointer_in(text)):
        raise mistake(said("the path “{text}” has an empty part", text=text), _EXAMPLE)
    return text


def _local(text: str) -> str:
    if is_outer(text):
        raise mistake(
            said("“{text}” begins at the whole record, which cannot be done here", text=text), said("begin with “/”")
        )
    return text


Path = Annotated[str, AfterValidator(checked_path)]
"""A path in the YAML."""

LocalPath = Annotated[Path, AfterValidator(_local)]
"""A path that begins at the value at hand."""


def is_path(text: str) -> bool:
    """Whether a text is meant as a path where something else may stand too."""
    return text == WHOLE or text.startswith(("/", "^/"))


def is_outer(path: str) -> bool:
    """Whether a path begins at the whole record."""
    return path.startswith("^")


def pointer_in(path: str) -> str:
    """The JSON Pointer that a path is, from wherever it begins."""
    return "" if path == WHOLE else path.removeprefix("^")


def finder(path: str) -> Find:
    """A function that follows `path` from the value it begins at. Its cost is the path's length, whatever the value."""
    parts = parts_of(pointer_in(path))
    if not parts:
        return lambda value: value
    if len(parts) == 1:
        (name,) = parts
        return lambda value: value.get(name) if isinstance(value, dict) else _step(value, name)

    def find(value: JsonValue) -> JsonValue:
        for part in parts:
            value = value.get(part) if isinstance(value, dict) else _step(value, part)
        return value

    return find


def _step(value: JsonValue, part: str) -> JsonValue:
    if not isinstance(value, list) or not _is_index(part):
        return None
    index = int(part)
    return value[index] if index < len(value) else None


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= 9 and (part == "0" or part[0] != "0")
