"""Text: valid Unicode, in NFC."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from contracts.validation.misfit import Misfit

MOST_MARKS: Final = 30
"""How many combining marks may follow one another: as in Unicode's stream-safe text (UAX #15).

Normalising takes time in the square of their number: a megabyte of them would take minutes.
"""

# No combining mark lies in these ranges, so most text is cleared by one search.
_PERHAPS_MARKS: Final = re.compile(
    "[^\x00-\u02ff\u1e00-\u1fff\u2000-\u20cf\u2100-\u2ce0\u3100-\ua66e\uac00-\ud7ff]" + f"{{{MOST_MARKS + 1}}}"
)


def normalised(text: str) -> str:
    """The text in NFC. Misfit where it is no valid Unicode, or piles up marks beyond reason."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Misfit("lone_surrogate") from None
    if len(text) > MOST_MARKS and _PERHAPS_MARKS.search(text) is not None and longest_run(text) > MOST_MARKS:
        raise Misfit("too_many_marks", limit=MOST_MARKS)
    return unicodedata.normalize("NFC", text)


def longest_run(text: str) -> int:
    """The greatest number of combining marks in a row."""
    longest = here = 0
    for sign in text:
        here = here + 1 if unicodedata.combining(sign) else 0
        longest = max(longest, here)
    return longest
