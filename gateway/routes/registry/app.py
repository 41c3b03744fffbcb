"""The registry's own application, under `/registry`: its places, and every error in its clients' form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.errors import LogError
from contracts.registry.faults import RegistryFault
from gateway.context import Gateway
from gateway.problems import Problem
from gateway.routes.registry.answers import answer, on_fault, on_http, on_log, on_problem, on_unexpected
from gateway.routes.registry.compatibility import against_all, against_version
from gateway.routes.registry.schemas import (
    all_schemas,
    schema_by_id,
    schema_text,
    subjects_of_id,
    types,
    versions_of_id,
)
from gateway.routes.registry.settings import set_config, set_mode, show_config, show_mode, unset_config, unset_mode
from gateway.routes.registry.subjects import (
    delete_subject,
    delete_version,
    list_subjects,
    list_versions,
    look_up,
    referenced_by,
    register,
    show_version,
    show_version_schema,
)
from gateway.routes.registry.who import reader

PREFIX: Final = "/registry"


async def root(request: Request) -> Response:
    """`GET /`: somebody is there."""
    await reader(request)
    return answer(request, {})


_PLACES: Final[tuple[tuple[str, str, Callable[[Request], Awaitable[Response]]], ...]] = (
    ("GET", "/", root),
    ("GET", "/schemas", all_schemas),
    ("GET", "/schemas/types", types),
    ("GET", "/schemas/ids/{id}", schema_by_id),
    ("GET", "/schemas/ids/{id}/schema", schema_text),
    ("GET", "/schemas/ids/{id}/subjects", subjects_of_id),
    ("GET", "/schemas/ids/{id}/versions", versions_of_id),
    ("GET", "/subjects", list_subjects),
    ("GET", "/subjects/{subject:path}/versions", list_versions),
    ("POST", "/subjects/{subject:path}/versions", register),
    ("GET", "/subjects/{subject:path}/versions/{version}", show_version),
    ("DELETE", "/subjects/{subject:path}/versions/{version}", delete_version),
    ("GET", "/subjects/{subject:path}/versions/{version}/schema", show_version_schema),
    ("GET", "/subjects/{subject:path}/versions/{version}/referencedby", referenced_by),
    ("POST", "/subjects/{subject:path}", look_up),
    ("DELETE", "/subjects/{subject:path}", delete_subject),
    ("POST", "/compatibility/subjects/{subject:path}/versions", against_all),
    ("POST", "/compatibility/subjects/{subject:path}/versions/{version}", against_version),
    ("GET", "/config", show_config),
    ("PUT", "/config", set_config),
    ("DELETE", "/config", unset_config),
    ("GET", "/config/{subject:path}", show_config),
    ("PUT", "/config/{subject:path}", set_config),
    ("DELETE", "/config/{subject:path}", unset_config),
    ("GET", "/mode", show_mode),
    ("PUT", "/mode", set_mode),
    ("DELETE", "/mode", unset_mode),
    ("GET", "/mode/{subject:path}", show_mode),
    ("PUT", "/mode/{subject:path}", set_mode),
    ("DELETE", "/mode/{subject:path}", unset_mode),
)


def registry_app(gateway: Gateway) -> Starlette:
    """The application that serves the registry of `gateway`."""
    app = Starlette(
        routes=[Route(path, endpoint, methods=[method]) for method, path, endpoint in _PLACES],
        exception_handlers={
            RegistryFault: on_fault,
            Problem: on_problem,
            LogError: on_log,
            HTTPException: on_http,
            Exception: on_unexpected,
        },
    )
    app.router.redirect_slashes = False
    app.state.gateway = gateway
    return app
