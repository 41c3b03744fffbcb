"""What becomes of a submission that its sender or an operator takes back before its receiver has it."""

from __future__ import annotations

from typing import Final

from contracts.envelope import Headers, header
from contracts.errors import Origin, field_error
from contracts.outcome import Outcome, Result

_FIRM: Final = "firm"
_REASON: Final = "it was withdrawn before its receiver had taken it"


def withdrawn(by: str, why: str) -> Result:
    """How a submission ends that `by` has withdrawn."""
    said = field_error("", "withdrawn", by=by, why=why)
    return Result(Outcome.FAILED, reason=_REASON, origin=Origin.BUS, errors=(said,))


def is_withdrawn(result: Result) -> bool:
    """Whether it ended so."""
    return any(error.code == "withdrawn" for error in result.errors)


def is_firm(headers: Headers) -> bool:
    """Whether what a message carries cannot be withdrawn: an attempt at it may have taken effect, or an operator sent
    it on."""
    return header(headers, f"ce_{_FIRM}") is not None


def firm_attribute(*, firm: bool) -> tuple[tuple[str, str], ...]:
    """The attribute by which `is_firm` knows a message, for `Envelope.headers`; none where it is not."""
    return ((_FIRM, "true"),) if firm else ()
