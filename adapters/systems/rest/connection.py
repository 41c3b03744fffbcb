"""What the YAML says about reaching a system over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from yarl import URL

from adapters.mapping.literals import Truth
from adapters.mapping.spec import mistake
from adapters.systems.rest.addresses import is_private_host
from adapters.systems.rest.auth import Auth
from adapters.systems.rest.discreet import Discreet
from adapters.systems.rest.headers import Headers
from adapters.systems.rest.urls import Address
from contracts.said import said

Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


class HttpConnection(Discreet):
    """Where a system is on the network, and how long reaching it may take: for whatever is sent over HTTP."""

    url: Annotated[
        Address, Field(description="where the system is: scheme, host, port, and the path that all operations share")
    ]
    allow_private: Annotated[Truth, Field(description="whether its address may be a private one")] = False
    timeout_s: Annotated[Seconds, Field(description="how long a whole call may take")] = 10
    connect_timeout_s: Annotated[Seconds, Field(description="how long connecting may take")] = 5
    keepalive_s: Annotated[
        float, Field(gt=0, le=3600, allow_inf_nan=False, description="how long an idle connection is kept for reuse")
    ] = 4
    max_connections: Annotated[int, Field(ge=1, le=1000, description="how many connections at a time")] = 100
    ca_file: Annotated[
        str | None, Field(min_length=1, description="a PEM file in the workspace: the only authorities that count")
    ] = None

    @model_validator(mode="after")
    def _public(self) -> HttpConnection:
        if not self.allow_private and is_private_host(self.host):
            raise mistake(
                said("{host} is a private address", host=self.host), said("write allow_private: true, if that is meant")
            )
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


class RestConnection(HttpConnection):
    """Where a system is, how it is spoken to, and how long it may take."""

    max_response_bytes: Annotated[
        int, Field(ge=1, le=64 * 2**20, description="how long an answer may be, unpacked, in bytes")
    ] = 2**20
    headers: Annotated[Headers, Field(description="headers that every call carries")] = Field(default_factory=dict)
    auth: Annotated[Auth | None, Field(description="how the bus shows who it is")] = None

    @model_validator(mode="after")
    def _public_login(self) -> RestConnection:
        token_host = None if self.auth is None or self.auth.oauth2 is None else URL(self.auth.oauth2.token_url).host
        if not self.allow_private and token_host is not None and is_private_host(token_host):
            remedy = said("write allow_private: true, if that is meant")
            raise mistake(said("the token endpoint {token_host} is a private address", token_host=token_host), remedy)
        return self

    @model_validator(mode="after")
    def _no_header_twice(self) -> RestConnection:
        for name in self.headers:
            if self.auth is not None and name.lower() in self.auth.headers:
                raise mistake(
                    said("the header {name} is set by auth already", name=name), said("leave it out of headers")
                )
        return self


def rest_address(connection: RestConnection) -> tuple[str, int] | None:
    """The host and port that the system is reached at."""
    return connection.host, URL(connection.url).port or 443
