"""Finds the legal documents that a text names: officers and partner systems write law in words, not in ids."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from contracts.laws import Citation, Laws

_NUMBER: Final = re.compile(
    r"(?<![\w/])(?:QCVN\s*\d{1,3}:\d{4}/[A-ZĐ]+|\d{1,5}/(?:\d{4}/)?[A-ZĐ][\wĐđ]*(?:-[A-ZĐ][\wĐđ]*)*)(?![\w/])",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(
    r"(?:điểm\s+(?P<point>[a-zđ]{1,2})\s+)?"
    r"(?:khoản\s+(?P<clause>\d{1,3}[a-zđ]?)\s+)?"
    r"(?:điều\s+|đ\.\s*|article\s+|art\.\s*)(?P<article>\d{1,4}[a-zđ]?)\b"
    r"(?:\s*,?\s*(?:khoản\s+|\()(?P<then>\d{1,3}[a-zđ]?)\)?)?"
    r"(?:\s*,?\s*(?:điểm\s+|\()(?P<last>[a-zđ]{1,2})\b\)?)?"
)
_MOST_TEXT: Final = 2000


def cited_in(text: str, laws: Laws) -> tuple[Citation, ...]:
    """The documents of the list that `text` names by their numbers, each with the article that it names beside it.

    What stands before a number belongs to it; what stands after it does only where no other number follows.
    """
    if not text:
        # Most answers name no ground at all.
        return ()
    found: dict[Citation, None] = {}
    by_number = {_folded(law.number): law.id for law in laws.by_id.values()}
    for clause in re.split(r"[;\n]", unicodedata.normalize("NFC", text[:_MOST_TEXT])):
        known = [match for match in _NUMBER.finditer(clause) if _folded(match[0]) in by_number]
        for index, match in enumerate(known):
            since = known[index - 1].end() if index else 0
            until = len(clause) if match is known[-1] else match.end()
            article = _article(clause[since : match.start()]) or _article(clause[match.end() : until])
            found.setdefault(Citation(by_number[_folded(match[0])], article))
    return tuple(found)


def unknown_in(text: str, laws: Laws) -> tuple[str, ...]:
    """The numbers of documents that `text` names and the list does not have."""
    known = {_folded(law.number) for law in laws.by_id.values()}
    numbers = (match[0] for match in _NUMBER.finditer(unicodedata.normalize("NFC", text[:_MOST_TEXT])))
    return tuple(dict.fromkeys(number for number in numbers if _folded(number) not in known))


def _article(text: str) -> str:
    match = _ARTICLE.search(text.casefold())
    if match is None:
        return ""
    clause, point = match["clause"] or match["then"], match["point"] or match["last"]
    return match["article"] + (f"({clause})" if clause else "") + (f"({point})" if clause and point else "")


def _folded(number: str) -> str:
    return "".join(unicodedata.normalize("NFC", number).casefold().split())
