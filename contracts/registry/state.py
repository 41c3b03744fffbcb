"""The subjects of the registry as the records of its channel made them: a fold, the same in every process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from contracts.registry.records import THE_BUS, Act, RegisteredSchema, RegistryRecord

GLOBAL_COMPATIBILITY: Final = "BACKWARD"
GLOBAL_MODE: Final = "READWRITE"
READ_ONLY: Final = "READONLY"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a subject. `deleted`: softly; what is deleted for good is not here any more."""

    subject: str
    number: int
    schema: RegisteredSchema
    deleted: bool = False


class RegistryState:
    """What the records say so far. Every question is answered from memory."""

    def __init__(self) -> None:
        self.revision = 0
        self._subjects: dict[str, dict[int, Version]] = {}
        self._by_id: dict[int, dict[tuple[str, int], None]] = {}
        self._by_form: dict[bytes, int] = {}
        self._users: dict[tuple[str, int], dict[int, None]] = {}
        self._buss: set[str] = set()
        self._compatibility: dict[str | None, str] = {}
        self._mode: dict[str | None, str] = {}

    def apply(self, record: RegistryRecord) -> bool:
        """Take a record in; whether it counted."""
        if record.after != self.revision:
            return False
        self.revision += 1
        if record.act is Act.REGISTERED:
            self._register(record)
        elif record.act is Act.DELETED:
            self._delete(record)
        else:
            kept = self._compatibility if record.act is Act.COMPATIBILITY else self._mode
            if record.value is None:
                kept.pop(record.subject, None)
            else:
                kept[record.subject] = record.value
        return True

    def subjects(self, *, deleted: bool = False, only_deleted: bool = False) -> list[str]:
        """The names of the subjects, sorted; those that are deleted too, or alone, where that is asked for."""
        return sorted(
            name
            for name, versions in self._subjects.items()
            if _wanted([each.deleted for each in versions.values()], deleted=deleted, only=only_deleted)
        )

    def versions(self, subject: str, *, deleted: bool = False) -> list[Version]:
        """The versions of a subject, the oldest first; [] where there is no such subject."""
        known = self._subjects.get(subject, {})
        return [each for _, each in sorted(known.items()) if deleted or not each.deleted]

    def version(self, subject: str, number: int) -> Version | None:
        """One version, deleted or not."""
        return self._subjects.get(subject, {}).get(number)

    def with_id(self, schema_id: int) -> list[Version]:
        """The versions that a schema is, deleted or not, by subject and number."""
        return [self._subjects[name][number] for name, number in sorted(self._by_id.get(schema_id, ()))]

    def was_registered(self, schema_id: int) -> bool:
        """Whether a schema is, or ever was, a version of a subject."""
        return schema_id in self._by_id

    def id_of_form(self, form: bytes) -> int | None:
        """The id that a schema of this form has, or had, in any subject, however its text is laid out."""
        return self._by_form.get(form)

    def users_of(self, subject: str, number: int) -> list[int]:
        """The ids of the schemas that refer to a version and are still there."""
        return sorted(each for each in self._users.get((subject, number), ()) if self._by_id.get(each))

    def of_the_bus(self, subject: str) -> bool:
        """Whether a subject follows from the contracts."""
        return subject in self._buss

    def compatibility(self, subject: str | None) -> str | None:
        """What was set for a subject (None: for all)."""
        return self._compatibility.get(subject)

    def mode(self, subject: str | None) -> str | None:
        """What was set for a subject (None: for all)."""
        return self._mode.get(subject)

    def all_versions(self, *, deleted: bool = False) -> Iterator[Version]:
        """Every version of every subject, by name and number."""
        for name in sorted(self._subjects):
            yield from self.versions(name, deleted=deleted)

    def _register(self, record: RegistryRecord) -> None:
        subject, schema = record.subject, record.registered
        if subject is None or schema is None:
            return
        versions = self._subjects.setdefault(subject, {})
        number = max(versions, default=0) + 1
        versions[number] = Version(subject, number, schema)
        self._by_id.setdefault(schema.id, {})[subject, number] = None
        self._by_form.setdefault(schema.form, schema.id)
        for each in schema.references:
            self._users.setdefault((each.subject, each.version), {})[schema.id] = None
        if record.actor == THE_BUS:
            self._buss.add(subject)

    def _delete(self, record: RegistryRecord) -> None:
        if record.subject is None:
            return
        versions = self._subjects.get(record.subject, {})
        chosen = list(versions) if record.version is None else [record.version]
        for number in (each for each in chosen if each in versions):
            version = versions[number]
            if record.permanent:
                del versions[number]
                self._by_id[version.schema.id].pop((record.subject, number))
            else:
                versions[number] = replace(version, deleted=True)
        if record.version is None:
            self._compatibility.pop(record.subject, None)
            self._mode.pop(record.subject, None)
        if not versions:
            self._subjects.pop(record.subject, None)


def _wanted(deleted_each: list[bool], *, deleted: bool, only: bool) -> bool:
    is_deleted = all(deleted_each)
    return is_deleted if only else deleted or not is_deleted
