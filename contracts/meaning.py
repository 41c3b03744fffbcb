"""What a field means, for people and for the systems that know it by another name."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from contracts.languages import Language
from contracts.patterns import TextPattern


@dataclass(frozen=True, slots=True)
class Words:
    """A title or a description, in both languages."""

    vi: str
    en: str

    def __getitem__(self, language: Language) -> str:
        """The words in that language."""
        return self.en if language is Language.EN else self.vi

    def by_language(self) -> dict[str, str]:
        """Both, for programs: `{"vi": …, "en": …}`."""
        return {str(language): self[language] for language in (Language.VI, Language.EN)}


@dataclass(frozen=True, slots=True)
class Standard:
    """A field of a standard that a field of ours says the same as. `confirmed`: somebody has read it in the standard's
    own text."""

    name: str
    field: str
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field's schema says beyond its type.

    `pattern` is for texts, `minimum` and `maximum` (both still allowed) are for numbers; `unit` is a code of UCUM, or
    of UN/CEFACT where UCUM has none.
    """

    title: Words | None = None
    description: Words | None = None
    pattern: TextPattern | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: str | None = None
    standards: tuple[Standard, ...] = ()


def plain_number(bound: Decimal) -> int | float:
    """A bound as the kind of number that is quickest to compare with, and that JSON has."""
    return int(bound) if bound == bound.to_integral_value() else float(bound)


NO_MEANING: Final = Meaning()
