"""The YAML of agencies, code lists, contracts, grants and users. These models, and those of the bus, of systems and of
laws beside them, read a workspace, and the JSON Schemas for editors come from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from adapters.mapping.spec import NOT_EMPTY, Short, mistake
from adapters.workspace.values import (
    AgencyCode,
    Article,
    Day,
    Name,
    Part,
    Pointer,
    SecretReference,
    Subject,
    TextInBoth,
    Versioned,
)
from contracts.catalogue import AgencyKind, UserRole
from contracts.compatibility import Mode
from contracts.meaning import Words
from contracts.outcome import Pattern
from contracts.said import said


def _view(given: object) -> object:
    if given == "all":
        return None
    if given is None or isinstance(given, str):
        raise mistake(
            said("the view says what the receiver may see"), said("write “all”, or a list: [/full_name, /birth_date]")
        )
    return given


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
