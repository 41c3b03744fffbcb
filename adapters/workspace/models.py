"""The YAML of a workspace, kind by kind. These models read it, and the JSON Schemas for editors come from them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from adapters.mapping.language import FieldsSpec, MapSpec
from adapters.mapping.spec import NOT_EMPTY, Short, Spec, mistake
from adapters.workspace.documents import json_of
from contracts.agencies import normal_code
from contracts.catalogue import AgencyKind, UserRole
from contracts.channels import RETRY_DELAYS_S
from contracts.compatibility import Mode
from contracts.json_types import parts_of
from contracts.laws import ARTICLE
from contracts.meaning import Words
from contracts.outcome import Pattern
from contracts.said import said

_END: Final = r"\Z"
_NAME: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*\Z", re.ASCII)
_AGENCY: Final = re.compile(r"[A-Z0-9]+(\.[A-Z0-9]+)*\Z", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DURATION: Final = re.compile(r"([1-9]\d{0,6})(s|m|h|d)\Z", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NAME_OR_VERSIONED: Final = re.compile(rf"{_NAME.pattern.removesuffix(_END)}(@[1-9][0-9]{{0,3}})?{_END}")
_REFERENCE: Final = re.compile(rf"(file|env):.+{_END}")
_SUBJECT: Final = re.compile(rf"[^\s*]+\*?{_END}")
_POINTER: Final = re.compile(rf"(/.*)?{_END}", re.DOTALL)
_VERSIONED: Final = re.compile(r"(.+)@([1-9]\d{0,3})\Z", re.ASCII)
_WORDS: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": ["string", "number"]},
        {
            "type": "object",
            "properties": {
                "vi": {"type": ["string", "number"], "description": "in Vietnamese"},
                "en": {"type": ["string", "number"], "description": "in English"},
            },
            "required": ["vi", "en"],
            "additionalProperties": False,
        },
    ]
}


def _written(pattern: re.Pattern[str]) -> WithJsonSchema:
    """The JSON Schema of a text of that form."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern.pattern.removesuffix(_END)}$"})


def _name(text: str) -> str:
    if len(text) > 100 or _NAME.match(text) is None:
        raise mistake(said("this name cannot be used"), said("use small letters, digits, “-” and “.”, as in so-gddt"))
    return text


def _agency(text: str) -> str:
    try:
        return normal_code(text)
    except ValueError:
        remedy = said("write it as QĐ 20/2020 does, H17.10, or as QCVN 102 does, 000.00.10.H17")
        raise mistake(said("this is not an agency's code"), remedy) from None


def _article(text: str) -> str:
    if text and ARTICLE.match(text) is None:
        raise mistake(said("this is not an article"), said("write 16, 16(2) or 16(2)(a): article, clause, point"))
    return text


def _subject(text: str) -> str:
    if len(text) > 500 or _SUBJECT.match(text) is None:
        raise mistake(
            said("this is no subject of the registry of schemas"),
            said("write a name without spaces, or a beginning with “*” after it, as in hoi-an.*"),
        )
    return text


def _versioned(text: str) -> str:
    match = _VERSIONED.match(text)
    _name(match[1] if match else text)
    return text


def _date(given: object) -> object:
    if not isinstance(given, str) or _DATE.match(given) is None:
        raise mistake(said("this is not a date"), said("write YYYY-MM-DD, as in 2025-07-01"))
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise mistake(said("there is no such day"), said("write YYYY-MM-DD, as in 2025-07-01")) from None


def _duration(given: object) -> object:
    match = _DURATION.match(given) if isinstance(given, str) else None
    if match is None:
        raise mistake(said("this is not a length of time"), said("write a number with its unit: 5s, 5m, 6h or 1d"))
    return int(match[1]) * _SECONDS[match[2]]


def _reference(text: str) -> str:
    kind, _, place = text.partition(":")
    if kind not in {"file", "env"} or not place:
        raise mistake(
            said("a secret may not stand here in clear"),
            said("put it (an argon2 hash, see `lienthong token --help`) outside git and write file:PATH or env:NAME"),
            instead="env:IN_CLEAR",
        )
    return text


def _pointer(text: str) -> str:
    try:
        parts_of(text)
    except ValueError:
        raise mistake(said("this is not a JSON Pointer"), said("begin it with “/”, as in /home_ward")) from None
    return text


def _view(given: object) -> object:
    if given == "all":
        return None
    if given is None or isinstance(given, str):
        raise mistake(
            said("the view says what the receiver may see"), said("write “all”, or a list: [/full_name, /birth_date]")
        )
    return given


def _words(given: object) -> object:
    if isinstance(given, str):
        return Words(given, given)
    if (
        not isinstance(given, dict)
        or given.keys() != {"vi", "en"}
        or not all(isinstance(each, str) and each.strip() for each in given.values())
    ):
        raise mistake(said("this is no text in both languages"), said("write a text, or {vi: …, en: …} with both"))
    return Words(given["vi"], given["en"])


def _zone(given: object) -> object:
    try:
        return ZoneInfo(str(given))
    except (ValueError, OSError, KeyError):
        raise mistake(said("this is not a time zone"), said("write a name like Asia/Ho_Chi_Minh")) from None


def _transport(text: str) -> str:
    kind, _, rest = text.partition(":")
    if text == "memory:" or (kind == "sqlite" and rest):
        return text
    if kind == "kafka" and rest.startswith("//"):
        hosts = rest[2:].split(",")
        if all(urlsplit(f"//{host}").hostname and re.search(r":\d{1,5}\Z", host) for host in hosts):
            return text
    raise mistake(said("the log cannot be this"), said("write memory:, sqlite:PATH or kafka://host:port,host:port"))


def _ledger(text: str) -> str:
    if not text.startswith("sqlite:") or text == "sqlite:":
        raise mistake(said("the ledger cannot be this"), said("write sqlite:PATH"))
    return text


def _key_file(text: str) -> str:
    if not text.startswith("file:") or text == "file:":
        raise mistake(said("the token key is a file that all gateways share"), said("write file:PATH"))
    return text


def _tls_key(text: str) -> str:
    if not text.startswith("file:") or text == "file:":
        raise mistake(
            said("the key of a certificate is a file outside git"), said("write file:PATH"), instead="file:IN_CLEAR"
        )
    return text


def _password(text: str) -> str:
    kind, _, place = text.partition(":")
    if kind not in {"file", "env"} or not place:
        raise mistake(
            said("a password may not stand here in clear"),
            said("put it outside git and write file:PATH or env:NAME"),
            instead="env:IN_CLEAR",
        )
    return text


def _otlp(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise mistake(said("this is no address of a collector"), said("write http://host:4318, without /v1/traces"))
    return text.rstrip("/")


def _address(text: str) -> str:
    parts = urlsplit(text)
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or not plain:
        raise mistake(said("this is no address of a gateway"), said("write https://host, without a path"))
    return text.rstrip("/")


Name = Annotated[str, AfterValidator(_name), _written(_NAME)]
AgencyCode = Annotated[str, AfterValidator(_agency), _written(_AGENCY)]
Article = Annotated[str, AfterValidator(_article), _written(ARTICLE)]
Versioned = Annotated[str, AfterValidator(_versioned), _written(_NAME_OR_VERSIONED)]
Day = Annotated[date, BeforeValidator(_date)]
Seconds = Annotated[int, BeforeValidator(_duration), _written(_DURATION)]
Subject = Annotated[str, AfterValidator(_subject), _written(_SUBJECT)]
SecretReference = Annotated[str, AfterValidator(_reference), _written(_REFERENCE)]
Pointer = Annotated[str, AfterValidator(_pointer), _written(_POINTER)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone), WithJsonSchema({"type": "string"})]
TextInBoth = Annotated[Words, BeforeValidator(_words), WithJsonSchema(_WORDS)]
Json = Annotated[Any, AfterValidator(json_of)]


class Part(Spec):
    """A part of a workspace's YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class HttpModel(Part):
    """Where the gateway listens."""

    host: Annotated[str, Field(description="the address to listen on; 0.0.0.0 for all of the machine's")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="the port to listen on")] = 8080


class ChannelsModel(Part):
    """How many partitions a channel gets when it is made; later it keeps them."""

    inbox: Annotated[int, Field(ge=1, le=256, description="of each system's inbox")] = 8
    reply: Annotated[int, Field(ge=1, le=256, description="of the one channel that answers come back on")] = 8
    other: Annotated[int, Field(ge=1, le=256, description="of every other channel")] = 4


class KafkaTlsModel(Part):
    """How the brokers show who they are and, with a certificate of its own, the bus does."""

    ca: Annotated[str | None, Field(min_length=1, description="a PEM file: the only authorities that count")] = None
    cert: Annotated[str | None, Field(min_length=1, description="a PEM file: the bus's own certificate")] = None
    key: Annotated[
        Annotated[str, AfterValidator(_tls_key)] | None, Field(description="file:PATH of the key of cert, in PEM")
    ] = None
    verify_host: Annotated[
        bool, Field(description="whether a broker's certificate must be for the name it is reached by")
    ] = True


class KafkaSaslModel(Part):
    """Who the bus is to Kafka."""

    mechanism: Annotated[
        Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"], Field(description="how the password is shown")
    ]
    username: Annotated[str, Field(min_length=1, max_length=200, description="the bus's name at the brokers")]
    password: Annotated[
        Annotated[str, AfterValidator(_password)], Field(description="file:PATH or env:NAME of the password itself")
    ]


class KafkaModel(Part):
    """How Kafka is reached."""

    tls: Annotated[KafkaTlsModel | None, Field(description="TLS; {} for the authorities that this machine trusts")] = (
        None
    )
    sasl: KafkaSaslModel | None = None


class TelemetryModel(Part):
    """Where traces go."""

    otlp: Annotated[
        Annotated[str, AfterValidator(_otlp)], Field(description="a collector that speaks OTLP/HTTP: http://host:4318")
    ]


def _growing(delays_s: tuple[int, ...]) -> tuple[int, ...]:
    if list(delays_s) != sorted(set(delays_s)):
        raise mistake(said("delays must grow"), said("write the shortest first, each once"))
    return delays_s


class SubscriptionsModel(Part):
    """What systems may subscribe to by themselves, over HTTP."""

    allow_private: bool = Field(
        default=False, description="whether they may be pushed to private addresses, and over http"
    )
    retry: Annotated[
        tuple[Seconds, ...],
        NOT_EMPTY,
        AfterValidator(_growing),
        Field(description="the delays that a subscriber's retry schedule may be made of; without its own, all of them"),
    ] = RETRY_DELAYS_S
    disable_after: Annotated[
        Seconds,
        Field(description="for how long pushes may fail, without one that succeeds, until a subscription is disabled"),
    ] = 259_200
    most: Annotated[int, Field(ge=0, le=1000, description="how many subscriptions a system may have at a time")] = 20


class PublishModel(Part):
    """How the bus shows its contracts to others."""

    url: Annotated[
        Annotated[str, AfterValidator(_address)] | None,
        Field(description="https://host by which others reach the gateway; without it, as each request called it"),
    ] = None
    publisher: Annotated[AgencyCode | None, Field(description="the code of the agency that runs this bus")] = None
    portal: Annotated[
        Literal["users", "public"],
        Field(description="who may read the portal's contracts: who signs in to the console, or everybody"),
    ] = "users"


class BusModel(Part):
    """`bus.yaml`"""

    name: Annotated[Name, Field(description="of this bus; stands in tokens and in what it publishes")]
    transport: Annotated[
        Annotated[str, AfterValidator(_transport)],
        Field(description="the log: memory:, sqlite:PATH or kafka://host:port,host:port"),
    ]
    ledger: Annotated[Annotated[str, AfterValidator(_ledger)], Field(description="sqlite:PATH")]
    token_key: Annotated[
        Annotated[str, AfterValidator(_key_file)],
        Field(description="file:PATH of the key that signs tokens; made with `lienthong token --new-key`"),
    ]
    languages: Annotated[tuple[Literal["vi", "en"], ...], NOT_EMPTY] = Field(
        default=("vi", "en"), description="that people are answered in, the preferred one first"
    )
    time_zone: Zone = Field(default=ZoneInfo("Asia/Ho_Chi_Minh"), description="in which a day begins and ends")
    retention_days: Annotated[int, Field(ge=1, le=3650, description="how long the log keeps messages")] = 7
    prefix: Annotated[Name | None, Field(description="begins the name of every topic; by default the bus's name")] = (
        None
    )
    channels: ChannelsModel = ChannelsModel()
    http: HttpModel = HttpModel()
    kafka: Annotated[KafkaModel | None, Field(description="how the brokers are reached, and as whom")] = None
    telemetry: Annotated[TelemetryModel | None, Field(description="where traces go: {otlp: http://host:4318}")] = None
    log: Annotated[Literal["text", "json"], Field(description="the form of the program's own log")] = "text"
    subscriptions: SubscriptionsModel = SubscriptionsModel()
    publish: PublishModel = PublishModel()

    @model_validator(mode="after")
    def _kept_long_enough(self) -> BusModel:
        if sum(self.subscriptions.retry) >= self.retention_days * _SECONDS["d"]:
            message = said("the delays of subscriptions are longer together than the log keeps messages")
            raise mistake(message, said("shorten them, or raise retention_days"))
        return self


class CredentialModel(Part):
    """How a system proves who it is."""

    client_id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=100,
            description="what the system calls itself at /oauth2/token; its own, on the whole bus",
        ),
    ]
    secret: Annotated[SecretReference, Field(description="file: or env: reference to an argon2 hash")]


class HandedOverModel(Part):
    """Another system goes on with a system's work; `lienthong agency hand-over` writes this."""

    to: Annotated[Name, Field(description="the system that goes on with it")]
    on: Annotated[Day, Field(description="the day on which it was handed over")]
    until: Annotated[Day, Field(description="the first day on which its old name is not answered any more")]


class SystemModel(Part):
    """An agency's connected system."""

    id: Annotated[Name, Field(description="small letters, digits, “-” and “.”; its adapter is systems/<id>.yaml")]
    name: Annotated[str, Field(description="of the system, for people")]
    credentials: Annotated[
        tuple[CredentialModel, ...],
        Field(description="one, or two while the system changes its secret; without any it cannot sign in"),
    ] = ()
    operator: bool = Field(default=False, description="may use /operate")
    subjects: Annotated[
        tuple[Subject, ...],
        Field(description="of the registry of schemas that it may write; “*” at the end of a name is a beginning"),
    ] = ()
    handed_over: HandedOverModel | None = None


class AgencyModel(Part):
    """An organisation."""

    code: Annotated[AgencyCode, Field(description="mã định danh điện tử: H17.10 or, in the other order, 000.00.10.H17")]
    name: Annotated[str, Field(description="of the agency, for people")]
    kind: AgencyKind
    parent: Annotated[AgencyCode | None, Field(description="the code of the agency that it belongs to")] = None
    valid_from: Annotated[Day | None, Field(description="the first day on which it exists")] = None
    valid_to: Annotated[Day | None, Field(description="the first day on which it exists no longer")] = None
    successors: Annotated[
        tuple[AgencyCode, ...], Field(description="the codes of the agencies that took its place")
    ] = ()
    addressed_until: Annotated[
        Day | None, Field(description="the first day on which messages to its code are not taken any more")
    ] = None
    systems: Annotated[tuple[SystemModel, ...], Field(description="its information systems on this bus")] = ()


class AgenciesModel(Part):
    """`agencies/*.yaml`"""

    agencies: Annotated[list[AgencyModel], Field(description="any number a file, in any number of files")]


class CodeListModel(Part):
    """`codelists/<name>.yaml`, beside `<name>.csv`: what is said of a list."""

    title: Annotated[str, Field(min_length=1, description="of the list, in Vietnamese: tên danh mục")]
    title_en: Annotated[str, Field(description="of the list, in English")] = ""
    source: Annotated[str, Field(description="where it comes from and as of when, for people")] = ""


class RouteModel(Part):
    """Who receives a message is decided by a code in it."""

    codelist: Annotated[Name, Field(description="the code list that the areas of the receivers are of")]
    code: Annotated[Pointer, Field(description="JSON Pointer to the code, as in /home_ward")]
    on: Annotated[Pointer, Field(description="JSON Pointer to the date as of which it is meant")]


class OrderedModel(Part):
    """What is of one key is delivered in the order in which it came."""

    key: Annotated[Pointer, Field(description="JSON Pointer to a required text or whole number, as in /stationCode")]


class LifeModel(Part):
    """How long a major version of a contract goes on."""

    deprecated: Annotated[Day | None, Field(description="from this day on others should be used")] = None
    sunset: Annotated[Day | None, Field(description="from this day on it is answered with 410")] = None
    successor: Annotated[int | None, Field(ge=1, le=9999, description="the major that takes its place")] = None


class ContractModel(Part):
    """`contracts/<name>/contract.yaml`"""

    title: Annotated[TextInBoth, Field(description="for people: cấu trúc thông điệp dữ liệu")]
    description: Annotated[TextInBoth, Field(description="for people: what it is for")] = Words("", "")
    pattern: Annotated[Pattern, Field(description="query, submission or event")]
    requires: Annotated[
        tuple[Literal["end_user", "case_ref"], ...],
        Field(description="headers without which nothing is accepted: who asks, and for which dossier"),
    ] = ()
    deadline_s: Annotated[float, Field(gt=0, le=300, description="how long a query may take")] = 30.0
    max_bytes: Annotated[int, Field(ge=2, le=900_000, description="of a request's JSON")] = 900_000
    route: RouteModel | None = None
    ordered: Annotated[
        OrderedModel | None, Field(description="for a submission or an event: {key: /stationCode} keeps its order")
    ] = None
    compatibility: Annotated[Mode, Field(description="what minor versions owe to each other")] = Mode.FULL
    versions: Annotated[
        dict[Annotated[int, Field(ge=1, le=9999)], LifeModel],
        Field(
            default_factory=dict,
            description="by major: {1: {deprecated: 2026-07-01, sunset: 2027-01-01, successor: 2}}",
        ),
    ]


class AreaModel(Part):
    """The part of a code list that a service answers for."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)

    codelist: Annotated[Name, Field(description="the contract's route goes by it")]
    as_of: Annotated[Day, Field(description="the day as of which the codes are meant")]
    codes: Annotated[list[str] | None, Field(description="the codes themselves; or where")] = None
    where: Annotated[
        dict[str, str] | None,
        Field(description='all rows with these values in these columns, like {province: "48"}; or codes'),
    ] = None
    excepted: tuple[str, ...] = Field(default=(), alias="except")


class ContextModel(Part):
    """What an example says about its exchange."""

    exchange: Annotated[str, Field(description="the id that $exchange stands for")] = (
        "00000000-0000-8000-8000-000000000000"
    )
    sender: Annotated[str, Field(description="the system that $sender stands for")] = "example"
    purpose: Annotated[str, Field(description="what $purpose stands for")] = ""
    end_user: Annotated[str, Field(description="what $end_user stands for")] = ""
    case_ref: Annotated[str, Field(description="what $case_ref stands for")] = ""
    accepted_on: Day | None = Field(default=None, description="the day of the exchange; by default today")


class ErrorModel(Part):
    """What an example is to be refused with."""

    pointer: Annotated[Pointer, Field(description="the field that is refused, as in /home_ward")]
    code: Annotated[str, Field(description="why, as in ambiguous_code")]


class ExampleModel(Part):
    """One input of a mapping, and what is to come of it."""

    name: Annotated[str, Field(description="what it shows, in a sentence")]
    request: Annotated[
        Json, Field(description="a record of the contract, which the mappings request and parts are given; or reply")
    ] = None
    body: Annotated[Json, Field(description="what the system is to be sent")] = None
    parts: Annotated[Json, Field(description="the values that are to come of the mapping parts")] = None
    reply: Annotated[
        Json, Field(description="what the system answers, which the mapping reply is given; or request")
    ] = None
    record: Annotated[Json, Field(description="the contract's record that is to come of it")] = None
    error: ErrorModel | None = None
    context: ContextModel = ContextModel()


class ServiceModel(Part):
    """How a system provides a contract, or takes its events."""

    contract: Annotated[Versioned, Field(description="name, or name@major")]
    idempotent: Annotated[
        bool, Field(description="true where calling twice with one exchange id has the effect of calling once")
    ]
    area: AreaModel | None = None
    extra: Annotated[
        Literal["strict", "drop_and_report"],
        Field(description="what becomes of fields that the system adds to its answers"),
    ] = "drop_and_report"
    operation: dict[str, Any] = Field(description="what is called; its keys depend on the kind")
    request: MapSpec | None = None
    parts: FieldsSpec | None = None
    reply: MapSpec | None = None
    request_format: str | None = Field(default=None, description="an .avsc beside this file: what the system takes")
    reply_format: str | None = Field(default=None, description="an .avsc beside this file: what the system answers")
    examples: Annotated[
        tuple[ExampleModel, ...],
        Field(description="inputs of the mappings and what is to come of them, tried by `lienthong test`"),
    ] = ()


class BreakerModel(Part):
    """When a system is left alone for a while."""

    failures: Annotated[int, Field(ge=1, le=1000, description="so many in a row, and the system's inbox is paused")] = 5
    pause_s: Annotated[float, Field(gt=0, le=3600, description="for how many seconds; then one message tries")] = 30.0


class RateModel(Part):
    """How many calls a second a system has agreed to take."""

    per_second: Annotated[
        float, Field(gt=0, le=10_000, allow_inf_nan=False, description="calls a second, like 5 or 0.5")
    ]
    burst: Annotated[int, Field(ge=1, le=10_000, description="calls at once after a quiet time")] = 1


class SourceExampleModel(Part):
    """One row of a source, and what is to come of it."""

    name: Annotated[str, Field(description="what it shows, in a sentence")]
    row: Annotated[Json, Field(description="a row as the source reads it")]
    record: Annotated[Json, Field(description="the contract's record that is to come of it")] = None
    error: ErrorModel | None = None


class SourceModel(Part):
    """How a system's records come in by themselves."""

    name: Name | None = Field(default=None, description="of the source; by default the contract's")
    kind: Annotated[str, Field(description="of source: files")]
    contract: Annotated[Versioned, Field(description="name, or name@major")]
    connection: dict[str, Any] = Field(description="where the records are; its keys depend on the kind")
    key: tuple[str, ...] = Field(
        default=(), description="columns that tell one row from all others; by default its file and its number"
    )
    record: MapSpec | None = Field(default=None, description="makes the contract's record of a row")
    examples: Annotated[
        tuple[SourceExampleModel, ...], Field(description="rows and what is to come of them, tried by `lienthong test`")
    ] = ()


class AdapterModel(Part):
    """`systems/<system>.yaml`: what the bus calls (kind, connection, services), what calls it (sources), or both"""

    kind: str | None = Field(default=None, description="of provider: rest, webhook, python …")
    connection: dict[str, Any] | None = Field(
        default=None, description="where the system is; its keys depend on the kind"
    )
    concurrency: Annotated[int, Field(ge=1, le=1000, description="calls at a time")] = 16
    rate: Annotated[RateModel | None, Field(description="calls a second: {per_second: 5, burst: 10}")] = None
    breaker: BreakerModel = BreakerModel()
    retry: Annotated[
        tuple[Seconds, ...], Field(max_length=10, description="delays before each further attempt: [5s, 30s, 5m]")
    ] = RETRY_DELAYS_S
    services: Annotated[
        tuple[ServiceModel, ...], NOT_EMPTY, Field(description="what it provides, and the events that it is pushed")
    ] = ()
    publishes: Annotated[
        tuple[Versioned, ...],
        NOT_EMPTY,
        Field(description="contracts whose events it may publish: name, or name@major"),
    ] = ()
    ingress: Annotated[
        tuple[Name, ...],
        NOT_EMPTY,
        Field(description="of those, the ones that it writes to ingress.<system>.<contract> by itself"),
    ] = ()
    sources: Annotated[
        Annotated[tuple[SourceModel, ...], NOT_EMPTY], Field(description="what the system brings in by itself")
    ] = ()


class QuotaModel(Part):
    """How much a grant allows, in any span of that length."""

    requests: Annotated[int, Field(ge=1, description="how many")]
    per_s: Annotated[float, Field(gt=0, description="in so many seconds")]


class CitationModel(Part):
    """A ground: an entry of laws/, and an article of it."""

    law: Annotated[Name, Field(description="the id of an entry in laws/")]
    article: Annotated[Article, Field(description="as in 16, 16(2) or 16(2)(a): article, clause, point")] = ""


class GrantModel(Part):
    """One system may use one contract's services."""

    id: Annotated[Name, Field(description="of the grant; stands in the ledger beside each use of it")]
    system: Annotated[Name, Field(description="who: the system that may")]
    contract: Annotated[Versioned, Field(description="name, or name@major")]
    providers: Annotated[list[Name], NOT_EMPTY, Field(description="the systems whose service it covers")]
    purpose: Annotated[
        Annotated[str, NOT_EMPTY], Field(description="why, in the words of the request (mục đích khai thác)")
    ]
    legal_basis: Annotated[
        Annotated[str, NOT_EMPTY] | None,
        Field(
            description="by which law or decision, in words (căn cứ pháp lý); documents of laws/ are known by number"
        ),
    ] = None
    cites: list[CitationModel] = Field(
        default_factory=list, description="entries of laws/ that it rests on, beside those named in words"
    )
    valid_from: Day = Field(alias="from", description="the first day on which it holds")
    valid_to: Day | None = Field(default=None, alias="to", description="the first day on which it no longer holds")
    quota: QuotaModel | None = None
    view: Annotated[
        Annotated[list[Pointer] | None, BeforeValidator(_view), Short({"const": "all"})],
        Field(description="“all”, or the JSON Pointers of the reply that come through"),
    ]

    @model_validator(mode="after")
    def _rests_on_something(self) -> GrantModel:
        if self.legal_basis is None and not self.cites:
            raise mistake(
                said("the grant names no ground of law"),
                said("add: legal_basis: … (in words, with the document's number), or cites: [{law: …}]"),
            )
        return self


class GrantsModel(Part):
    """`grants/*.yaml`"""

    grants: Annotated[list[GrantModel], Field(description="any number a file, in any number of files")]


class UserModel(Part):
    """A person who signs in to the console."""

    id: Annotated[Name, Field(description="what is typed to sign in, and what the journal calls who did something")]
    name: Annotated[str, Field(min_length=1, max_length=100, description="as it is shown")]
    password: Annotated[
        SecretReference, Field(description="file: or env: reference to an argon2 hash, made with `lienthong password`")
    ]
    role: Annotated[UserRole, Field(description="operator: acts and may read records; viewer: sees how things stand")]


class UsersModel(Part):
    """`users/*.yaml`"""

    users: list[UserModel] = Field(description="who signs in to the console")


def split_version(text: str) -> tuple[str, int | None]:
    """The name and the major of `name@major`; None where none is named."""
    match = _VERSIONED.match(text)
    return (text, None) if match is None else (match[1], int(match[2]))
