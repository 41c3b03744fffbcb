"""What the YAML says about showing a system who the bus is."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from adapters.mapping.spec import NOT_EMPTY, mistake
from adapters.systems.opening import SecretOrText, SecretRef, is_reference
from adapters.systems.rest.discreet import Discreet
from adapters.systems.rest.headers import HeaderName
from adapters.systems.rest.logins import OAuth2, Session
from contracts.said import said

_BESIDE: Final = "json_header"


def _user(text: str) -> str:
    if ":" in text:
        raise mistake(
            said("a user's name has no colon in it"), said("write the name alone, and the password under password")
        )
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
            raise mistake(said("a key stands in one place"), said("write one of: header, query"))
        return self


def _with_a_secret(values: dict[str, str]) -> dict[str, str]:
    if values and not any(map(is_reference, values.values())):
        raise mistake(
            said("none of the values is a secret"), said("put the secret one in a file or a variable: file:… or env:…")
        )
    return values


class JsonHeader(Discreet):
    """{header, values}: a header that is the base64 of a JSON object."""

    header: Annotated[HeaderName, Field(description="the header that carries it")]
    values: Annotated[
        dict[str, SecretOrText],
        NOT_EMPTY,
        AfterValidator(_with_a_secret),
        Field(description="the object: texts, and references to secrets, by name"),
    ]


class Auth(Discreet):
    """How the bus shows who it is: one of basic, bearer, api_key, oauth2, session; json_header also beside another."""

    basic: Basic | None = None
    bearer: Annotated[SecretRef | None, Field(description="the token, sent as Authorization: Bearer …")] = None
    api_key: ApiKey | None = None
    json_header: JsonHeader | None = None
    oauth2: OAuth2 | None = None
    session: Session | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Auth:
        if len(self.model_fields_set) != 1 and len(self.model_fields_set - {_BESIDE}) != 1:
            known = said("basic, bearer, api_key, oauth2, session, json_header")
            raise mistake(said("a system is shown one credential"), said("write one of: {known}", known=known))
        return self

    @model_validator(mode="after")
    def _no_header_twice(self) -> Auth:
        if len(self.headers) < len(self._headers()):
            raise mistake(
                said("two credentials would stand in one header"), said("name another header under json_header")
            )
        return self

    @property
    def headers(self) -> frozenset[str]:
        """The headers that carry it, in small letters."""
        return frozenset(self._headers())

    @property
    def parameters(self) -> frozenset[str]:
        """The query parameters that carry it."""
        named = (self.api_key and self.api_key.query, self.session and self.session.send.query)
        return frozenset(name for name in named if name)

    def _headers(self) -> list[str]:
        named = ["authorization"] if self.basic or self.bearer or self.oauth2 else []
        sent = None if self.session is None else self.session.send
        named.append((self.json_header and self.json_header.header) or "")
        named.append((self.api_key and self.api_key.header) or "")
        named.append((sent and sent.header) or ("cookie" if sent and sent.cookie else ""))
        return [name.lower() for name in named if name]
