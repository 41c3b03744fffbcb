"""The kinds of providers there are, by the name that a system's YAML gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel

from adapters.systems.opening import CannotOpen, Clash, Secrets
from adapters.systems.python_plugin import PythonConnection, PythonOperation, open_python
from adapters.systems.rest.clashes import rest_clashes
from adapters.systems.rest.connection import HttpConnection, RestConnection, rest_address
from adapters.systems.rest.operation import RestOperation
from adapters.systems.rest.provider import open_rest
from adapters.systems.webhook.connection import WebhookConnection, WebhookOperation, webhook_clashes
from adapters.systems.webhook.provider import open_webhook
from contracts.outcome import Pattern
from contracts.ports import Provider

ConnectionT = TypeVar("ConnectionT", bound=BaseModel)
OperationT = TypeVar("OperationT", bound=BaseModel)


def _nothing(_connection: BaseModel, _operation: BaseModel, _pattern: Pattern) -> Iterable[Clash]:
    return ()


def _no_files(_connection: BaseModel) -> Iterable[str]:
    return ()


def _certificates(connection: HttpConnection) -> Iterable[str]:
    return () if connection.ca_file is None else (connection.ca_file,)


def _plug_in(connection: PythonConnection) -> Iterable[str]:
    return (connection.file,)


def _nowhere(_connection: BaseModel) -> None:
    return None


@dataclass(frozen=True, slots=True)
class ProviderKind(Generic[ConnectionT, OperationT]):
    """One kind: what its YAML may say, and how it is opened.

    `open` takes the connection, the operations by service, the workspace's folder and the reader of secrets. `clashes`
    takes the connection, an operation, and the pattern of its contract. `address` is the host and port that a
    connection leads to, where its YAML says it. `files` are those of the workspace that a connection names.
    """

    name: str
    connection: type[ConnectionT]
    operation: type[OperationT]
    open: Callable[[ConnectionT, Mapping[str, OperationT], Path, Secrets], Provider]
    clashes: Callable[[ConnectionT, OperationT, Pattern], Iterable[Clash]] = _nothing
    address: Callable[[ConnectionT], tuple[str, int] | None] = _nowhere
    files: Callable[[ConnectionT], Iterable[str]] = _no_files


_REST: Final = ProviderKind("rest", RestConnection, RestOperation, open_rest, rest_clashes, rest_address, _certificates)
_WEBHOOK: Final = ProviderKind(
    "webhook", WebhookConnection, WebhookOperation, open_webhook, webhook_clashes, files=_certificates
)
_PYTHON: Final = ProviderKind("python", PythonConnection, PythonOperation, open_python, files=_plug_in)

KINDS: Final[Mapping[str, ProviderKind[Any, Any]]] = MappingProxyType(
    {kind.name: kind for kind in (_REST, _WEBHOOK, _PYTHON)}
)
"""By name."""


def open_provider(
    kind: str, connection: BaseModel, operations: Mapping[str, BaseModel], *, base: Path, secrets: Secrets
) -> Provider:
    """A provider for one system, not started; nothing is contacted. `operations` are by `Call.service`.

    CannotOpen; whatever `secrets` raises where a reference leads nowhere.
    """
    known = KINDS.get(kind)
    if known is None:
        raise CannotOpen(f"there is no kind of provider “{kind}”: write one of {', '.join(KINDS)}")
    fits = isinstance(connection, known.connection) and all(
        isinstance(operation, known.operation) for operation in operations.values()
    )
    if not fits:
        raise CannotOpen(f"what is configured is not of the kind “{kind}”")
    return known.open(connection, operations, base, secrets)


def address_of(kind: str, connection: BaseModel) -> tuple[str, int] | None:
    """The host and port of a system; None where its kind has none."""
    found: tuple[str, int] | None = KINDS[kind].address(connection)
    return found
