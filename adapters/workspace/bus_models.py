"""The YAML of `bus.yaml`: the bus itself."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from adapters.mapping.spec import NOT_EMPTY, mistake
from adapters.workspace.values import DAY_S, AgencyCode, Name, Part, Seconds, Zone
from contracts.channels import RETRY_DELAYS_S
from contracts.said import said


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
        if sum(self.subscriptions.retry) >= self.retention_days * DAY_S:
            message = said("the delays of subscriptions are longer together than the log keeps messages")
            raise mistake(message, said("shorten them, or raise retention_days"))
        return self
