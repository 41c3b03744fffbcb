"""What is told of a contract to anybody: its versions, who provides it, since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.catalogue import Agency, Contract, ContractVersion
from contracts.configuration import Applied, ManifestFile
from contracts.languages import Language
from contracts.publish.about import descriptions, parts_of_version, schema_path, titles, version_path
from contracts.publish.dcat import Dated
from gateway.directory import Directory
from gateway.lives import life_told
from gateway.problems import Problem


def described(directory: Directory, contract: Contract) -> dict[str, Any]:
    """A contract, as JSON."""
    agencies = providing_agencies(directory, contract)
    return {
        "name": contract.name,
        "title": _spoken(titles(contract, directory.language)),
        "description": _spoken(descriptions(contract, directory.language)),
        "pattern": str(contract.pattern),
        "latest": contract.latest,
        "provided_by": [{"code": agency.code, "name": agency.name} for agency in agencies],
        "versions": [version_told(contract, version) for _, version in sorted(contract.versions.items())],
    }


def contract_named(directory: Directory, name: str) -> Contract:
    """The contract of that name. Problem `no-such-contract`."""
    found = directory.contracts.get(name)
    if found is None:
        raise Problem("no-such-contract", contract=name[:100])
    return found


def version_numbered(contract: Contract, text: str) -> ContractVersion:
    """The major version that `text` counts. Problem `no-such-contract`."""
    found = contract.versions.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 5 else None
    if found is None:
        raise Problem("no-such-contract", contract=f"{contract.name}@{text[:20]}")
    return found


def version_told(contract: Contract, version: ContractVersion) -> dict[str, Any]:
    """A version, as JSON: where its schemas lie."""
    return {
        "major": version.major,
        "minor": version.minor,
        **life_told(version),
        "href": version_path(contract.name, version.major),
        "schemas": {
            part: {
                "name": schema.name,
                "sha256": schema.sha256,
                "json_schema": schema_path(contract.name, version.major, part, "schema.json"),
                "avro": schema_path(contract.name, version.major, part, "avsc"),
            }
            for part, schema in parts_of_version(contract, version).items()
        },
    }


def providing_agencies(directory: Directory, contract: Contract) -> list[Agency]:
    """The agencies whose systems provide a contract, by code."""
    codes = {directory.systems[each].agency for each in directory.providers_of(contract.name)}
    return [directory.agencies[code] for code in sorted(codes & directory.agencies.keys())]


def dates_of(history: Sequence[Applied], folder: str) -> Dated:
    """The dates of the files in `folder` (with the slash at its end). Not known where nothing was ever applied.

    What was taken away and came back counts from when it came first.
    """
    issued_ms = modified_ms = None
    before: tuple[ManifestFile, ...] = ()
    for applied in history:
        here = tuple(file for file in applied.manifest.files if file.name.startswith(folder))
        if here and issued_ms is None:
            issued_ms = applied.manifest.time_ms
        if here and here != before:
            modified_ms = applied.manifest.time_ms
        before = here
    return Dated(issued_ms, modified_ms)


def _spoken(told: Mapping[Language, str]) -> dict[str, str]:
    return {language.value: text for language, text in told.items()}
