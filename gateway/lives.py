"""The end of a version, told in time: headers on every answer of one that is deprecated, and 410 once it has ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from email.utils import format_datetime
from typing import Any

from contracts.catalogue import ENDLESS, Contract, ContractVersion
from contracts.publish.about import version_path
from gateway.directory import Directory
from gateway.problems import Problem
from gateway.routing import today


def life_headers(directory: Directory, contract: Contract, version: ContractVersion) -> dict[str, str]:
    """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` to the successor; none for a version that goes on."""
    life = version.life
    if life == ENDLESS:
        return {}
    headers = {}
    if life.deprecated is not None:
        headers["deprecation"] = f"@{int(_begins(life.deprecated, directory.zone).timestamp())}"
    if life.sunset is not None:
        headers["sunset"] = format_datetime(_begins(life.sunset, directory.zone).astimezone(UTC), usegmt=True)
    if life.successor is not None:
        headers["link"] = f'<{version_path(contract.name, life.successor)}>; rel="successor-version"'
    return headers


def subject_headers(directory: Directory, subject: str, text: str) -> dict[str, str]:
    """As `life_headers`, for the version of a contract that `text` is under a subject of the bus; {} for any other."""
    for own in directory.own_subjects:
        if own.subject == subject and own.schema.text == text:
            contract = directory.contracts[own.contract]
            return life_headers(directory, contract, contract.versions[own.major])
    return {}


def must_go_on(directory: Directory, contract: Contract, version: ContractVersion, now_ms: int) -> None:
    """Problem `version-ended`, where it has."""
    life = version.life
    if life.sunset is None or today(directory, now_ms) < life.sunset:
        return
    successor = life.successor or contract.latest
    raise Problem(
        "version-ended",
        contract=contract.name,
        major=version.major,
        sunset=life.sunset,
        successor=f"{contract.name}@{successor}",
        headers=life_headers(directory, contract, version),
        members={"successor": version_path(contract.name, successor)},
    )


def life_told(version: ContractVersion) -> dict[str, Any]:
    """What is told of a version's life, as JSON; nothing of one that goes on."""
    life = version.life
    days = {"deprecated": life.deprecated, "sunset": life.sunset}
    told: dict[str, Any] = {name: day.isoformat() for name, day in days.items() if day is not None}
    return told if life.successor is None else {**told, "successor": life.successor}


def _begins(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
