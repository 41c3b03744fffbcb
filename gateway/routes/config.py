"""`/operate/config…`: what the bus is configured by. Only an operator's token opens it."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from contracts.configuration import PART_BYTES, ManifestFile, is_file_name
from contracts.said import said
from gateway.answers import json_response
from gateway.context import Gateway, gateway_of
from gateway.headers import wait_parameter
from gateway.intake import Principal
from gateway.problems import Problem
from gateway.routes.bodies import json_object

_PLACE: Final = "/operate/config"
_MAX_MANIFEST: Final = 1_000_000
_MAX_MESSAGE: Final = 1_000
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


async def show_configs(request: Request) -> Response:
    """`GET /operate/config`: what is current, what was applied before, and how each process stands."""
    gateway, _ = _operator(request)
    return json_response(await gateway.configuring.overview())


async def show_config(request: Request) -> Response:
    """`GET /operate/config/{id}?wait=`: one of them (its first characters do), with its files and who goes by it."""
    gateway, _ = _operator(request)
    wait_s = wait_parameter(request, gateway.directory().limits.max_wait_s)
    return json_response(await gateway.configuring.show(request.path_params["id"], wait_s))


async def get_config_part(request: Request) -> Response:
    """`GET /operate/config/parts/{sha256}`: the content."""
    gateway, _ = _operator(request)
    content = await gateway.configuring.part(request.path_params["id"])
    return Response(content, headers={"cache-control": "no-store"}, media_type="application/octet-stream")


async def put_config_part(request: Request) -> Response:
    """`PUT /operate/config/parts/{sha256}`: the content, before the manifest that names it."""
    gateway, _ = _operator(request)
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > PART_BYTES:
            raise Problem("body-too-large", limit=PART_BYTES, contract=_PLACE, headers={"connection": "close"})
    await gateway.configuring.put_part(request.path_params["id"], content)
    return Response(status_code=204)


async def apply_config(request: Request) -> Response:
    """`POST /operate/config` `{"parent", "message", "files": [{"name", "parts"}]}`: 201, it is current."""
    gateway, principal = _operator(request)
    body = await json_object(request, _PLACE, max_bytes=_MAX_MANIFEST)
    parent, message = body.get("parent"), body.get("message")
    if not isinstance(message, str) or not message.strip() or len(message) > _MAX_MESSAGE:
        why = said("message: why, 1–{max_message} characters", max_message=_MAX_MESSAGE)
        raise Problem("bad-request", why=why)
    if parent is not None and not isinstance(parent, str):
        raise Problem("bad-request", why=said("parent: null, or the id of a configuration"))
    files = _files(body.get("files"))
    return json_response(await gateway.configuring.apply(principal.id, parent, message.strip(), files), 201)


def _files(told: Any) -> tuple[ManifestFile, ...]:  # noqa: ANN401 - a part of a body
    """Problem `bad-request`."""
    if isinstance(told, list):
        files = [_file(each) for each in told]
        names = {file.name for file in files if file is not None}
        if files and len(names) == len(files):
            return tuple(file for file in files if file is not None)
    why = said("files: a list of {name, parts}, each name once")
    raise Problem("bad-request", why=why)


def _file(told: Any) -> ManifestFile | None:  # noqa: ANN401 - a part of a body
    if not isinstance(told, dict):
        return None
    name, parts = told.get("name"), told.get("parts")
    if not isinstance(name, str) or not is_file_name(name) or not isinstance(parts, list) or not parts:
        return None
    if not all(isinstance(part, str) and _SHA256.match(part) for part in parts):
        return None
    return ManifestFile(name, tuple(parts))


def _operator(request: Request) -> tuple[Gateway, Principal]:
    gateway = gateway_of(request)
    principal = gateway.intake.authenticate(request.headers.get("authorization", ""))
    if not principal.operator:
        raise Problem("not-operator")
    return gateway, principal
