"""What the YAML says about reaching a system over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from yarl import URL

from adapters.mapping.literals import Truth
from adapters.mapping.spec import Spec, mistake
from adapters.systems.opening import SecretRef
from adapters.systems.rest.addresses import is_private_host
from adapters.systems.rest.headers import HeaderName, Headers

Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


class Discreet(Spec):
    """A part of the YAML whose faults are told without repeating what was written there: it may be a secret."""

    model_config = ConfigDict(hide_input_in_errors=True)


def _user(text: str) -> str:
    if ":" in text:
        raise mistake("a user's name has no colon in it", "write the name alone, and the password under password")
    return text


class Basic(Discreet):
    """{user, password}: HTTP Basic."""

    user: Annotated[str, Field(min_length=1, description="the user's name"), AfterValidator(_user)]
    password: SecretRef


class ApiKey(Discreet):
    """{header, value} or {query, value}: a key in a header or in the query."""

    header: Annotated[HeaderName | None, Field(description="the header that carries the key")] = None
    query: Annotated[str | None, Field(min_length=1, description="the query parameter that carries the key")] = None
    value: SecretRef

    @model_validator(mode="after")
    def _one_place(self) -> ApiKey:
        if (self.header is None) == (self.query is None):
            raise mistake("a key stands in one place", "write one of: header, query")
        return self


class Auth(Discreet):
    """How the bus shows who it is: one of basic, bearer, api_key."""

    basic: Basic | None = None
    bearer: Annotated[SecretRef | None, Field(description="the token, sent as Authorization: Bearer …")] = None
    api_key: ApiKey | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Auth:
        if len(self.model_fields_set) != 1:
            raise mistake("a system is shown one credential", "write one of: basic, bearer, api_key")
        return self


def _address(text: str) -> str:
    try:
        url = URL(text)
        is_http = url.scheme in {"http", "https"} and bool(url.host) and url.port is not None
    except ValueError:
        is_http = False
    if not is_http or not text.isprintable() or " " in text:
        raise mistake("this is no address of a system", "write it like https://host/path")
    if "@" in url.raw_authority:
        raise mistake("there is a name or password in the address", "write it under auth")
    if "?" in text or "#" in text:
        raise mistake("an address ends with its path", "write what follows “?” under query, in each operation")
    if "//" in url.raw_path or {".", ".."} & {*url.raw_path.split("/")}:
        raise mistake("the path of the address has an empty part, or dots", "write the path in full")
    return text


class RestConnection(Discreet):
    """Where a system is, how it is spoken to, and how long it may take."""

    url: Annotated[
        str,
        Field(description="where the system is: scheme, host, port, and the path that all operations share"),
        AfterValidator(_address),
    ]
    allow_private: Annotated[Truth, Field(description="whether its address may be a private one")] = False
    timeout_s: Annotated[Seconds, Field(description="how long a whole call may take")] = 10
    connect_timeout_s: Annotated[Seconds, Field(description="how long connecting may take")] = 5
    keepalive_s: Annotated[
        float, Field(gt=0, le=3600, allow_inf_nan=False, description="how long an idle connection is kept for reuse")
    ] = 4
    max_connections: Annotated[int, Field(ge=1, le=1000, description="how many connections at a time")] = 100
    max_response_bytes: Annotated[
        int, Field(ge=1, le=64 * 2**20, description="how long an answer may be, unpacked, in bytes")
    ] = 2**20
    ca_file: Annotated[
        str | None, Field(min_length=1, description="a PEM file in the workspace: the only authorities that count")
    ] = None
    headers: Annotated[Headers, Field(description="headers that every call carries")] = Field(default_factory=dict)
    auth: Annotated[Auth | None, Field(description="how the bus shows who it is")] = None

    @model_validator(mode="after")
    def _public(self) -> RestConnection:
        if not self.allow_private and is_private_host(self.host):
            raise mistake(f"{self.host} is a private address", "write allow_private: true, if that is meant")
        return self

    @property
    def host(self) -> str:
        """The host's name or address."""
        return URL(self.url).host or ""

    @property
    def base(self) -> str:
        """What every path is put after: percent-encoded, without a slash at its end."""
        url = URL(self.url)
        return str(url.origin()) + url.raw_path.rstrip("/")
