"""The validator of a schema's records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum
from functools import cached_property

from contracts.codelists import CodeList
from contracts.errors import FieldError, Origin, Rejected
from contracts.json_types import JsonValue
from contracts.records import AvroRecord
from contracts.schema import Schema, records_in
from contracts.validation.codes import CodeCheck
from contracts.validation.discretion import unquoted
from contracts.validation.found import EnoughErrors, Errors
from contracts.validation.misfit import Misfit, shown
from contracts.validation.parsing import Unreadable, parse
from contracts.validation.readers import Compiler, Container, Reading


class Extra(Enum):
    """What becomes of fields that the schema does not have."""

    REFUSE = "refuse"
    DROP_AND_REPORT = "drop_and_report"


@dataclass(frozen=True, slots=True)
class Valid:
    """A canonical record, as Avro stores it, and the pointers of the fields that were dropped from what was sent.

    Of very many, `dropped` has the first ones.
    """

    record: AvroRecord
    dropped: tuple[str, ...]


class Validator:
    """Reads JSON as records of one schema; good for any number of records, in any thread.

    `zone` is the bus's time zone, in which a timestamp has its date. ValueError where the schema names a code list that
    is not among `codelists`.
    """

    def __init__(self, schema: Schema, zone: tzinfo, codelists: Mapping[str, CodeList]) -> None:
        self.schema = schema
        for record in records_in(schema.root):
            for field in record.fields:
                if field.codelist is not None and field.codelist not in codelists:
                    raise ValueError(f"{schema.name}: {field.name} needs the code list {field.codelist}")
        self._codes = CodeCheck(codelists, zone)

    @cached_property
    def _read(self) -> Container:
        return Compiler().record(self.schema.root)

    def from_json(
        self, body: bytes, *, now: datetime, extra: Extra = Extra.REFUSE, origin: Origin = Origin.GATEWAY
    ) -> Valid:
        """The record in a JSON text. Rejected with every error, and nothing else, whatever the bytes are.

        Of very many errors, Rejected has the first ones.
        `now` is when the message was sent: the date of codes that are governed by it. `origin` is who refuses.
        """
        errors = Errors()
        try:
            value = parse(body, errors)
        except Unreadable as unreadable:
            raise _rejected([unreadable.error], origin) from None
        except EnoughErrors:
            raise _rejected(errors.found, origin) from None
        return self._valid(value, errors, now, extra, origin)

    def from_value(
        self, value: JsonValue, *, now: datetime, extra: Extra = Extra.REFUSE, origin: Origin = Origin.GATEWAY
    ) -> Valid:
        """The record in a JSON value. Rejected as `from_json`, and nothing else, whatever it is."""
        return self._valid(value, Errors(), now, extra, origin)

    def _valid(self, value: JsonValue, errors: Errors, now: datetime, extra: Extra, origin: Origin) -> Valid:
        reading = Reading(extra is Extra.DROP_AND_REPORT, errors)
        record: AvroRecord = {}
        try:
            record = self._read(value, "", reading, None)
            self._codes.check(reading, now)
        except Misfit as misfit:
            errors.found.append(misfit.at(""))
        except EnoughErrors:
            pass
        if errors.found:
            raise _rejected([unquoted(self.schema, each) for each in errors.found], origin)
        return Valid(record, tuple(reading.dropped))


def _rejected(errors: list[FieldError], origin: Origin) -> Rejected:
    places = ", ".join(shown(error.pointer) or "the record" for error in errors[:5])
    more = f" and {len(errors) - 5} more" if len(errors) > 5 else ""
    return Rejected(f"the record does not fit its contract: {places}{more}", tuple(errors), origin=origin)
