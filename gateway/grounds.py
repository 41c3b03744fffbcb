"""The bus's list of laws, as it is shown: each document, how it stands on a day, and what rests on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.catalogue import Grant
from contracts.languages import Language
from contracts.laws import AHEAD_DAYS, Citation, Lapse, Law, Laws, Term, lapses
from contracts.speech import speech


@dataclass(frozen=True, slots=True)
class Resting:
    """A grant that rests on a ground which does not hold, or soon will not."""

    grant: Grant
    lapse: Lapse


def resting_on_lapses(
    grants: Iterable[Grant], laws: Laws, day: date, ahead_days: int = AHEAD_DAYS
) -> Iterator[Resting]:
    """Every grant that is in force on `day`, or will be, and what of its grounds lapses within `ahead_days`."""
    for grant in grants:
        if grant.valid_to is None or grant.valid_to > day:
            for lapse in lapses(laws, grant.grounds, day, ahead_days):
                yield Resting(grant, lapse)


def resting_on(grants: Iterable[Grant], law: str) -> list[Grant]:
    """The grants that cite a document, or an article of it."""
    return [grant for grant in grants if any(each.law == law for each in grant.grounds)]


def ground_document(citation: Citation, laws: Laws, day: date, language: Language) -> dict[str, Any]:
    """A ground as JSON: `{law, article?, name, title, standing, from?, to?, replaced_by?}`. KeyError."""
    law = laws.by_id[citation.law]
    provision = law.provisions.get(citation.article)
    title = law.title if provision is None else provision.title
    found: dict[str, Any] = {"law": citation.law}
    if citation.article:
        found["article"] = citation.article
    found |= {"name": speech(language).say(laws.words(citation)), "title": title[language]}
    term = laws.term(citation)
    return found | _standing(term, day) | _successors(laws.successors(citation))


def law_document(law: Law, laws: Laws, day: date) -> dict[str, Any]:
    """A document as JSON, with its titles in both languages, its articles, and how it stands on `day`."""
    articles = [
        {
            "article": each.article,
            "title": each.title.by_language(),
            **_standing(laws.term(Citation(law.id, each.article)), day),
            **_successors((each.replaced_by,) if each.replaced_by else ()),
        }
        for each in law.provisions.values()
    ]
    return {
        "id": law.id,
        "kind": str(law.kind),
        "number": law.number,
        "title": law.title.by_language(),
        "confirmed": law.confirmed,
        **_standing(law.term, day),
        **_successors(law.replaced_by),
        "articles": articles,
    }


def _standing(term: Term, day: date) -> dict[str, Any]:
    days = {"from": term.valid_from, "to": term.valid_to}
    return {"standing": str(term.standing(day)), **{name: str(each) for name, each in days.items() if each is not None}}


def _successors(successors: tuple[str, ...]) -> dict[str, Any]:
    return {"replaced_by": list(successors)} if successors else {}
