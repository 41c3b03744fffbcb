"""`/registry/subjects…`: subjects and their versions."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from contracts.ports import Subjects
from contracts.registry import faults
from contracts.registry.state import Version
from contracts.registry.written import Written
from gateway.context import gateway_of
from gateway.lives import subject_headers
from gateway.routes.registry.answers import answer, media_type_for
from gateway.routes.registry.asked import flag, page, subject_of, version_of, wanted_of
from gateway.routes.registry.told import told_version
from gateway.routes.registry.who import current, signed_in


async def list_subjects(request: Request) -> Response:
    """`GET /subjects?subjectPrefix=&deleted=&deletedOnly=&offset=&limit=`."""
    state = (await current(request)).state
    names = state.subjects(deleted=flag(request, "deleted"), only_deleted=flag(request, "deletedOnly"))
    prefix = request.query_params.get("subjectPrefix", "")
    return answer(request, [each for each in names if each.startswith(prefix)][page(request)])


async def list_versions(request: Request) -> Response:
    """`GET /subjects/{subject}/versions?deleted=&deletedOnly=&offset=&limit=`."""
    state, subject = (await current(request)).state, subject_of(request)
    only = flag(request, "deletedOnly")
    versions = state.versions(subject, deleted=only or flag(request, "deleted"))
    found = [each.number for each in versions if each.deleted or not only]
    if not found:
        raise faults.subject_not_found(subject)
    return answer(request, found[page(request)])


async def show_version(request: Request) -> Response:
    """`GET /subjects/{subject}/versions/{version}?deleted=`."""
    version, written = await _asked(request)
    return _told(request, version, written)


async def show_version_schema(request: Request) -> Response:
    """`GET /subjects/{subject}/versions/{version}/schema?deleted=`: nothing but the schema."""
    version, written = await _asked(request)
    return Response(written.text.encode(), 200, _life(request, version, written), media_type_for(request))


async def referenced_by(request: Request) -> Response:
    """`GET /subjects/{subject}/versions/{version}/referencedby`: the ids of the schemas that use it."""
    subjects = await current(request)
    version = version_in(subjects, subject_of(request), version_of(request), deleted=False)
    return answer(request, subjects.state.users_of(version.subject, version.number)[page(request)])


async def register(request: Request) -> Response:
    """`POST /subjects/{subject}/versions?normalize=`: its id."""
    gateway, principal = await signed_in(request)
    version = await gateway.registry.registering.register(principal, await wanted_of(request, subject_of(request)))
    return answer(request, {"id": version.schema.id, "version": version.number})


async def look_up(request: Request) -> Response:
    """`POST /subjects/{subject}?normalize=&deleted=`: the version that a schema is."""
    subjects = await current(request)
    gateway, _ = await signed_in(request)
    wanted = await wanted_of(request, subject_of(request))
    version = await gateway.registry.registering.look_up(wanted, deleted=flag(request, "deleted"))
    return _told(request, version, _written(subjects, version))


async def delete_subject(request: Request) -> Response:
    """`DELETE /subjects/{subject}?permanent=`: the numbers of the versions that are gone."""
    gateway, principal = await signed_in(request)
    permanent = flag(request, "permanent")
    gone = await gateway.registry.registering.delete(principal, subject_of(request), None, permanent=permanent)
    return answer(request, gone)


async def delete_version(request: Request) -> Response:
    """`DELETE /subjects/{subject}/versions/{version}?permanent=`: its number."""
    gateway, principal = await signed_in(request)
    subject, number = subject_of(request), version_of(request)
    if number is None:
        number = version_in(await current(request), subject, None, deleted=False).number
    permanent = flag(request, "permanent")
    gone = await gateway.registry.registering.delete(principal, subject, number, permanent=permanent)
    return answer(request, gone[0])


def version_in(subjects: Subjects, subject: str, number: int | None, *, deleted: bool) -> Version:
    """A version of a subject; None is the latest. RegistryFault."""
    known = subjects.state.versions(subject, deleted=deleted)
    if not known:
        raise faults.subject_not_found(subject)
    if number is None:
        return known[-1]
    found = subjects.state.version(subject, number)
    if found is None or (found.deleted and not deleted):
        raise faults.version_not_found(number)
    return found


def _told(request: Request, version: Version, written: Written) -> Response:
    return answer(request, told_version(version, written), headers=_life(request, version, written))


def _life(request: Request, version: Version, written: Written) -> dict[str, str]:
    """When the version ends, where it is one of the bus's own."""
    return subject_headers(gateway_of(request).directory(), version.subject, written.text)


async def _asked(request: Request) -> tuple[Version, Written]:
    subjects = await current(request)
    version = version_in(subjects, subject_of(request), version_of(request), deleted=flag(request, "deleted"))
    return version, _written(subjects, version)


def _written(subjects: Subjects, version: Version) -> Written:
    written = subjects.schema(version.schema.id)
    if written is None:
        raise faults.schema_not_found(version.schema.id)
    return written
