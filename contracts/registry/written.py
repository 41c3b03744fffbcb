"""A schema as a client wrote it: its kind, its text, and what it is made of besides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from contracts.envelope import Headers

_TYPE: Final = "schematype"
_REFERENCES: Final = "references"


class SchemaType(StrEnum):
    """The kinds of schema that are kept, named as in the registry's protocol."""

    AVRO = "AVRO"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another schema that this one uses by `name`: a version of a subject."""

    name: str
    subject: str
    version: int

    def told(self) -> dict[str, Any]:
        """As it stands in the protocol."""
        return {"name": self.name, "subject": self.subject, "version": self.version}


@dataclass(frozen=True, slots=True)
class Written:
    """A schema that has, or will have, one id for ever. Two are the same where all of it is."""

    type: SchemaType
    text: str
    references: tuple[Reference, ...] = ()

    @property
    def key(self) -> str:
        """What the log knows it by (hex): of a bus's own schema the SHA-256 of its text, as it ever was."""
        if self.type is SchemaType.AVRO and not self.references:
            return hashlib.sha256(self.text.encode()).hexdigest()
        return hashlib.sha256(identity_of(self.type, self.text, self.references)).hexdigest()

    def headers(self) -> Headers:
        """What is said of it on the log beside its text; nothing of Avro without references."""
        told = []
        if self.type is not SchemaType.AVRO:
            told.append((_TYPE, str(self.type).encode()))
        if self.references:
            told.append((_REFERENCES, json.dumps([each.told() for each in self.references]).encode()))
        return tuple(told)


def written_from(text: str, headers: Headers) -> Written:
    """What `Written.headers` told of.

    ValueError, LookupError, TypeError or RecursionError where it was something else.
    """
    told: Mapping[str, bytes] = dict(headers)
    references = json.loads(told.get(_REFERENCES, b"[]"))
    return Written(SchemaType(told.get(_TYPE, b"AVRO").decode()), text, tuple(Reference(**each) for each in references))


def identity_of(kind: SchemaType, text: str, references: Sequence[Reference]) -> bytes:
    """All that tells one schema from another, as bytes to be hashed."""
    return json.dumps([str(kind), text, [each.told() for each in references]], ensure_ascii=False).encode()
