"""Finding contracts by what people type: without accents, with them wherever they stand, in any order of words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.catalogue import Contract
from contracts.languages import Language
from contracts.plain import plain
from contracts.publish.about import descriptions, parts_of_version, titles
from contracts.publish.fields import lines_of, told_of

_MOST_WORDS: Final = 12
_IN_NAME, _IN_TEXT, _IN_FIELDS = 100, 10, 1


@dataclass(frozen=True, slots=True)
class Indexed:
    """A contract with the words it is found by, made plain: its names, what is told of it, and its fields."""

    contract: Contract
    names: str
    text: str
    fields: str


def indexed(contract: Contract, language: Language, providers: Iterable[str]) -> Indexed:
    """The contract with its words; `providers` are the names of who provides it."""
    told = [*titles(contract, language).values(), contract.name]
    about = [*descriptions(contract, language).values(), *providers]
    fields = []
    for schema in parts_of_version(contract, contract.versions[contract.latest]).values():
        for line in lines_of(schema):
            for spoken in Language:
                meaning = told_of(line.field, spoken)
                fields += [meaning.title, meaning.description]
            fields += [line.name, line.field.codelist or ""]
    return Indexed(contract, plain(" ".join(told)), plain(" ".join(about)), plain(" ".join(dict.fromkeys(fields))))


def found(sought: str, index: Sequence[Indexed]) -> list[Indexed]:
    """The contracts that have every word that was typed, those that have them in their names first."""
    words = plain(sought).split()[:_MOST_WORDS]
    if not words:
        return list(index)
    weighed = [(sum(_weight(word, each) for word in words), each) for each in index if _has_all(words, each)]
    return [each for _, each in sorted(weighed, key=lambda pair: (-pair[0], pair[1].contract.name))]


def _has_all(words: Sequence[str], each: Indexed) -> bool:
    return all(word in each.names or word in each.text or word in each.fields for word in words)


def _weight(word: str, each: Indexed) -> int:
    if word in each.names:
        return _IN_NAME
    return _IN_TEXT if word in each.text else _IN_FIELDS
