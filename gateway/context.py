"""What the routes need, joined once by the wiring and kept in the application's state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from contracts.ports import OwnCodec, Schemas, Transport
from contracts.spans import NO_SPANS, Spans
from contracts.wording import Language
from gateway.answers import Answers
from gateway.auth.credentials import CredentialCheck
from gateway.auth.tokens import Tokens
from gateway.board import Board
from gateway.configuring import Configuring
from gateway.directory import Directory
from gateway.exchanges import Exchanges
from gateway.inbox import Inbox
from gateway.intake import Intake
from gateway.journal import Journal
from gateway.ledger_view import LedgerView
from gateway.measured import Measured
from gateway.metrics import GatewayMetrics
from gateway.operations import Operations
from gateway.places import Places
from gateway.pointers import Pointers
from gateway.problems import language_of
from gateway.publication import Publication
from gateway.registry.parts import SchemaSubjects
from gateway.subscriptions import Subscribing
from gateway.waiting import Waiting
from gateway.withdrawing import Withdrawing


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway's parts. `directory` gives the workspace that is current now, `schema_of_file` the JSON Schema of a
    kind of its files (KeyError: there is no such kind)."""

    directory: Callable[[], Directory]
    transport: Transport
    schemas: Schemas
    own: OwnCodec
    ledger: LedgerView
    tokens: Tokens
    credentials: CredentialCheck
    intake: Intake
    inbox: Inbox
    waiting: Waiting
    answers: Answers
    exchanges: Exchanges
    operations: Operations
    withdrawing: Withdrawing
    subscribing: Subscribing
    configuring: Configuring
    journal: Journal
    board: Board
    pointers: Pointers
    places: Places
    metrics: GatewayMetrics
    measured: Measured
    now_ms: Callable[[], int]
    publication: Publication
    schema_of_file: Callable[[str], Mapping[str, Any]]
    registry: SchemaSubjects
    spans: Spans = NO_SPANS


def gateway_of(request: Request) -> Gateway:
    """The gateway that serves this request."""
    found = request.app.state.gateway
    if not isinstance(found, Gateway):
        raise TypeError("the application was built without a gateway")
    return found


def language_for(request: Request) -> Language:
    """The language that the client prefers, else the bus's own."""
    return language_of(request.headers.get("accept-language"), gateway_of(request).directory().language)
