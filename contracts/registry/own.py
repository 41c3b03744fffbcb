"""The bus's own topics as subjects, so that whatever reads or writes Kafka finds their schemas where it looks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from contracts.catalogue import Contract, Ingress
from contracts.channels import event
from contracts.outcome import Pattern
from contracts.registry.faults import RegistryFault
from contracts.registry.reading import read_schema
from contracts.registry.records import RegisteredSchema
from contracts.registry.written import SchemaType, identity_of
from contracts.schema import Schema


class OwnSubject(NamedTuple):
    """A schema that messages on a topic of the bus have, the subject that clients look for it under, and whose version
    it is."""

    subject: str
    schema: Schema
    contract: str
    major: int


def own_subjects(contracts: Mapping[str, Contract], topics: Iterable[Ingress], prefix: str) -> Iterator[OwnSubject]:
    """What follows from the contracts: the topics with the events of each, and those that systems write to themselves;
    majors in their order. `prefix` begins the name of every topic."""
    for name, contract in sorted(contracts.items()):
        if contract.pattern is Pattern.EVENT:
            yield from _of_topic(prefix, event(name), contract)
    for topic in sorted(topics, key=lambda each: each.channel):
        yield from _of_topic(prefix, topic.channel, contracts[topic.contract])


def _of_topic(prefix: str, channel: str, contract: Contract) -> Iterator[OwnSubject]:
    for major, version in sorted(contract.versions.items()):
        yield OwnSubject(value_subject(prefix, channel), version.request, contract.name, major)


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
