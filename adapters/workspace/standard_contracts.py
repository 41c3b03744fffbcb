"""The standard contracts that come with the product, and their tables to the standards that they follow.

They are package data of `contracts/`, one folder each (contracts/standard/README.md). Nothing runs on them as they lie
there: what a workspace uses it has a copy of.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from pydantic import Field, model_validator

from adapters.mapping.language import MapSpec
from adapters.mapping.spec import Spec
from adapters.workspace.documents import Tree, read_document
from adapters.workspace.models import ContractModel
from adapters.workspace.values import Json, TextInBoth

_ROOT: Final[Traversable] = files("contracts") / "standard"
_LISTS: Final = "codelists"
COLUMNS: Final = ("part", "pointer", "standard_field", "note_vi", "note_en", "confirmed")
"""Of a field table."""
COPIED: Final = (".yaml", ".avsc", ".json")
EXCERPTS: Final = frozenset({"wards"})
"""Code lists that hold a part of the whole only: a workspace in use loads its own."""


class SampleModel(Spec):
    """A record of the standard: in the JSON that the bus makes of its wire, or as the text that goes over the wire."""

    name: str
    standard: Json = None
    text: str | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> SampleModel:
        if (self.standard is None) == (self.text is None):
            raise ValueError("a sample has either `standard` or `text`")
        return self


class PartModel(Spec):
    """How records of one schema become the standard's, and back."""

    from_standard: MapSpec
    to_standard: MapSpec
    samples: tuple[SampleModel, ...] = Field(min_length=1)


class StandardModel(Spec):
    """`standards/<slug>.yaml`"""

    name: str
    title: TextInBoth
    source: str
    parts: dict[str, PartModel] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A field of ours and a field of the standard that say the same; or one without the other, with the reason.

    Both are JSON Pointers into a record in its JSON form, "*" standing for each item of a list. `confirmed`: the
    field's name was read in the standard itself, or in programs of several who use it.
    """

    part: str
    pointer: str
    standard_field: str
    note_vi: str
    note_en: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class FollowedStandard:
    """A standard that a contract follows: its field table, and the mappings in both directions by part."""

    slug: str
    model: StandardModel
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class StandardContract:
    """A contract that comes with the product. `files` are those that a workspace gets, by their path in it."""

    name: str
    model: ContractModel
    files: Mapping[str, bytes]
    standards: tuple[FollowedStandard, ...]


def standard_names() -> list[str]:
    """The names of all standard contracts."""
    return sorted(each.name for each in _ROOT.iterdir() if each.is_dir() and (each / "contract.yaml").is_file())


def standard_contract(name: str) -> StandardContract:
    """The standard contract of that name. KeyError: there is none."""
    if name not in standard_names():
        raise KeyError(name)
    folder = _ROOT / name
    found = dict(_files(folder, f"contracts/{name}"))
    model = ContractModel.model_validate(_tree(folder / "contract.yaml"))
    tables = folder / "standards"
    slugs = sorted(each.name.removesuffix(".yaml") for each in tables.iterdir() if each.name.endswith(".yaml"))
    return StandardContract(name, model, found, tuple(_standard(tables, slug) for slug in slugs))


def mapping_text(name: str, slug: str) -> str:
    """The mappings between a standard contract and a standard, as they are written. KeyError: there are none."""
    file = _ROOT / name / "standards" / f"{slug}.yaml"
    if name not in standard_names() or not file.is_file():
        raise KeyError(slug)
    return file.read_text("utf-8")


def standard_lists() -> dict[str, bytes]:
    """The code lists that standard contracts use, by name."""
    folder = _ROOT / _LISTS
    return {
        each.name.removesuffix(".csv"): each.read_bytes()
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
        if each.name.endswith(".csv")
    }


def _files(folder: Traversable, at: str) -> Iterator[tuple[str, bytes]]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir() and each.name != "standards":
            yield from _files(each, f"{at}/{each.name}")
        elif each.is_file() and each.name.endswith(COPIED):
            yield f"{at}/{each.name}", each.read_bytes()


def _standard(tables: Traversable, slug: str) -> FollowedStandard:
    text = (tables / f"{slug}.csv").read_text("utf-8")
    rows = tuple(
        TableRow(
            part=row["part"],
            pointer=row["pointer"],
            standard_field=row["standard_field"],
            note_vi=row["note_vi"],
            note_en=row["note_en"],
            confirmed=row["confirmed"] == "true",
        )
        for row in csv.DictReader(io.StringIO(text))
    )
    return FollowedStandard(slug, StandardModel.model_validate(_tree(tables / f"{slug}.yaml")), rows)


def _tree(file: Traversable) -> Tree:
    return read_document(file.name, file.read_text("utf-8")).tree
