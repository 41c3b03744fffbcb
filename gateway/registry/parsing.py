"""Schemas are read in threads of their own, one at a time: a large one keeps nobody else waiting for long."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from contracts.ports import Subjects
from contracts.registry.compatibility import Earlier
from contracts.registry.faults import RegistryFault, missing_reference
from contracts.registry.reading import Fit, Referred, read_schema
from contracts.registry.state import Version
from contracts.registry.written import Reference, SchemaType, Written

_MOST_REFERENCES: Final = 100
_KEPT_BYTES: Final = 4_000_000


class Parsing:
    """Reads what clients write, and what was registered before; what was read last is kept, up to 4 MB of text.

    Used from one event loop.
    """

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[str, Fit] = OrderedDict()
        self._kept_bytes = 0

    async def read(self, kind: SchemaType, text: str, references: tuple[Reference, ...]) -> Fit:
        """What a client wrote. RegistryFault (42201)."""
        numbered = tuple(self._numbered(each) for each in references)
        referred = self._all_referred(numbered, kind)
        async with self._turn:
            return await asyncio.to_thread(read_schema, kind, text, numbered, referred)

    async def earlier(self, versions: Iterable[Version]) -> list[Earlier]:
        """Registered versions, ready to be compared. RegistryFault where one cannot be read any more."""
        return [Earlier(each.number, await self._registered(each)) for each in versions]

    async def _registered(self, version: Version) -> Fit:
        written = self._subjects.schema(version.schema.id)
        if written is None:
            raise missing_reference("", version.subject, version.number)
        kept = self._kept.get(written.key)
        if kept is not None:
            self._kept.move_to_end(written.key)
            return kept
        fit = await self.read(written.type, written.text, written.references)
        self._keep(written, fit)
        return fit

    def _keep(self, written: Written, fit: Fit) -> None:
        self._kept[written.key] = fit
        self._kept_bytes += len(written.text)
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._kept_bytes -= len(gone.written.text)

    def _numbered(self, reference: Reference) -> Reference:
        """With the number of the latest version where that was asked for (-1)."""
        if reference.version != -1:
            return reference
        versions = self._subjects.state.versions(reference.subject)
        if not versions:
            raise missing_reference(reference.name, reference.subject, reference.version)
        return Reference(reference.name, reference.subject, versions[-1].number)

    def _all_referred(self, references: Sequence[Reference], kind: SchemaType) -> list[Referred]:
        """All that is needed, each after those that it needs itself; a version of a subject only once."""
        found: dict[tuple[str, str, int], Referred] = {}
        ahead: list[tuple[Reference, bool]] = [(each, False) for each in reversed(references)]
        while ahead:
            reference, ready = ahead.pop()
            key = (reference.name if kind is SchemaType.JSON else "", reference.subject, reference.version)
            if key in found:
                continue
            written = self._written(reference, kind)
            if ready:
                found[key] = Referred(reference.name, written)
                continue
            ahead.append((reference, True))
            ahead.extend((each, False) for each in reversed(written.references))
            if len(ahead) + len(found) > 2 * _MOST_REFERENCES:
                raise RegistryFault(42201, f"Invalid schema, details: more than {_MOST_REFERENCES} references")
        return list(found.values())

    def _written(self, reference: Reference, kind: SchemaType) -> Written:
        version = self._subjects.state.version(reference.subject, reference.version)
        written = None if version is None or version.deleted else self._subjects.schema(version.schema.id)
        if written is None or written.type is not kind:
            raise missing_reference(reference.name, reference.subject, reference.version)
        return written
