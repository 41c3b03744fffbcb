"""What the schema registry refuses, in the codes and words that its clients know (Confluent Schema Registry REST API).

Clients and their users look these sentences up as they stand, so they are said in English whoever asks; only what is
wrong *inside* a schema is said in the reader's language.
"""

from __future__ import annotations

from typing import Final

from contracts.errors import BusError
from contracts.said import Said

LARGEST: Final = 2**31 - 1

INVALID_SCHEMA: Final = 42201
INVALID_VERSION: Final = 42202
OPERATION_NOT_PERMITTED: Final = 42205
INCOMPATIBLE: Final = 409


class RegistryFault(BusError):
    """An answer that is not good: `code` is the registry's own, whose first three digits are the HTTP status.

    `details` is what is wrong inside of a schema, to be said in the reader's language after `message`.
    """

    def __init__(self, code: int, message: str, details: Said | str = "") -> None:
        super().__init__(f"{message}{details}")
        self.code = code
        self.message = message
        self.details = details

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(str(self.code)[:3])


def subject_not_found(subject: str) -> RegistryFault:
    """There is no such subject."""
    return RegistryFault(40401, f"Subject '{subject}' not found.")


def version_not_found(version: object) -> RegistryFault:
    """The subject has no such version."""
    return RegistryFault(40402, f"Version {version} not found.")


def schema_not_found(schema_id: int | None = None) -> RegistryFault:
    """There is no schema with that id, or not this schema."""
    return RegistryFault(40403, "Schema not found" if schema_id is None else f"Schema {schema_id} not found")


def subject_soft_deleted(subject: str) -> RegistryFault:
    """All versions are gone already, but not for good."""
    return RegistryFault(40404, f"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently")


def subject_not_soft_deleted(subject: str) -> RegistryFault:
    """Only what was deleted can be deleted for good."""
    return RegistryFault(40405, f"Subject '{subject}' was not deleted first before being permanently deleted")


def version_soft_deleted(subject: str, version: int) -> RegistryFault:
    """The version is gone already, but not for good."""
    return RegistryFault(
        40406,
        f"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently",
    )


def version_not_soft_deleted(subject: str, version: int) -> RegistryFault:
    """Only what was deleted can be deleted for good."""
    return RegistryFault(
        40407,
        f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted",
    )


def config_not_found(subject: str) -> RegistryFault:
    """The subject goes by the global compatibility."""
    return RegistryFault(40408, f"Subject '{subject}' does not have subject-level compatibility configured")


def mode_not_found(subject: str) -> RegistryFault:
    """The subject goes by the global mode."""
    return RegistryFault(40409, f"Subject '{subject}' does not have subject-level mode configured")


def invalid_version(version: str) -> RegistryFault:
    """No version is called that."""
    return RegistryFault(
        INVALID_VERSION,
        f"The specified version '{version}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"',
    )


def invalid_compatibility() -> RegistryFault:
    """There is no such compatibility."""
    return RegistryFault(
        42203,
        "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, "
        "forward_transitive, and full_transitive",
    )


def invalid_mode() -> RegistryFault:
    """There is no such mode here; ids come from the order of the log, so nobody can bring his own (IMPORT)."""
    return RegistryFault(42204, "Invalid mode. Valid values are READWRITE and READONLY")


def read_only(subject: str) -> RegistryFault:
    """Nothing can be registered there."""
    return RegistryFault(OPERATION_NOT_PERMITTED, f"Subject {subject} is in read-only mode")


def not_in_import_mode(subject: str) -> RegistryFault:
    """Nobody chooses an id."""
    return RegistryFault(OPERATION_NOT_PERMITTED, f"Subject {subject} is not in import mode")


def referenced(subject: str, version: int) -> RegistryFault:
    """Other schemas are made of it."""
    return RegistryFault(
        42206,
        f"One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}.",
    )


def invalid_subject(subject: str) -> RegistryFault:
    """The name of the subject cannot be used."""
    return RegistryFault(42208, f"The specified subject '{subject}' is not a valid subject.")


def invalid_schema(details: Said | str) -> RegistryFault:
    """The schema cannot be used; the details say where and why."""
    return RegistryFault(INVALID_SCHEMA, "Invalid schema, details: ", details)


def missing_reference(name: str, subject: str, version: int) -> RegistryFault:
    """A reference leads nowhere."""
    return RegistryFault(
        INVALID_SCHEMA,
        f'Invalid schema, details: No schema reference found for subject "{subject}" and version {version} '
        f"(reference '{name}')",
    )


def incompatible(subject: str, told: list[str]) -> RegistryFault:
    """The new version would break who reads or writes an earlier one."""
    return RegistryFault(
        INCOMPATIBLE,
        f'Schema being registered is incompatible with an earlier schema for subject "{subject}", '
        f"details: [{', '.join(told)}]",
    )


def unprocessable(why: str) -> RegistryFault:
    """The request itself cannot be used."""
    return RegistryFault(422, why)


def denied(operation: str, subject: str) -> RegistryFault:
    """Who asks may not do this."""
    return RegistryFault(40301, f"User is denied operation {operation} on Subject: {subject}")


def store_failed() -> RegistryFault:
    """The log cannot be read or written; whether something was stored is not known: the same request may be sent
    again, and a registration that had come through answers with its id."""
    return RegistryFault(50001, "Error in the backend data store")
