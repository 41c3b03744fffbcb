"""What changes the registry of schemas: registering, deleting, how compatible a subject has to stay, and its mode.

Each act is decided on what is known, and written with the number of acts that it was decided on: where somebody else's
came first, it is decided anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from contracts.compatibility import Mode
from contracts.ports import Subjects
from contracts.registry import faults
from contracts.registry.compatibility import conflicts
from contracts.registry.reading import Fit
from contracts.registry.records import Act, RegisteredSchema, RegistryRecord
from contracts.registry.state import GLOBAL_COMPATIBILITY, GLOBAL_MODE, READ_ONLY, RegistryState, Version
from contracts.registry.written import Reference, SchemaType
from gateway.intake import Principal
from gateway.registry.parsing import Parsing
from gateway.registry.rights import must_write

_TRIES: Final = 20
_MODES: Final = (GLOBAL_MODE, READ_ONLY)

Decided = TypeVar("Decided")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants to register or looks for. `id` and `version` are there where it would choose them itself."""

    subject: str
    kind: SchemaType
    text: str
    references: tuple[Reference, ...] = ()
    normalize: bool = False
    id: int | None = None
    version: int | None = None


class Registering:
    """Changes the registry. Used from one event loop."""

    def __init__(self, subjects: Subjects, parsing: Parsing, now_ms: Callable[[], int]) -> None:
        self._subjects = subjects
        self._parsing = parsing
        self._now_ms = now_ms
        self._turn = asyncio.Lock()

    async def register(self, principal: Principal, wanted: Wanted) -> Version:
        """The version that a schema is, a new one where it is none. RegistryFault, LogError.

        Whoever registers what is there already is told so and writes nothing, so no right to write is needed.
        """
        fit = await self._read(wanted)

        async def once() -> Version | None:
            state = self._subjects.state
            found = find(state, wanted.subject, fit, normalize=wanted.normalize)
            if found is not None:
                return found
            after = state.revision
            must_write(principal, "Write", wanted.subject, state)
            self._must_be_open(wanted, state)
            await self._must_follow(wanted.subject, fit)
            known = state.id_of_form(fit.form)
            schema_id = await self._subjects.number(fit.written) if known is None else known
            record = self._record(Act.REGISTERED, after, principal, wanted.subject, fit=fit.as_version(schema_id))
            counted = await self._subjects.put(record)
            return find(self._subjects.state, wanted.subject, fit, normalize=False) if counted else None

        return await self._decided(once)

    async def look_up(self, wanted: Wanted, *, deleted: bool) -> Version:
        """The version of a subject that a schema is. RegistryFault."""
        state = self._subjects.state
        if not state.versions(wanted.subject, deleted=deleted):
            raise faults.subject_not_found(wanted.subject)
        fit = await self._read(wanted)
        found = find(self._subjects.state, wanted.subject, fit, normalize=wanted.normalize, deleted=deleted)
        if found is None:
            raise faults.schema_not_found()
        return found

    async def compare(self, wanted: Wanted, version: Version | None) -> list[str]:
        """What keeps a schema from following one version (None: all those that its subject's compatibility names)."""
        fit = await self._read(wanted)
        if version is None:
            return await self._conflicts(wanted.subject, fit)
        return await self._conflicts(wanted.subject, fit, [version])

    async def delete(self, principal: Principal, subject: str, number: int | None, *, permanent: bool) -> list[int]:
        """Delete a version, or all of them (None): the numbers of those that were. RegistryFault, LogError."""

        async def once() -> list[int] | None:
            state = self._subjects.state
            must_write(principal, "Delete", subject, state)
            if effective_mode(state, subject) == READ_ONLY:
                raise faults.read_only(subject)
            chosen = _to_delete(state, subject, number, permanent=permanent)
            for each in chosen:
                if state.users_of(subject, each.number):
                    raise faults.referenced(subject, each.number)
            record = self._record(Act.DELETED, state.revision, principal, subject, version=number, permanent=permanent)
            return [each.number for each in chosen] if await self._subjects.put(record) else None

        return await self._decided(once)

    async def set_compatibility(self, principal: Principal, subject: str | None, value: str | None) -> str | None:
        """What a subject (None: all) has to hold from now on (None: what all do, or BACKWARD); answers what was set."""
        level = None if value is None else _level(value)

        async def once() -> tuple[str | None] | None:
            state = self._subjects.state
            must_write(principal, "WriteCompatibility", subject, state)
            before = state.compatibility(subject)
            if level is None and before is None and subject is not None:
                raise faults.config_not_found(subject)
            record = self._record(Act.COMPATIBILITY, state.revision, principal, subject, value=level)
            return (before,) if await self._subjects.put(record) else None

        return (await self._decided(once))[0]

    async def set_mode(self, principal: Principal, subject: str | None, value: str | None) -> str | None:
        """Whether a subject (None: all) can be written from now on; answers what was set before."""
        if value is not None and value.upper() not in _MODES:
            raise faults.invalid_mode()

        async def once() -> tuple[str | None] | None:
            state = self._subjects.state
            must_write(principal, "WriteMode", subject, state)
            before = state.mode(subject)
            if value is None and before is None and subject is not None:
                raise faults.mode_not_found(subject)
            told = None if value is None else value.upper()
            record = self._record(Act.MODE, state.revision, principal, subject, value=told)
            return (before,) if await self._subjects.put(record) else None

        return (await self._decided(once))[0]

    async def _decided(self, once: Callable[[], Awaitable[Decided | None]]) -> Decided:
        """Decide until it counts; None is not yet. What one process decides it decides one after the other."""
        async with self._turn:
            for _ in range(_TRIES):
                await self._subjects.caught_up()
                decided = await once()
                if decided is not None:
                    return decided
        raise faults.store_failed()

    async def _read(self, wanted: Wanted) -> Fit:
        fit = await self._parsing.read(wanted.kind, wanted.text, wanted.references)
        return fit.normalised() if wanted.normalize else fit

    def _must_be_open(self, wanted: Wanted, state: RegistryState) -> None:
        if effective_mode(state, wanted.subject) == READ_ONLY:
            raise faults.read_only(wanted.subject)
        if wanted.id is not None:
            raise faults.not_in_import_mode(wanted.subject)
        known = state.versions(wanted.subject, deleted=True)
        following = known[-1].number + 1 if known else 1
        if wanted.version is not None and wanted.version != following:
            raise faults.RegistryFault(
                faults.INVALID_SCHEMA, f"Version is not one more than previous version (it would be {following})"
            )

    async def _must_follow(self, subject: str, fit: Fit) -> None:
        told = await self._conflicts(subject, fit)
        if told:
            raise faults.incompatible(subject, told)

    async def _conflicts(self, subject: str, fit: Fit, versions: list[Version] | None = None) -> list[str]:
        state = self._subjects.state
        mode = Mode(effective_compatibility(state, subject))
        if mode is Mode.NONE:
            return []
        compared = state.versions(subject) if versions is None else versions
        earlier = await self._parsing.earlier(compared if mode.transitive else compared[-1:])
        return await asyncio.to_thread(conflicts, mode, fit, earlier)

    def _record(
        self,
        act: Act,
        after: int,
        principal: Principal,
        subject: str | None,
        *,
        fit: RegisteredSchema | None = None,
        version: int | None = None,
        permanent: bool = False,
        value: str | None = None,
    ) -> RegistryRecord:
        now_ms = self._now_ms()
        return RegistryRecord(act, after, principal.id, now_ms, subject, version, permanent, value, fit)


def find(state: RegistryState, subject: str, fit: Fit, *, normalize: bool, deleted: bool = False) -> Version | None:
    """The version of a subject that a schema is: its text or, where that is asked for, its normal form; the newest."""
    for version in reversed(state.versions(subject, deleted=deleted)):
        same = version.schema.form == fit.form
        if same or (normalize and version.schema.normal_form == fit.normal_form):
            return version
    return None


def effective_compatibility(state: RegistryState, subject: str | None) -> str:
    """What a subject has to hold."""
    return state.compatibility(subject) or state.compatibility(None) or GLOBAL_COMPATIBILITY


def effective_mode(state: RegistryState, subject: str | None) -> str:
    """Whether a subject can be written."""
    if subject is not None and state.of_the_bus(subject):
        return READ_ONLY
    return state.mode(subject) or state.mode(None) or GLOBAL_MODE


def _to_delete(state: RegistryState, subject: str, number: int | None, *, permanent: bool) -> list[Version]:
    known = state.versions(subject, deleted=True)
    if not known:
        raise faults.subject_not_found(subject)
    if number is not None:
        return [_one_to_delete(state, subject, number, permanent=permanent)]
    left = [each for each in known if not each.deleted]
    if permanent:
        if left:
            raise faults.subject_not_soft_deleted(subject)
        return known
    if not left:
        raise faults.subject_soft_deleted(subject)
    return left


def _one_to_delete(state: RegistryState, subject: str, number: int, *, permanent: bool) -> Version:
    version = state.version(subject, number)
    if version is None:
        raise faults.version_not_found(number)
    if permanent and not version.deleted:
        raise faults.version_not_soft_deleted(subject, number)
    if not permanent and version.deleted:
        raise faults.version_soft_deleted(subject, number)
    return version


def _level(value: str) -> str:
    try:
        return str(Mode(value.upper()))
    except ValueError:
        raise faults.invalid_compatibility() from None
