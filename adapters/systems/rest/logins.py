"""What the YAML says about credentials that have to be fetched first: an OAuth 2.0 token, a session."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, model_validator

from adapters.mapping.spec import mistake
from adapters.systems.opening import SecretRef, check_references
from adapters.systems.rest.discreet import Discreet
from adapters.systems.rest.headers import HeaderName, Headers
from adapters.systems.rest.places import InAnswer, Question, Slot, Words
from adapters.systems.rest.templates import holes
from adapters.systems.rest.urls import Address, RequestPath, Verb
from contracts.said import said

_COOKIE: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_ONE_LINE: Final = re.compile(r"[\x20-\x7e]*")

Lifetime = Annotated[float, Field(gt=0, le=7 * 86_400, allow_inf_nan=False)]
Some = Annotated[str, Field(min_length=1)]


class ClientIn(StrEnum):
    """Where a token endpoint is shown the client's id and secret."""

    BASIC = "basic"
    FORM = "form"


class OAuth2(Discreet):
    """A token for the client itself: RFC 6749, section 4.4."""

    token_url: Annotated[Address, Field(description="the token endpoint")]
    client_id: Annotated[Some, Field(description="the client's id")]
    client_secret: SecretRef
    client_in: Annotated[ClientIn, Field(description="where id and secret are sent: basic or form")] = ClientIn.BASIC
    scope: Annotated[Some | None, Field(description="the scopes to ask for, with spaces between")] = None
    audience: Annotated[Some | None, Field(description="for whom the token is to be")] = None


def _without_parts(texts: list[str]) -> None:
    for name in sorted(holes(texts)):
        raise mistake(
            said("a login knows no parts, so nothing makes the value of {{{name}}}", name=name),
            said("write the value itself"),
        )


class Login(Discreet):
    """The request that begins a session."""

    method: Annotated[Verb, Field(description="GET, POST, PUT …")] = "POST"
    path: Annotated[RequestPath, Field(description="after the connection's url")]
    headers: Annotated[Headers, Field(description="more headers, beside the connection's")] = Field(
        default_factory=dict
    )
    query: Annotated[dict[Some, str], Field(description="what follows “?”")] = Field(default_factory=dict)
    body: Annotated[
        dict[str, Any] | None,
        AfterValidator(check_references),
        Field(description="the JSON object: texts, and references to secrets"),
    ] = None

    @model_validator(mode="after")
    def _complete(self) -> Login:
        _without_parts([self.path, *self.query.values(), *self.headers.values()])
        return self


def _cookie(name: str) -> str:
    if not _COOKIE.fullmatch(name):
        raise mistake(
            said("“{name}” is no name of a cookie", name=name),
            said("write letters, digits and hyphens, like JSESSIONID"),
        )
    return name


def _one_line(text: str) -> str:
    if not _ONE_LINE.fullmatch(text):
        raise mistake(
            said("this cannot stand in a header"), said("write it in one line of plain letters, like “Bearer ”")
        )
    return text


class SessionSlot(Slot):
    """Where the session goes in each call."""

    header: Annotated[HeaderName | None, Field(description="the header that carries it")] = None
    cookie: Annotated[str | None, AfterValidator(_cookie), Field(description="the cookie that carries it")] = None


class Session(Discreet):
    """A session that begins with a login."""

    login: Annotated[Login, Field(description="the request that begins it: path, headers, body …")]
    value: Annotated[InAnswer, Field(description="where its value is in the login's answer, like /body/session")]
    success: Annotated[Question | None, Field(description="what holds for the answer to a login that succeeded")] = None
    detail: Annotated[Words | None, Field(description="what the answer says where a login was refused")] = None
    send: Annotated[SessionSlot, Field(description="where it goes in each call: header, query, cookie or body")]
    prefix: Annotated[str, AfterValidator(_one_line), Field(description="what stands before it, like “Bearer ”")] = ""
    lives_s: Annotated[Lifetime, Field(description="how long it may be used, in seconds")] = 600
    over: Annotated[Question | None, Field(description="what says that it is over, besides the status 401")] = None
