"""The sentences of the story, in the language of the person who watches."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import yaml
from pydantic import TypeAdapter
from rich.markup import escape

from contracts.speech import speech
from contracts.wording import Language

CONTEXT: Final = "story"
"""Under which the catalogue keeps what the story says: it is told, while the rest of the product reports."""
Sentences = dict[str, dict[str, str]]
_SHIPPED: Final = Path(__file__).with_name("texts.yaml")


def read_sentences(path: Path = _SHIPPED) -> Sentences:
    """All sentences, by part of the story and name: `str.format` templates in English, the catalogue's ids."""
    return TypeAdapter(Sentences).validate_python(yaml.safe_load(path.read_bytes()))


class Texts:
    """Sentences by their name: ``part.name``."""

    def __init__(self, language: Language, sentences: Sentences) -> None:
        self.language = language
        self._here = speech(language)
        self._sentences = sentences

    def __call__(self, name: str, /, **values: object) -> str:
        """The sentence with its values, for printing with markup: what a value says is never markup. KeyError."""
        part, _, rest = name.partition(".")
        filled = {key: escape(str(value)) for key, value in values.items()}
        return self._here.pgettext(CONTEXT, self._sentences[part][rest]).format(**filled)

    def say(self, text: str) -> str:
        """What was put together elsewhere."""
        return self._here.say(text)

    def day(self, iso: str) -> str:
        """A date as it is written in the language: 1/9/2025, 2025-09-01."""
        day = date.fromisoformat(iso)
        return f"{day.day}/{day.month}/{day.year}" if self.language is Language.VI else iso

    def label(self, part: str, name: str) -> str:
        """What `name` is called; itself where nobody has given it a name."""
        found = self._sentences.get(part, {}).get(name)
        return name if found is None else self._here.pgettext(CONTEXT, found)
