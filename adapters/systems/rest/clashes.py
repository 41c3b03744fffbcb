"""What in an operation does not go with its connection, or with the pattern of its contract."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.systems.opening import Clash
from adapters.systems.rest.auth import Auth
from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.operation import RestOperation
from contracts.outcome import Pattern
from contracts.said import said


def rest_clashes(connection: RestConnection, operation: RestOperation, pattern: Pattern) -> Iterable[Clash]:
    """All of them."""
    if operation.paging is not None and pattern is not Pattern.QUERY:
        yield Clash(
            ("paging",),
            said("a {pattern} has no reply that could come in pages", pattern=pattern),
            said("remove paging"),
        )
    if connection.auth is not None:
        yield from _with_auth(connection.auth, operation)


def _with_auth(auth: Auth, operation: RestOperation) -> Iterable[Clash]:
    for name in operation.headers:
        if name.lower() in auth.headers:
            yield Clash(
                ("headers", name), said("the header {name} is set by auth already", name=name), said("leave it out")
            )
    for name in operation.query:
        if name in auth.parameters:
            yield Clash(
                ("query", name), said("the parameter {name} is set by auth already", name=name), said("leave it out")
            )
    field = None if auth.session is None else auth.session.send.body
    if field is not None and not operation.sends_body:
        message = said(
            "the session goes to the body's {field}, and a {method} has no body", field=field, method=operation.method
        )
        yield Clash((), message, said("write body: json, or send the session in a header, a cookie or the query"))
