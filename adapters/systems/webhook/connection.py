"""What the YAML says about pushing to a subscriber."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field
from yarl import URL

from adapters.mapping.spec import NOT_EMPTY, Spec, mistake
from adapters.systems.opening import Clash, SecretRef
from adapters.systems.rest.connection import HttpConnection, Seconds
from adapters.systems.rest.templates import path_filler
from adapters.systems.rest.urls import Address, request_path
from contracts.outcome import Pattern
from contracts.said import said

_MOST_SECRETS: Final = 2


def _bare(given: object) -> object:
    """Before the rules for all addresses, whose remedies are for other kinds of provider."""
    text = str(given)
    if "?" in text or "#" in text:
        raise mistake(said("the address of a webhook ends with its path"), said("leave out what follows “?” or “#”"))
    if "@" in text.partition("//")[2].partition("/")[0]:
        raise mistake(
            said("there is a name or password in the address"), said("leave it out: what is pushed is signed")
        )
    return given


def _one_or_two(references: tuple[str, ...]) -> tuple[str, ...]:
    if len(references) > _MOST_SECRETS:
        remedy = said("keep two while the subscriber changes over: the new one and the old one; else one")
        raise mistake(said("there are {count} secrets", count=len(references)), remedy)
    if len(set(references)) < len(references):
        raise mistake(said("the same secret is there twice"), said("keep one of them"))
    return references


def _path(text: str | None) -> str | None:
    if text is None:
        return None
    if not text.startswith("/") or {*"?#{}"} & {*text}:
        raise mistake(
            said("“{text}” is no path of a webhook", text=text), said("write it like /air: the same for each event")
        )
    return request_path(text)


class WebhookTarget(HttpConnection):
    """Where a subscriber is pushed to."""

    url: Annotated[
        Address, BeforeValidator(_bare), Field(description="where is pushed to: scheme, host, port and path")
    ]
    timeout_s: Annotated[Seconds, Field(description="how long a whole call may take")] = 20


class WebhookConnection(WebhookTarget):
    """Where a subscriber is pushed to, and with what that is signed."""

    secrets: Annotated[
        tuple[SecretRef, ...],
        NOT_EMPTY,
        AfterValidator(_one_or_two),
        Field(
            description="what signs: references to one secret (whsec_…), or to two while the subscriber changes over",
            json_schema_extra={"minItems": 1, "maxItems": _MOST_SECRETS},
        ),
    ]


class WebhookOperation(Spec):
    """Where the events of one contract are pushed to."""

    path: Annotated[
        str | None, AfterValidator(_path), Field(description="after the connection's url; without it, the url itself")
    ] = None

    def address(self, connection: WebhookTarget) -> URL:
        """The whole address."""
        if self.path is None:
            return URL(connection.url)
        return URL(connection.base + path_filler(self.path)({}), encoded=True)


def webhook_clashes(_connection: WebhookConnection, _operation: WebhookOperation, pattern: Pattern) -> Iterable[Clash]:
    """A query needs an answer with data in it, and a webhook's has none."""
    if pattern is Pattern.QUERY:
        yield Clash(
            (),
            said("a webhook gives no data, so no query can be asked through it"),
            said("write kind: rest, or python"),
        )
