"""What a page of the portal says of a contract: its fields, who sees which, its example, how it is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import yaml

from contracts.avro_types import MESSAGE_TIME, Personal
from contracts.catalogue import Contract, ContractVersion, Grant
from contracts.json_types import JsonValue, parts_of
from contracts.languages import Language
from contracts.publish.about import descriptions, parts_of_version, schema_path, titles
from contracts.publish.examples import received_example, sent_example
from contracts.publish.fields import FieldLine, FieldTold, lines_of, told_of
from contracts.schema import Schema
from contracts.views import lets_through
from gateway.console.portal.looking import Look
from gateway.directory import Directory

_MOST_COLUMNS: Final = 8
_MOST_CELLS: Final = 1_000
"""Grants stand side by side as far as a page has room for them: on a screen, and in 150 KB."""


@dataclass(frozen=True, slots=True)
class Line:
    """A field in the table, with what is told of it."""

    line: FieldLine
    told: FieldTold
    personal: Personal | None
    codelist: str
    on: str


@dataclass(frozen=True, slots=True)
class Part:
    """A schema of a version: what it is for, its fields, an example, and where it lies by itself."""

    name: str
    schema: Schema
    lines: Sequence[Line]
    example: str
    is_made_up: bool
    json_schema: str
    avro: str


@dataclass(frozen=True, slots=True)
class Column:
    """A grant beside the fields: what it shows of each, `shown`, `part` or `withheld`."""

    grant: Grant
    system: str
    agency: str
    is_in_force: bool
    cells: Sequence[str]

    @property
    def count(self) -> int:
        """How many fields it shows, at least in part."""
        return sum(cell != "withheld" for cell in self.cells)


def title_of(look: Look, contract: Contract) -> str:
    """What it is called, in the reader's language where the contract has it."""
    return _spoken(titles(contract, look.directory.language), look.language)


def description_of(look: Look, contract: Contract) -> str:
    """What it is for, likewise; "" where it does not say."""
    return _spoken(descriptions(contract, look.directory.language), look.language)


def parts_told(look: Look, contract: Contract, version: ContractVersion) -> list[Part]:
    """Each schema of the version."""
    examples: dict[str, tuple[JsonValue, JsonValue]] = {
        "reply": (received_example(contract, version), version.reply_example)
    }
    found = []
    for name, schema in parts_of_version(contract, version).items():
        shown, own = examples.get(name, (sent_example(version), version.request_example))
        found.append(
            Part(
                name,
                schema,
                [_line(each, look.language) for each in lines_of(schema)],
                json.dumps(shown, ensure_ascii=False, indent=2),
                own is None,
                schema_path(contract.name, version.major, name, "schema.json"),
                schema_path(contract.name, version.major, name, "avsc"),
            )
        )
    return found


def columns_of(directory: Directory, contract: Contract, major: int, schema: Schema, day: date) -> list[Column]:
    """Every grant for the version that is in force, or will be, those in force first."""
    lines = lines_of(schema)
    grants = [
        grant
        for grant in directory.grants
        if (grant.contract, grant.major) == (contract.name, major) and (grant.valid_to is None or day < grant.valid_to)
    ]
    return [
        _column(directory, grant, lines, day)
        for grant in sorted(grants, key=lambda each: (not each.in_force(day), each.system, each.id))
    ]


def columns_at_a_time(schema: Schema) -> int:
    """How many grants stand beside the fields of a schema."""
    return max(1, min(_MOST_COLUMNS, _MOST_CELLS // max(1, len(lines_of(schema)))))


def request_for_grant(
    contract: Contract, major: int, providers: Sequence[str], schema: Schema | None, day: date
) -> str:
    """What is to be written in `grants/` once a request was agreed to, with all fields to choose from.

    The words in capital letters are for whoever writes it.
    """
    grant: dict[str, Any] = {
        "id": "MA-QUYEN",
        "system": "MA-HE-THONG",
        "contract": f"{contract.name}@{major}",
        "providers": list(providers),
        "purpose": "MUC DICH",
        "legal_basis": "CAN CU PHAP LY",
        "from": day.isoformat(),
        "to": (day + timedelta(days=365)).isoformat(),
        "quota": {"requests": 1000, "per_s": 3600},
        "view": "all" if schema is None else [each.pointer for each in lines_of(schema) if each.depth == 0],
    }
    written: str = yaml.safe_dump(
        {"grants": [grant]}, allow_unicode=True, sort_keys=False, width=100, default_flow_style=None
    )
    return written


def _line(line: FieldLine, language: Language) -> Line:
    field = line.field
    on = "" if field.on is None or field.on == MESSAGE_TIME else field.on
    return Line(line, told_of(field, language), field.personal, field.codelist or "", on)


def _column(directory: Directory, grant: Grant, lines: Sequence[FieldLine], day: date) -> Column:
    system = directory.systems.get(grant.system)
    agency = None if system is None else directory.agencies.get(system.agency)
    return Column(
        grant,
        grant.system if system is None else system.name,
        "" if agency is None else agency.name,
        grant.in_force(day),
        [_seen(grant, line.pointer) for line in lines],
    )


def _seen(grant: Grant, pointer: str) -> str:
    allowed = lets_through(grant.view, pointer)
    if allowed is None:
        return "withheld"
    # A view that names something below the field shows that, and not the rest of it.
    return "part" if len(parts_of(allowed)) > len(parts_of(pointer)) else "shown"


def _spoken(told: dict[Language, str], language: Language) -> str:
    return told.get(language) or next(iter(told.values()), "")
