"""The bus's own topics as subjects, so that whatever reads or writes Kafka finds their schemas where it looks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from contracts.catalogue import Contract
from contracts.channels import event
from contracts.outcome import Pattern
from contracts.registry.faults import RegistryFault
from contracts.registry.reading import read_schema
from contracts.registry.records import RegisteredSchema
from contracts.registry.written import SchemaType, identity_of
from contracts.schema import Schema


class OwnSubject(NamedTuple):
    """A schema that messages on a topic of the bus have, and the subject that clients look for it under."""

    subject: str
    schema: Schema


def own_subjects(contracts: Iterable[Contract], prefix: str) -> Iterator[OwnSubject]:
    """What follows from the contracts: the events of each, its majors in their order. `prefix` begins every topic."""
    for contract in sorted(contracts, key=lambda each: each.name):
        if contract.pattern is Pattern.EVENT:
            for _, version in sorted(contract.versions.items()):
                yield OwnSubject(value_subject(prefix, event(contract.name)), version.request)


def value_subject(prefix: str, channel: str) -> str:
    """The subject of a channel's values as the usual strategy (TopicNameStrategy) names it."""
    return f"{prefix}.{channel}-value"


def as_own_version(schema: Schema, schema_id: int) -> RegisteredSchema:
    """A contract's schema as a version of a subject."""
    try:
        return read_schema(SchemaType.AVRO, schema.text).as_version(schema_id)
    except RegistryFault:
        # The bus holds its contracts to other rules; whoever sends this very text finds it all the same.
        form = hashlib.sha256(identity_of(SchemaType.AVRO, schema.text, ())).digest()
        return RegisteredSchema(schema_id, SchemaType.AVRO, form, form)
