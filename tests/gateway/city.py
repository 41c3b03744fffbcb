"""A small city for tests of the gateway's parts: two school systems, a register, a one-stop shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from contracts.catalogue import (
    Area,
    Contract,
    ContractVersion,
    Credential,
    Grant,
    Route,
    Service,
    System,
)
from contracts.codelists import read_code_list
from contracts.outcome import Pattern
from contracts.schema import parse_schema
from contracts.validation import Validators
from contracts.wording import Language
from gateway.directory import Directory, Limits

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CHANGE = date(2025, 7, 1)
TRANSFER = "education.student-transfer"
LOOKUP = "population.person-lookup"
WARDS = read_code_list(
    "wards",
    """\
id,code,name,valid_from,valid_to,successors
20404@2024,20404,Phường Cẩm Phô,,2025-07-01,20410@2025
20410@2024,20410,Phường Sơn Phong,,2025-07-01,20410@2025
20296@2024,20296,Xã Hòa Liên,,2025-07-01,20194@2025 20197@2025
20200@2024,20200,Phường Hòa Hiệp,,2025-07-01,20197@2025
20410@2025,20410,Phường Hội An,2025-07-01,,
20194@2025,20194,Phường Hải Vân,2025-07-01,,
20197@2025,20197,Phường Liên Chiểu,2025-07-01,,
20999@2025,20999,Xã Nơi Khác,2025-07-01,,
""",
)
TRANSFER_SCHEMA = parse_schema(
    """{"type": "record", "name": "Transfer", "fields": [
    {"name": "student", "type": "string"},
    {"name": "home_ward", "type": ["null", "string"], "default": null, "codelist": "wards", "on": "/home_ward_on"},
    {"name": "home_ward_on", "type": {"type": "string", "logicalType": "partial-date"}, "default": "2025-09-01"}]}"""
)
OLDER_SCHEMA = parse_schema('{"type": "record", "name": "Old", "fields": [{"name": "student", "type": "string"}]}')
LOOKUP_SCHEMA = parse_schema('{"type": "record", "name": "Lookup", "fields": [{"name": "id", "type": "string"}]}')


def area(*rows: str) -> Area:
    """Wards of today."""
    return Area("wards", CHANGE, frozenset(rows))


def service(system: str, contract: str = TRANSFER, major: int = 2, of: Area | None = None) -> Service:
    """What a system provides."""
    return Service(contract, major, system, idempotent=True, area=of)


def grant(grant_id: str, contract: str, *providers: str, **more: Any) -> Grant:
    """Of the one-stop shop, for two years."""
    major = more.pop("major", 2 if contract == TRANSFER else 1)
    known = Grant(grant_id, "motcua", contract, major, providers, "cư trú", "NĐ", date(2025, 1, 1), date(2027, 1, 1))
    return replace(known, **more)


CONTRACTS = {
    TRANSFER: Contract(
        TRANSFER,
        "Chuyển trường",
        Pattern.SUBMISSION,
        {1: ContractVersion(1, OLDER_SCHEMA, None), 2: ContractVersion(2, TRANSFER_SCHEMA, None)},
        route=Route("wards", "/home_ward", "/home_ward_on"),
        max_bytes=500,
    ),
    LOOKUP: Contract(
        LOOKUP,
        "Tra cứu",
        Pattern.QUERY,
        {1: ContractVersion(1, LOOKUP_SCHEMA, LOOKUP_SCHEMA)},
        requires_end_user=True,
        requires_case_ref=True,
        deadline_s=10,
    ),
}
SERVICES = (
    service("gddt", of=area("20410@2025", "20194@2025")),
    service("truong-bac", of=area("20197@2025")),
    service("dancu", LOOKUP, 1),
)
GRANTS = (
    grant("g-transfer", TRANSFER, "gddt", "truong-bac"),
    grant("g-lookup", LOOKUP, "dancu"),
)


def directory(**changed: Any) -> Directory:
    """The city's workspace, with changes."""
    systems: Mapping[str, System] = {
        "motcua": System("motcua", "Một cửa Hội An", "H17.61", (Credential("motcua", "env:X"),)),
        "dancu": System("dancu", "Dân cư", "A01"),
        "ban-quan-tri": System("ban-quan-tri", "Vận hành", "H17", operator=True),
    }
    known = Directory(
        bus="thanh-pho",
        configuration="c" * 64,
        zone=HANOI,
        language=Language.VI,
        systems=systems,
        contracts=CONTRACTS,
        services=SERVICES,
        publishers=(),
        grants=GRANTS,
        codelists={"wards": WARDS},
        validators=Validators(HANOI, {"wards": WARDS}),
        limits=Limits(),
    )
    return replace(known, **changed)
