"""`/registry/config…` and `/registry/mode…`: what versions have to hold, and whether there may be new ones."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from contracts.registry import faults
from contracts.registry.state import GLOBAL_COMPATIBILITY, GLOBAL_MODE, READ_ONLY
from gateway.registry.registering import effective_compatibility, effective_mode
from gateway.routes.registry.answers import answer
from gateway.routes.registry.asked import body_of, flag, subject_of
from gateway.routes.registry.who import current, signed_in


async def show_config(request: Request) -> Response:
    """`GET /config[/{subject}?defaultToGlobal=]`."""
    state, subject = (await current(request)).state, _subject(request)
    level = state.compatibility(subject)
    if subject is not None and level is None and not flag(request, "defaultToGlobal"):
        raise faults.config_not_found(subject)
    return answer(request, {"compatibilityLevel": level or effective_compatibility(state, subject)})


async def set_config(request: Request) -> Response:
    """`PUT /config[/{subject}]` `{"compatibility": …}`."""
    gateway, principal = await signed_in(request)
    level = (await body_of(request)).get("compatibility")
    if not isinstance(level, str):
        raise faults.invalid_compatibility()
    await gateway.registry.registering.set_compatibility(principal, _subject(request), level)
    return answer(request, {"compatibility": level.upper()})


async def unset_config(request: Request) -> Response:
    """`DELETE /config[/{subject}]`: what all subjects hold, or BACKWARD, is held again; answers what was set."""
    gateway, principal = await signed_in(request)
    before = await gateway.registry.registering.set_compatibility(principal, _subject(request), None)
    return answer(request, {"compatibilityLevel": before or GLOBAL_COMPATIBILITY})


async def show_mode(request: Request) -> Response:
    """`GET /mode[/{subject}?defaultToGlobal=]`."""
    state, subject = (await current(request)).state, _subject(request)
    if subject is not None and state.of_the_bus(subject):
        return answer(request, {"mode": READ_ONLY})
    mode = state.mode(subject)
    if subject is not None and mode is None and not flag(request, "defaultToGlobal"):
        raise faults.mode_not_found(subject)
    return answer(request, {"mode": mode or effective_mode(state, subject)})


async def set_mode(request: Request) -> Response:
    """`PUT /mode[/{subject}]` `{"mode": "READWRITE"|"READONLY"}`."""
    gateway, principal = await signed_in(request)
    mode = (await body_of(request)).get("mode")
    if not isinstance(mode, str):
        raise faults.invalid_mode()
    await gateway.registry.registering.set_mode(principal, _subject(request), mode)
    return answer(request, {"mode": mode.upper()})


async def unset_mode(request: Request) -> Response:
    """`DELETE /mode[/{subject}]`: the mode of all subjects, or READWRITE, holds again; answers what was set."""
    gateway, principal = await signed_in(request)
    before = await gateway.registry.registering.set_mode(principal, _subject(request), None)
    return answer(request, {"mode": before or GLOBAL_MODE})


def _subject(request: Request) -> str | None:
    return subject_of(request) if "subject" in request.path_params else None
