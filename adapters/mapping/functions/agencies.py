"""Codes of agencies, which partners write in two orders."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from adapters.mapping.functions.base import Function, text_needed
from adapters.mapping.running import Apply, misfit_format, text_of
from adapters.mapping.shapes import TEXT, Shape
from contracts.agencies import normal_code, qcvn_code
from contracts.json_types import JsonValue


class CodeOrder(StrEnum):
    """How a code is written: `H17.10`, or `000.00.10.H17`."""

    LEVELS = "levels"
    QCVN_102 = "qcvn_102"


_SHOWN: Final[Mapping[CodeOrder, str]] = {CodeOrder.LEVELS: "H17.10", CodeOrder.QCVN_102: "000.00.10.H17"}


class AgencyCode(Function):
    """{agency: levels} or {agency: qcvn_102}: a code of an agency, come in either order, in that one."""

    agency: CodeOrder

    def compile(self) -> Apply:
        order = self.agency

        def write(value: JsonValue, _: object) -> JsonValue:
            text = text_of(value)
            try:
                found = normal_code(text) if order is CodeOrder.LEVELS else qcvn_code(text)
            except ValueError:
                found = None
            if found is None:
                raise misfit_format(value, _SHOWN[order])
            return found

        return write

    def gives(self, given: Shape) -> Shape:
        text_needed(given, "agency")
        return given.now(TEXT)
