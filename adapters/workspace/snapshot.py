"""A workspace as it was read: frozen values that every role of the bus is wired from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from adapters.mapping.language import FieldsSpec, MapSpec
from contracts.catalogue import Agency, Area, Contract, Grant, Ingress, Publisher, Service, System, User
from contracts.codelists import CodeList
from contracts.json_types import JsonValue
from contracts.laws import Laws
from contracts.schema import Schema
from contracts.validation import Extra


@dataclass(frozen=True, slots=True)
class ChannelCounts:
    """How many partitions channels get when they are made: inboxes (and their marks), replies, all others."""

    inbox: int
    reply: int
    other: int


@dataclass(frozen=True, slots=True)
class Http:
    """Where the gateway listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class KafkaTls:
    """PEM files: the authorities that count (None: those that the machine trusts), and the bus's own certificate with
    its key, a ``file:`` reference. Without `verify_host` a broker's certificate may be for any name."""

    ca: str | None
    cert: str | None
    key: str | None
    verify_host: bool


@dataclass(frozen=True, slots=True)
class KafkaSasl:
    """Who the bus is to Kafka; `password` is a ``file:`` or ``env:`` reference."""

    mechanism: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """How the brokers are reached; `tls` None: in clear, `sasl` None: without a login."""

    tls: KafkaTls | None
    sasl: KafkaSasl | None


@dataclass(frozen=True, slots=True)
class SubscriptionRules:
    """What systems may subscribe to by themselves.

    `retry_s` are the delays that a retry schedule may be made of, the shortest first. A subscription is disabled after
    `disable_after_s` of failures; a system may have `most` at a time.
    """

    allow_private: bool
    retry_s: tuple[int, ...]
    disable_after_s: int
    most: int


@dataclass(frozen=True, slots=True)
class Publishing:
    """How the bus shows its contracts: by which address it is reached (None: as a request called it), the code of the
    agency that runs it, and whether anybody may read the portal."""

    url: str | None = None
    publisher: str | None = None
    is_portal_public: bool = False


@dataclass(frozen=True, slots=True)
class BusConfig:
    """`bus.yaml`.

    `transport` is ``memory:``, ``sqlite:PATH`` or ``kafka://host:port,host:port``, `ledger` is ``sqlite:PATH``,
    `token_key` a ``file:`` reference; relative paths are against the workspace's root. `languages` are those that
    people are answered in, the preferred one first. `prefix` begins the name of every topic. `otlp` is where traces go,
    without ``/v1/traces``; None: nowhere. `log` is the form of the program's own log, ``text`` or ``json``.
    """

    name: str
    transport: str
    ledger: str
    token_key: str
    languages: tuple[str, ...]
    time_zone: ZoneInfo
    retention_days: int
    channels: ChannelCounts
    prefix: str
    http: Http
    subscriptions: SubscriptionRules
    kafka: KafkaAccess | None = None
    otlp: str | None = None
    log: str = "text"
    publish: Publishing = Publishing()


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `per_second` calls a second on average, and `burst` at once after a quiet time."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Breaker:
    """After `failures` calls in a row that failed, the system is left alone for `pause_s` seconds."""

    failures: int
    pause_s: float


class Direction(StrEnum):
    """Which mapping of a service an example tries."""

    REQUEST = "request"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """What an example is to be refused with: the pointer into its input, and the code of the error."""

    pointer: str
    code: str


@dataclass(frozen=True, slots=True)
class ExampleContext:
    """What an example says about its exchange. `accepted_at` None is the moment at which it is tried."""

    exchange: str
    sender: str
    purpose: str
    end_user: str
    case_ref: str
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One input of a service's mapping and what is to come of it, for `lienthong test`.

    `REQUEST`: `given` is a record of the contract's request, `expected` the body that the system is sent, and
    `expected_parts` the values for its path, query and headers (None: not looked at).
    `REPLY`: `given` is what the system answers, `expected` the contract's record, in any form that means the same.
    With `error`, the input is to be refused, and `expected` means nothing.
    """

    name: str
    direction: Direction
    given: JsonValue
    context: ExampleContext
    expected: JsonValue = None
    expected_parts: JsonValue = None
    error: ExpectedError | None = None


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """How one system provides one major version of a contract.

    `operation` is the validated model of the provider's kind. A map that is None passes the record on as it is;
    `parts_map` makes the values for the operation's templates. The formats describe the system's own side, where
    somebody wrote them down. `extra` says what becomes of fields that the system adds to a reply.
    """

    contract: str
    major: int
    idempotent: bool
    operation: BaseModel
    area: Area | None = None
    extra: Extra = Extra.DROP_AND_REPORT
    request_map: MapSpec | None = None
    reply_map: MapSpec | None = None
    parts_map: FieldsSpec | None = None
    request_format: Schema | None = None
    reply_format: Schema | None = None
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """`systems/<system>.yaml`: how the bus talks to one system.

    `kind` names the provider, `connection` is the validated model of that kind. At most `concurrency` calls at a time;
    `retry_s` are the delays after which a submission is tried again, shortest first. `rate` None: no such limit.
    """

    system: str
    kind: str
    connection: BaseModel
    concurrency: int
    breaker: Breaker
    retry_s: tuple[int, ...]
    services: tuple[ServiceConfig, ...]
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class SourceExample:
    """One row of a source and the record that is to come of it, or the error that it is to be refused with."""

    name: str
    row: JsonValue
    expected: JsonValue = None
    error: ExpectedError | None = None


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """How records of one system come in by themselves.

    `connection` is the validated model of the source's kind. `key` are the columns that tell one row from all others;
    without them a row is known by where it stood. A map that is None takes the row as it is. `ordered` is the pointer
    to what its contract is ordered by, if it is.
    """

    system: str
    name: str
    kind: str
    contract: str
    major: int
    connection: BaseModel
    key: tuple[str, ...] = ()
    record_map: MapSpec | None = None
    examples: tuple[SourceExample, ...] = ()
    ordered: str | None = None

    @property
    def id(self) -> str:
        """What the source is called on the log, in metrics and in messages."""
        return f"{self.system}/{self.name}"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that a bus is configured by. `hash` is SHA-256 (hex) over the paths and contents of its files or, of
    one that was applied, the id of its manifest.

    `root` is where this machine has its secrets and keeps its data, `folder` where the files lie that were read; of a
    workspace on disk that is the same. `agencies` are by code, `systems` by id, `contracts` by name, `adapters` by
    system, `codelists` by name, `users` by id. `files` are those of a workspace on disk, as they were when it was read.
    """

    root: Path
    folder: Path
    hash: str
    bus: BusConfig
    agencies: Mapping[str, Agency]
    systems: Mapping[str, System]
    contracts: Mapping[str, Contract]
    adapters: Mapping[str, AdapterConfig]
    services: tuple[Service, ...]
    publishers: tuple[Publisher, ...]
    grants: tuple[Grant, ...]
    codelists: Mapping[str, CodeList] = field(repr=False)
    sources: tuple[SourceConfig, ...] = ()
    ingress: tuple[Ingress, ...] = ()
    users: Mapping[str, User] = field(default_factory=dict)
    laws: Laws = field(default_factory=Laws)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)
