"""`/registry/schemas…`: schemas by their ids, and all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from contracts.errors import LogError
from contracts.ports import Subjects
from contracts.registry import faults
from contracts.registry.state import Version
from contracts.registry.written import SchemaType, Written
from gateway.caching import has
from gateway.routes.registry.answers import answer, media_type_for
from gateway.routes.registry.asked import flag, number_of, page
from gateway.routes.registry.told import told_schema, told_version
from gateway.routes.registry.who import current, reader

_MOST_SCHEMAS: Final = 1000
_FOR_EVER: Final = "private, max-age=31536000, immutable"


async def types(request: Request) -> Response:
    """`GET /schemas/types`."""
    await reader(request)
    return answer(request, [str(each) for each in (SchemaType.JSON, SchemaType.AVRO)])


async def schema_by_id(request: Request) -> Response:
    """`GET /schemas/ids/{id}?fetchMaxId=`: an id means one schema for ever, so a client may keep it."""
    subjects = await reader(request)
    _, written = await _asked(request, subjects)
    if flag(request, "fetchMaxId"):
        return answer(request, {**told_schema(written), "maxId": subjects.highest_id})
    etag = f'"{written.key}"'
    headers = {"etag": etag, "cache-control": _FOR_EVER}
    if has(request, etag):
        return Response(status_code=304, headers=headers)
    return answer(request, told_schema(written), headers=headers)


async def schema_text(request: Request) -> Response:
    """`GET /schemas/ids/{id}/schema`: nothing but the schema."""
    _, written = await _asked(request, await reader(request))
    etag = f'"{written.key}-schema"'
    headers = {"etag": etag, "cache-control": _FOR_EVER}
    if has(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(written.text.encode(), 200, headers, media_type=media_type_for(request))


async def subjects_of_id(request: Request) -> Response:
    """`GET /schemas/ids/{id}/subjects?deleted=&subject=`."""
    versions = await _versions(request)
    return answer(request, list(dict.fromkeys(each.subject for each in versions))[page(request)])


async def versions_of_id(request: Request) -> Response:
    """`GET /schemas/ids/{id}/versions?deleted=&subject=`."""
    versions = await _versions(request)
    told = [{"subject": each.subject, "version": each.number} for each in versions]
    return answer(request, told[page(request)])


async def all_schemas(request: Request) -> Response:
    """`GET /schemas?subjectPrefix=&deleted=&latestOnly=&offset=&limit=`: at most 1,000 at once."""
    subjects = await current(request)
    part = page(request, _MOST_SCHEMAS)
    prefix = request.query_params.get("subjectPrefix", "")
    latest = flag(request, "latestOnly")
    chosen = [
        each
        for each in subjects.state.all_versions(deleted=flag(request, "deleted"))
        if each.subject.startswith(prefix)
    ]
    if latest:
        chosen = list({each.subject: each for each in chosen}.values())
    return StreamingResponse(_written_out(subjects, chosen[part]), media_type=media_type_for(request))


def _written_out(subjects: Subjects, versions: list[Version]) -> Iterator[bytes]:
    """Piece by piece: a thousand schemas may be large."""
    yield b"["
    between = b""
    for version in versions:
        written = subjects.schema(version.schema.id)
        if written is not None:
            yield between + orjson.dumps(told_version(version, written))
            between = b","
    yield b"]"


async def _versions(request: Request) -> list[Version]:
    subjects = await current(request)
    schema_id, _ = await _asked(request, subjects)
    deleted, only = flag(request, "deleted"), request.query_params.get("subject")
    return [
        each
        for each in subjects.state.with_id(schema_id)
        if (deleted or not each.deleted) and only in {None, "", each.subject}
    ]


async def _asked(request: Request, subjects: Subjects) -> tuple[int, Written]:
    """The schema in the path, from memory; only an id that nobody here has heard of is looked for on the log."""
    schema_id = number_of(str(request.path_params["id"]))
    if schema_id is None:
        raise faults.RegistryFault(404, "HTTP 404 Not Found")
    written = subjects.schema(schema_id)
    if written is None and schema_id > subjects.highest_id:
        try:
            await subjects.ids_caught_up()
        except LogError:
            raise faults.store_failed() from None
        written = subjects.schema(schema_id)
    if written is None:
        raise faults.schema_not_found(schema_id)
    return schema_id, written
