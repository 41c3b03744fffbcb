"""The YAML of `systems/<system>.yaml`: how the bus talks to a system."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from adapters.mapping.language import FieldsSpec, MapSpec
from adapters.mapping.spec import NOT_EMPTY
from adapters.workspace.values import Day, Json, Name, Part, Pointer, Seconds, Versioned
from contracts.channels import RETRY_DELAYS_S


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
