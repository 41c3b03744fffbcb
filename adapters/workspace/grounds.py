"""What a grant rests on in law: what it cites, what it names in words, and whether that still holds."""

from __future__ import annotations

from datetime import date
from typing import Final

from adapters.workspace.documents import Document, Loc
from adapters.workspace.law_files import ADD, read_citations
from adapters.workspace.models import GrantModel
from adapters.workspace.report import Report
from contracts.citing import cited_in, unknown_in
from contracts.languages import Language
from contracts.lapse_words import lapse_remedy, lapse_words
from contracts.laws import AHEAD_DAYS, Citation, Laws, lapses
from contracts.said import said
from contracts.speech import speech

_SEPARATOR: Final = "; "


class Grounds:
    """The grounds of grants, as of `day`. `language` is what those are worded in that are only cited."""

    def __init__(self, report: Report, laws: Laws, day: date, language: Language) -> None:
        self._report = report
        self._laws = laws
        self._day = day
        self._language = language

    def of(self, document: Document, loc: Loc, model: GrantModel) -> tuple[str, tuple[Citation, ...]]:
        """A grant's legal basis in words, and what it rests on. What does not hold, or soon will not, is warned of."""
        stated = model.legal_basis or ""
        cited = read_citations(self._report, document, (*loc, "cites"), model.cites, self._laws.by_id)
        named = cited_in(stated, self._laws)
        grounds = tuple(dict.fromkeys((*cited, *named)))
        for number in unknown_in(stated, self._laws) if self._laws.by_id else ():
            message = said("the list of laws has no {number}, so nobody is warned when it lapses", number=number)
            self._report.warn(document, (*loc, "legal_basis"), message, ADD)
        self._warn(document, loc, model, cited, grounds)
        say = speech(self._language).say
        said_in_words = [say(self._laws.words(each)) for each in cited if each not in named]
        return _SEPARATOR.join([stated, *said_in_words] if stated else said_in_words), grounds

    def _warn(
        self,
        document: Document,
        loc: Loc,
        model: GrantModel,
        cited: tuple[Citation, ...],
        grounds: tuple[Citation, ...],
    ) -> None:
        places = {each: (*loc, "cites", index) for index, each in enumerate(cited)}
        for lapse in lapses(self._laws, grounds, self._day, AHEAD_DAYS):
            # A grant that has ended itself rests on nothing any more.
            if model.valid_to is None or model.valid_to > self._day:
                place = places.get(lapse.citation, (*loc, "legal_basis"))
                self._report.warn(document, place, lapse_words(self._laws, lapse), lapse_remedy(self._laws, lapse))
