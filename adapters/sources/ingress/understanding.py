"""From bytes that a stranger's producer wrote to a record of the contract, or the reason why they are none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from contracts.avro_any import any_schema
from contracts.canonical import to_json
from contracts.catalogue import Contract, ContractVersion
from contracts.codec import Malformed, decode, split
from contracts.compatibility import reading
from contracts.errors import Rejected, UnknownSchema
from contracts.json_types import JsonValue
from contracts.ports import Schemas


@dataclass(frozen=True, slots=True)
class Understood:
    """A record as the contract's major version has it."""

    major: int
    record: JsonValue


class Understanding:
    """Reads what is written for one contract, of which `majors` may be published, the highest first.

    What was written with the schema of one of them is of that version; anything else is read as the highest, where that
    reads all that the writer's schema can say.
    """

    def __init__(self, contract: Contract, majors: tuple[int, ...], schemas: Schemas, zone: tzinfo) -> None:
        self._versions = [contract.versions[major] for major in majors]
        self._schemas = schemas
        self._zone = zone
        self._of_writer: dict[int, ContractVersion | str] = {}

    @property
    def major(self) -> int:
        """The version that is meant where nothing can be read."""
        return self._versions[0].major

    async def read(self, value: bytes) -> Understood:
        """The record. Rejected with the reason; LogError."""
        try:
            schema_id, payload = split(value)
            writer = await self._schemas.schema(schema_id)
            version = self._of_writer.get(schema_id)
            if version is None:
                version = self._of_writer[schema_id] = self._chosen(schema_id, writer.text)
            if isinstance(version, str):
                raise Rejected(version)
            known = version.request
            record = decode(payload, writer, None if writer == known else known)
            return Understood(version.major, to_json(known, record, self._zone))
        except (Malformed, UnknownSchema) as error:
            raise Rejected(str(error)) from error

    def _chosen(self, schema_id: int, writer: str) -> ContractVersion | str:
        for version in self._versions:
            if self._schemas.id_of(version.request) == schema_id:
                return version
        highest = self._versions[0]
        found = reading(any_schema(highest.request.text), any_schema(writer))
        if found:
            return (
                f"schema id {schema_id} cannot be read as version {highest.major}: {found[0].path}: {found[0].message}"
            )
        return highest
