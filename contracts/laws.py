"""Legal documents as data: a dated list that grants and refusals cite, and that says when a ground lapses.

Nothing here knows any law: what the documents are, since when and until when they hold and what took their place, is in
the workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from contracts.meaning import Words
from contracts.said import N_, Said, said, said_with

ARTICLE: Final = re.compile(r"(\d{1,4}[a-zđ]?)(?:\((\d{1,3}[a-zđ]?)\))?(?:\(([a-zđ]{1,2})\))?\Z")
"""An article, its clause and the clause's point: `16`, `16(2)`, `16(2)(a)`."""

AHEAD_DAYS: Final = 60
"""How long before its end a ground is warned of: time to amend a decision."""


class LawKind(StrEnum):
    """What a legal document is."""

    LAW = "law"
    DECREE = "decree"
    DECISION = "decision"
    CIRCULAR = "circular"
    REGULATION = "regulation"
    OTHER = "other"


_NAMES: Final[Mapping[LawKind, str]] = {
    LawKind.LAW: N_("Law {number}"),
    LawKind.DECREE: N_("Decree {number}"),
    LawKind.DECISION: N_("Decision {number}"),
    LawKind.CIRCULAR: N_("Circular {number}"),
    LawKind.REGULATION: N_("{number}"),
    LawKind.OTHER: N_("{number}"),
}


class Standing(StrEnum):
    """How a ground stands on a day."""

    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Term:
    """Days in the half-open `[valid_from, valid_to)`; None is open."""

    valid_from: date | None = None
    valid_to: date | None = None

    def standing(self, day: date) -> Standing:
        """Before it, in it or after it."""
        if self.valid_to is not None and day >= self.valid_to:
            return Standing.ENDED
        if self.valid_from is not None and day < self.valid_from:
            return Standing.NOT_YET
        return Standing.IN_FORCE


@dataclass(frozen=True, slots=True)
class Provision:
    """An article, clause or point worth a line of its own: its heading, and its own days where they are not the
    document's."""

    article: str
    title: Words
    term: Term = Term()
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """A legal document. `replaced_by` are the ids of those that took its place; `confirmed` is False where somebody has
    yet to check the entry against the text."""

    id: str
    kind: LawKind
    number: str
    title: Words
    term: Term = Term()
    replaced_by: tuple[str, ...] = ()
    provisions: Mapping[str, Provision] = field(default_factory=dict)
    confirmed: bool = True

    @property
    def name(self) -> Said:
        """What it is called: “Decree 278/2025/NĐ-CP”."""
        return said_with(_NAMES[self.kind], {"number": self.number})


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A ground: a document's id and, where it is more precise than that, the article as in `16(2)(a)`."""

    law: str
    article: str = ""

    def __str__(self) -> str:
        return f"{self.law}:{self.article}" if self.article else self.law

    @classmethod
    def read(cls, text: str) -> Citation:
        """The citation that is written as `id` or `id:16(2)`."""
        law, _, article = text.partition(":")
        return cls(law, article)


@dataclass(frozen=True, slots=True)
class Laws:
    """All documents that a bus knows, by id.

    `personal` and `other` are what is cited for fields that a grant's view keeps back, of data about people and of all
    other.
    """

    by_id: Mapping[str, Law] = field(default_factory=dict)
    personal: tuple[Citation, ...] = ()
    other: tuple[Citation, ...] = ()

    def term(self, citation: Citation) -> Term:
        """The days on which a ground holds: its own, within those of its document. KeyError."""
        law = self.by_id[citation.law]
        own = _provision(law, citation.article)
        if own is None:
            return law.term
        starts = [each for each in (law.term.valid_from, own.term.valid_from) if each is not None]
        ends = [each for each in (law.term.valid_to, own.term.valid_to) if each is not None]
        return Term(max(starts, default=None), min(ends, default=None))

    def successors(self, citation: Citation) -> tuple[str, ...]:
        """What took the place of a ground, in the form of citations; as far as the list says. KeyError."""
        law = self.by_id[citation.law]
        own = _provision(law, citation.article)
        return (own.replaced_by,) if own is not None and own.replaced_by else law.replaced_by

    def words(self, citation: Citation) -> Said:
        """A ground as it is written: “Decree 194/2025/NĐ-CP, Article 16(2)”. Its id where it is not on the list."""
        law = self.by_id.get(citation.law)
        name = said_with("{id}", {"id": citation.law}) if law is None else law.name
        match = ARTICLE.match(citation.article)
        if match is None:
            return name
        article, clause, point = match.groups()
        parts = {"document": name, "article": article, "clause": clause, "point": point}
        if point:
            return said("{document}, Article {article}({clause})({point})", **parts)
        if clause:
            return said("{document}, Article {article}({clause})", **parts)
        return said("{document}, Article {article}", **parts)


@dataclass(frozen=True, slots=True)
class Lapse:
    """A ground that does not hold on a day, or soon will not.

    `day` is when it ends or begins, `standing` how it stands on the day that was asked for; `successors` are citations.
    """

    citation: Citation
    standing: Standing
    day: date
    successors: tuple[str, ...]


def lapses(laws: Laws, cited: Sequence[Citation], day: date, ahead_days: int) -> Iterator[Lapse]:
    """Those of the grounds `cited` that do not hold on `day`, or end within `ahead_days` of it."""
    for citation in cited:
        if citation.law not in laws.by_id:
            continue
        term = laws.term(citation)
        standing = term.standing(day)
        if standing is Standing.NOT_YET and term.valid_from is not None:
            yield Lapse(citation, standing, term.valid_from, ())
        elif term.valid_to is not None and (standing is Standing.ENDED or (term.valid_to - day).days <= ahead_days):
            yield Lapse(citation, standing, term.valid_to, laws.successors(citation))


def _provision(law: Law, article: str) -> Provision | None:
    """The entry for an article, or for what it is a part of: `16(2)(a)`, then `16(2)`, then `16`."""
    while article:
        if article in law.provisions:
            return law.provisions[article]
        article = article[: article.rfind("(")] if "(" in article else ""
    return None
