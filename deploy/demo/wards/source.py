"""Reads the wards of before and after 1 July 2025, and what became what, from the data of `vietnamadminunits`.

The package's own code is not used, only its data, and of that not `isDefaultNewWard`: where a ward was split it names
one part, and which part somebody lives in is not for a list to guess.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "vietnamadminunits"

_OLD: Final = """
    SELECT provinceKey || '_' || districtKey || '_' || coalesce(wardKey, '') AS key, wardCode AS code,
           coalesce(ward, district) AS name, provinceCode AS province, province AS province_name,
           districtCode AS district, district AS district_name
    FROM admin_units_legacy"""
_NEW: Final = """
    SELECT provinceKey || '_' || wardKey AS key, wardCode AS code, ward AS name, provinceCode AS province,
           province AS province_name, '' AS district, '' AS district_name
    FROM admin_units"""


class SourceError(Exception):
    """The data is not what this tool was written for; nothing may be generated from it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A ward of one of the two tables. `code` is None for the five island districts, which had no wards."""

    key: str
    code: str | None
    name: str
    province: str
    province_name: str
    district: str
    district_name: str


@dataclass(frozen=True, slots=True)
class Source:
    """Both tables, and the codes of the new wards that each old one, by its key, went to."""

    old: tuple[Unit, ...]
    new: tuple[Unit, ...]
    successors: Mapping[str, frozenset[str]]


def package_data() -> Path | None:
    """The folder of the installed package's data; None where it is not installed. The package is not imported."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "data"


def read_source(folder: Path) -> Source:
    """What the package's data folder says. SourceError where a ward is named that is not in the tables, or twice."""
    with closing(sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)) as tables:
        old, new = (tuple(Unit(*row) for row in tables.execute(query)) for query in (_OLD, _NEW))
    converter = json.loads((folder / "converter_2025.json").read_text("utf-8"))
    old_keys, codes = _once(unit.key for unit in old), {unit.key: unit.code or "" for unit in new}
    _once(unit.key for unit in new)
    successors: defaultdict[str, set[str]] = defaultdict(set)
    for before, after in _edges(converter):
        if before not in old_keys or after not in codes:
            raise SourceError(f"the conversion {before} → {after} names a ward that is in no table")
        successors[before].add(codes[after])
    return Source(old, new, {key: frozenset(found) for key, found in successors.items()})


def _edges(converter: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(old key, new key) of every part of every ward. Keys carry province and district: bare names are not unique."""
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for after, whole in wards.items():
            yield from ((before, f"{province}_{after}") for before in whole)
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for before, parts in divided.items():
            yield from ((before, f"{province}_{part['newWardKey']}") for part in parts)


def _once(keys: Iterable[str]) -> frozenset[str]:
    listed = list(keys)
    distinct = frozenset(listed)
    if len(distinct) < len(listed):
        raise SourceError("two wards of one table have the same key")
    return distinct
