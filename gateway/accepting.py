"""Which of several forms a client prefers (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_MOST: Final = 4_000
_ANY: Final = "*/*"


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """The media type that `Accept` gives the greatest weight to, of equal ones the first offered; None: it takes none.

    The most specific range that fits a type decides its weight. A range that cannot be read is passed over.
    """
    if not accept.strip():
        return offered[0]
    ranges = [found for each in accept[:_MOST].split(",") if (found := _range(each)) is not None]
    weighed = [(_weight(each, ranges), -place, each) for place, each in enumerate(offered)]
    weight, _, chosen = max(weighed)
    return chosen if weight > 0 else None


def _range(text: str) -> tuple[str, float] | None:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    if media.count("/") != 1:
        return None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return None
            return (media, weight) if 0 <= weight <= 1 else None
    return media, 1.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    for wanted in (media, f"{media.partition('/')[0]}/*", _ANY):
        found = [weight for each, weight in ranges if each == wanted]
        if found:
            return max(found)
    return 0.0
