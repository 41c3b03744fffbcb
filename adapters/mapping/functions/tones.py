"""Where the tone mark of oa, oe and uy stands: hòa (old) or hoà (new). Both are in use, and NFC unites them not."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from itertools import product
from typing import Final

_MARKS: Final = ("\u0300", "\u0301", "\u0309", "\u0303", "\u0323")


class Tone(StrEnum):
    """On the first vowel, or on the second."""

    OLD = "old"
    NEW = "new"


def with_tone(text: str, tone: Tone) -> str:
    """The text, which is in NFC, with each open syllable in oa, oe or uy written in the one way."""
    if tone is Tone.OLD:
        return _NEW.sub(lambda found: _TO_OLD[found[0]], text)
    return _OLD.sub(lambda found: _TO_NEW[found[0]], text)


def _pairs() -> dict[str, str]:
    """From the old way to the new one, in every mix of small and capital letters."""
    pairs = {}
    for first, second in ("oa", "oe", "uy"):
        for mark, up_first, up_second in product(_MARKS, (False, True), (False, True)):
            a, b = first.upper() if up_first else first, second.upper() if up_second else second
            pairs[_nfc(a + mark + b)] = _nfc(a + b + mark)
    return pairs


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


# Only at the end of a syllable: hoàn is written one way. Not after q, whose u is no vowel: quý.
_TO_NEW: Final = _pairs()
_TO_OLD: Final = {new: old for old, new in _TO_NEW.items()}
_OLD: Final = re.compile(rf"(?<![qQ])(?:{'|'.join(_TO_NEW)})(?!\w)")
_NEW: Final = re.compile(rf"(?<![qQ])(?:{'|'.join(_TO_OLD)})(?!\w)")
