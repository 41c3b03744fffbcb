"""What a bus knows: agencies, their systems, contracts, the services that provide them, and who may use them.

These are values, built by reading a workspace; nothing here reads files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from contracts.channels import Inbox, ingress
from contracts.compatibility import Mode
from contracts.json_types import JsonValue
from contracts.languages import Language
from contracts.laws import Citation
from contracts.outcome import Pattern
from contracts.schema import Schema


class AgencyKind(StrEnum):
    """What an organisation is in law."""

    STATE = "state"
    PARTY = "party"
    FRONT = "front"
    COURT = "court"
    PUBLIC_SERVICE_UNIT = "public_service_unit"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Agency:
    """An organisation. Valid in the half-open `[valid_from, valid_to)`; None is open.

    `code`, `parent` and `successors` are codes in their one form (`contracts.agencies`). Messages may be addressed to
    one that has ended until `addressed_until`; None: for as long as it has successors.
    """

    code: str
    name: str
    kind: AgencyKind
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    addressed_until: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether it exists on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Credential:
    """How a system proves who it is: a client id and a reference (``file:`` or ``env:``) to an argon2 hash."""

    client_id: str
    secret_hash: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A system's work goes on in another, since `on`; it is answered under its old name before `until` only."""

    to: str
    on: date
    until: date


@dataclass(frozen=True, slots=True)
class System:
    """An agency's connected system: the principal that authenticates, sends and receives.

    `operator` systems may use `/operate/…` and nothing else gives that right. `subjects` are those of the registry of
    schemas that it may write; a name that ends in “*” is a beginning. One that was `handed_over` provides nothing
    itself and has no grants: it is what it was known by.
    """

    id: str
    name: str
    agency: str
    credentials: tuple[Credential, ...] = ()
    operator: bool = False
    subjects: tuple[str, ...] = ()
    handed_over: HandedOver | None = None


class UserRole(StrEnum):
    """What a person may do in the console: an operator acts and may read records, a viewer sees how things stand."""

    OPERATOR = "operator"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class User:
    """A person who signs in to the console; `password_hash` is a reference (``file:`` or ``env:``) to an argon2
    hash."""

    id: str
    name: str
    password_hash: str
    role: UserRole


@dataclass(frozen=True, slots=True)
class Route:
    """Content-based routing: the receiver is whoever serves the area of the code at `code` on the date at `on`.

    Both are JSON Pointers into the request; `codelist` is the list the codes come from.
    """

    codelist: str
    code: str
    on: str


class Stage(StrEnum):
    """Where a version stands in its life."""

    SERVED = "served"
    DEPRECATED = "deprecated"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Life:
    """How long a version goes on: from `deprecated` on others should be used, from `sunset` on it is not served.

    Both begin with that day in the bus's time zone. `successor` is the major that takes its place.
    """

    deprecated: date | None = None
    sunset: date | None = None
    successor: int | None = None

    def stage(self, day: date) -> Stage:
        """How far it has come on that day."""
        if self.sunset is not None and self.sunset <= day:
            return Stage.ENDED
        return Stage.DEPRECATED if self.deprecated is not None and self.deprecated <= day else Stage.SERVED


ENDLESS: Final = Life()


class Schemas(NamedTuple):
    """The schemas of one minor version."""

    request: Schema
    reply: Schema | None


@dataclass(frozen=True, slots=True)
class ContractVersion:
    """One major version: its schemas and its examples.

    `request` is what is sent in: a query's question, a submission's record, an event. Only a query has a `reply`.
    `earlier` are the minor versions before this one, the oldest first.
    """

    major: int
    request: Schema
    reply: Schema | None
    request_example: JsonValue = None
    reply_example: JsonValue = None
    life: Life = ENDLESS
    earlier: tuple[Schemas, ...] = ()

    @property
    def minor(self) -> int:
        """How many minor versions came before."""
        return len(self.earlier)


class EnglishWords(NamedTuple):
    """What a contract is called, and what it is for, in English; "" where it does not say."""

    title: str = ""
    description: str = ""


NOT_IN_ENGLISH: Final = EnglishWords()


@dataclass(frozen=True, slots=True)
class Contract:
    """A named set of versioned Avro schemas and one pattern.

    `deadline_s` is how long a query may take; `max_bytes` the size of a request's JSON body. `ordered` is, for a
    submission or an event, the JSON Pointer to the field whose value is the key of the order: what has the same one is
    delivered as it came. None: everything passes everything. `title` and `description` are as the bus's own people
    read them; `english` are both in English, where the contract has them. `compatibility` is what minor versions owe to
    each other.
    """

    name: str
    title: str
    pattern: Pattern
    versions: Mapping[int, ContractVersion]
    description: str = ""
    requires_end_user: bool = False
    requires_case_ref: bool = False
    deadline_s: float = 30.0
    max_bytes: int = 900_000
    route: Route | None = None
    ordered: str | None = None
    english: EnglishWords = NOT_IN_ENGLISH
    compatibility: Mode = Mode.FULL

    def title_in(self, language: Language) -> str:
        """The title, in that language where the contract has it."""
        return (self.english.title if language is Language.EN else "") or self.title

    def description_in(self, language: Language) -> str:
        """The description, in that language where the contract has it."""
        return (self.english.description if language is Language.EN else "") or self.description

    @property
    def latest(self) -> int:
        """The highest major version."""
        return max(self.versions)


@dataclass(frozen=True, slots=True)
class Area:
    """The part of a code list that a service answers for: ids of code list rows, seen as of `as_of`."""

    codelist: str
    as_of: date
    rows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Service:
    """A contract's major version as one system provides it.

    `idempotent`: calling twice with one exchange id has the effect of calling once.
    """

    contract: str
    major: int
    system: str
    idempotent: bool
    area: Area | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """A system that may publish the events of a contract's major version."""

    contract: str
    major: int
    system: str


@dataclass(frozen=True, slots=True)
class Ingress:
    """A topic that a system writes its events of a contract to, with a producer of its own."""

    system: str
    contract: str

    @property
    def channel(self) -> str:
        """The name of its channel."""
        return ingress(self.system, self.contract)


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `requests` in any `per_s` seconds, counted by each gateway process."""

    requests: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Grant:
    """One system may use one contract's services: why, on what ground, until when, how much, and what it sees.

    `providers` are the systems whose service, or whose events, it covers. `view` are the JSON Pointers into the reply
    record, or into the event, that it lets through (a pointer covers what is below it); None is the whole record. Valid
    on dates in `[valid_from, valid_to)`. `legal_basis` is in words, `grounds` what of it is on the bus's list of laws.
    """

    id: str
    system: str
    contract: str
    major: int
    providers: tuple[str, ...]
    purpose: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    quota: Quota | None = None
    view: tuple[str, ...] | None = None
    grounds: tuple[Citation, ...] = ()

    def in_force(self, day: date) -> bool:
        """Whether the grant holds on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def inboxes_of(services: Collection[Service], contracts: Mapping[str, Contract]) -> list[Inbox]:
    """Every inbox there is: one for each system that provides something, or is pushed events, and one more for each
    `ordered` contract that it takes."""
    common = {Inbox(service.system) for service in services}
    own = {
        Inbox(service.system, service.contract)
        for service in services
        if contracts[service.contract].ordered is not None
    }
    return sorted(common | own, key=lambda each: (each.system, each.ordered or ""))
