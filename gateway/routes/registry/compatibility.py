"""`/registry/compatibility…`: whether a schema could be registered, without registering it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.routes.registry.answers import answer
from gateway.routes.registry.asked import flag, subject_of, version_of, wanted_of
from gateway.routes.registry.subjects import version_in
from gateway.routes.registry.who import current, signed_in


async def against_version(request: Request) -> Response:
    """`POST /compatibility/subjects/{subject}/versions/{version}?verbose=&normalize=`."""
    subjects = await current(request)
    gateway, _ = await signed_in(request)
    subject, number = subject_of(request), version_of(request)
    wanted = await wanted_of(request, subject)
    if number is None and not subjects.state.versions(subject):
        # There is nothing that it could break, but it has to be a schema.
        return _told(request, await gateway.registry.registering.compare(wanted, None))
    version = version_in(subjects, subject, number, deleted=False)
    return _told(request, await gateway.registry.registering.compare(wanted, version))


async def against_all(request: Request) -> Response:
    """`POST /compatibility/subjects/{subject}/versions?verbose=&normalize=`: with all that counts."""
    await current(request)
    gateway, _ = await signed_in(request)
    wanted = await wanted_of(request, subject_of(request))
    return _told(request, await gateway.registry.registering.compare(wanted, None))


def _told(request: Request, conflicts: list[str]) -> Response:
    told: dict[str, Any] = {"is_compatible": not conflicts}
    if flag(request, "verbose"):
        told["messages"] = conflicts
    return answer(request, told)
