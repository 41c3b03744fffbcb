"""What lies on the channel `registry`: one record for each thing that was done to a subject, or to all of them.

A record counts where `after` is the number of records that counted before it. So of two that were decided on the same
state the first in the log counts, everywhere, and who wrote the other one looks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from contracts.records import AvroRecord
from contracts.registry.written import Reference, SchemaType

REGISTRY_RECORD: Final = """{"type": "record", "name": "RegistryRecord", "namespace": "vn.lienthong", "fields": [
    {"name": "act", "type": "string"},
    {"name": "after", "type": "long"},
    {"name": "actor", "type": "string"},
    {"name": "time_ms", "type": "long"},
    {"name": "subject", "type": ["null", "string"], "default": null},
    {"name": "version", "type": ["null", "int"], "default": null},
    {"name": "permanent", "type": "boolean", "default": false},
    {"name": "value", "type": ["null", "string"], "default": null},
    {"name": "registered", "type": ["null", {"type": "record", "name": "RegisteredSchema", "fields": [
        {"name": "id", "type": "int"},
        {"name": "kind", "type": "string"},
        {"name": "form", "type": "bytes"},
        {"name": "normal_form", "type": "bytes"},
        {"name": "references", "type": {"type": "array", "items": {"type": "record", "name": "SchemaReference",
            "fields": [
                {"name": "name", "type": "string"},
                {"name": "subject", "type": "string"},
                {"name": "version", "type": "int"}]}}, "default": []}]}], "default": null}]}"""

THE_BUS: Final = "(bus)"
"""The actor of what follows from the contracts; no system can be named so."""


class Act(StrEnum):
    """What was done."""

    REGISTERED = "registered"
    DELETED = "deleted"
    COMPATIBILITY = "compatibility"
    MODE = "mode"


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema as a version of a subject: its id on this log, and the SHA-256 of its one form and its normal form.

    The hashes tell a schema again without anybody having to parse what was registered before.
    """

    id: int
    kind: SchemaType
    form: bytes
    normal_form: bytes
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """One act. `subject` None: all of them (compatibility, mode). `version` None: all versions (deleted).

    `value` is the compatibility or mode from now on; None: that of all subjects, or the registry's own.
    """

    act: Act
    after: int
    actor: str
    time_ms: int
    subject: str | None = None
    version: int | None = None
    permanent: bool = False
    value: str | None = None
    registered: RegisteredSchema | None = None


def registry_record_to_avro(record: RegistryRecord) -> AvroRecord:
    """`RegistryRecord` as an Avro record."""
    schema = record.registered
    return {
        "act": str(record.act),
        "after": record.after,
        "actor": record.actor,
        "time_ms": record.time_ms,
        "subject": record.subject,
        "version": record.version,
        "permanent": record.permanent,
        "value": record.value,
        "registered": None
        if schema is None
        else {
            "id": schema.id,
            "kind": str(schema.kind),
            "form": schema.form,
            "normal_form": schema.normal_form,
            "references": [each.told() for each in schema.references],
        },
    }


def registry_record_from_avro(record: Mapping[str, Any]) -> RegistryRecord:
    """The `RegistryRecord` that `registry_record_to_avro` wrote."""
    schema = record["registered"]
    return RegistryRecord(
        act=Act(record["act"]),
        after=record["after"],
        actor=record["actor"],
        time_ms=record["time_ms"],
        subject=record["subject"],
        version=record["version"],
        permanent=record["permanent"],
        value=record["value"],
        registered=None
        if schema is None
        else RegisteredSchema(
            schema["id"],
            SchemaType(schema["kind"]),
            schema["form"],
            schema["normal_form"],
            tuple(Reference(**each) for each in schema["references"]),
        ),
    )
