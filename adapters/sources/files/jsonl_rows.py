"""Rows of JSON lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from adapters.sources.files.rows import Row
from adapters.sources.files.text import Line, Lines
from contracts.errors import FieldError
from contracts.json_types import JsonValue
from contracts.validation.found import EnoughErrors, Errors
from contracts.validation.misfit import Misfit
from contracts.validation.parsing import Unreadable, parse

_COLUMNS: Final = ("line",)


class JsonlRows:
    """The rows of one file."""

    columns = _COLUMNS

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[Row]:
        """Row by row."""
        number = 0
        while (line := self._lines.next()) is not None:
            text = line.text.strip()
            if not text and line.fault is None:
                continue
            number += 1
            record, fault = _read(line, text)
            yield Row(number, (text,), record, fault, line.is_open)


def _read(line: Line, text: str) -> tuple[JsonValue, FieldError | None]:
    if line.fault is not None:
        return None, line.fault
    errors = Errors()
    try:
        value = parse(text.encode(), errors)
    except Unreadable as unreadable:
        return None, unreadable.error
    except EnoughErrors:
        return None, errors.found[0]
    if errors.found:
        return None, errors.found[0]
    if not isinstance(value, dict):
        got = "array" if isinstance(value, list) else "value"
        return None, Misfit("wrong_type", expected="object", got=got).at("")
    return value, None
