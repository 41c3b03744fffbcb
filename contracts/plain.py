"""Text as people type it when they are in a hurry, and as two offices spell one name."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SPACES: Final = re.compile(r"[^\w]+", re.UNICODE)
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS: Final = frozenset("aeiouyAEIOUY")


def plain(text: str) -> str:
    """`text` in small letters without accents, its words one space apart: “Phường Hội An” is “phuong hoi an”."""
    parts = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return _SPACES.sub(" ", "".join(each for each in parts if not unicodedata.combining(each))).strip().casefold()


def spelt_alike(one: str, other: str) -> bool:
    """Whether two texts are the same but for where the tone stands in a syllable: Hoà and Hòa, Thuỷ and Thủy."""
    return one == other or _toneless(one) == _toneless(other)


def _toneless(text: str) -> tuple[str, ...]:
    """Each syllable with its tone at the end, where it cannot stand in two places."""
    return tuple(_tone_last(word) for word in unicodedata.normalize("NFC", text).casefold().split())


def _tone_last(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    if not any(each in _VOWELS for each in parts):
        return word
    rest = "".join(each for each in parts if each not in _TONES)
    return unicodedata.normalize("NFC", rest) + "".join(each for each in parts if each in _TONES)
