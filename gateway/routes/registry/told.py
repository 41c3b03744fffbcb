"""How versions and schemas look in the registry's answers."""

from __future__ import annotations

from typing import Any

from contracts.registry.state import Version
from contracts.registry.written import SchemaType, Written


def told_schema(written: Written) -> dict[str, Any]:
    """A schema. Avro is what is meant where nothing is said, and references are told only where there are some."""
    told: dict[str, Any] = {}
    if written.type is not SchemaType.AVRO:
        told["schemaType"] = str(written.type)
    if written.references:
        told["references"] = [each.told() for each in written.references]
    return {**told, "schema": written.text}


def told_version(version: Version, written: Written) -> dict[str, Any]:
    """A version of a subject, with its schema."""
    known = {"subject": version.subject, "version": version.number, "id": version.schema.id}
    return {**known, **({"deleted": True} if version.deleted else {}), **told_schema(written)}
