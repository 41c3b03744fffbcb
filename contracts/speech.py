"""What the product says to people, from one catalogue (docs/decisions/0013-one-catalogue.md).

The English text in the code is the message's id; Vietnamese is in ``locale/vi/LC_MESSAGES/lienthong.po``, which ships
with the package as the schemas of the bus's own records do.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from contracts.wording import Language

DOMAIN: Final = "lienthong"
KEYWORDS: Final = MappingProxyType(
    {
        "_": None,
        "N_": None,
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
    }
)
"""How a message is marked in code and templates, for Babel's extractor. `N_` marks one that is said elsewhere."""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """`message` itself, marked for the catalogue: it is said later, in the language of whoever reads it."""
    return message


class Speech:
    """One language's half of the catalogue. A message that it lacks is said in English."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._catalogue = Catalog() if language is Language.EN else catalogue(language)

    def gettext(self, message: str) -> str:
        """`message` in this language."""
        return self._said(message, None) or message

    def pgettext(self, context: str, message: str) -> str:
        """`message` as it is meant in `context`, where one English word has two meanings."""
        return self._said(message, context) or message

    def npgettext(self, context: str, one: str, many: str, count: int) -> str:
        """The form of a message that goes with `count`, as it is meant in `context`."""
        return self._counted(one, many, count, context)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form of a message that goes with `count`; Vietnamese has but one."""
        return self._counted(one, many, count, None)

    def _said(self, message: str, context: str | None) -> str:
        found = self._catalogue.get(message, context)
        return found.string if found is not None and isinstance(found.string, str) else ""

    def _counted(self, one: str, many: str, count: int, context: str | None) -> str:
        found = self._catalogue.get(one, context)
        if found is not None and isinstance(found.string, tuple) and found.string[0]:
            return found.string[0]
        return one if count == 1 else many


@cache
def speech(language: Language) -> Speech:
    """What is said in `language`; the catalogue is read when it is first asked for."""
    return Speech(language)


@cache
def catalogue(language: Language) -> Catalog:
    """The messages of `language` as they stand in its file."""
    place = files("contracts") / "locale" / language.value / "LC_MESSAGES" / f"{DOMAIN}.po"
    return read_po(BytesIO(place.read_bytes()), locale=language.value, domain=DOMAIN)
