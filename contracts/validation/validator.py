"""The validator of a schema's records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum
from functools import cached_property

from contracts.codec import avro_of, decode
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
from contracts.validation.writers import GIVES_UP, Write, writer_of


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


@dataclass(frozen=True)
class Encoded:
    """A canonical record as Avro's bytes, with what `Valid` tells of it."""

    schema: Schema
    avro: bytes
    dropped: tuple[str, ...] = ()

    @cached_property
    def record(self) -> AvroRecord:
        """The record itself, made when somebody asks for it."""
        return decode(self.avro, self.schema)


class Validator:
    """Reads JSON as records of one schema; good for any number of records, in any thread.

    `zone` is the bus's time zone, in which a timestamp has its date. ValueError where the schema names a code list that
    is not among `codelists`.
    """

    def __init__(self, schema: Schema, zone: tzinfo, codelists: Mapping[str, CodeList]) -> None:
        self.schema = schema
        self._has_codes = False
        for record in records_in(schema.root):
            for field in record.fields:
                if field.codelist is None:
                    continue
                if field.codelist not in codelists:
                    raise ValueError(f"{schema.name}: {field.name} needs the code list {field.codelist}")
                self._has_codes = True
        self._codes = CodeCheck(codelists, zone)

    @cached_property
    def _read(self) -> Container:
        return Compiler().record(self.schema.root)

    @cached_property
    def _write(self) -> Write | None:
        return writer_of(self.schema)

    def encoded_json(
        self, body: bytes, *, now: datetime, extra: Extra = Extra.REFUSE, origin: Origin = Origin.GATEWAY
    ) -> Encoded:
        """The bytes of the record that `from_json` gives, in less time where it is good. Rejected as there."""
        errors = Errors()
        try:
            value = parse(body, errors)
        except (Unreadable, EnoughErrors):
            avro = None
        else:
            avro = None if errors.found else self._written(value, now)
        if avro is not None:
            return Encoded(self.schema, avro)
        return _encoded(self.schema, self.from_json(body, now=now, extra=extra, origin=origin))

    def encoded_value(
        self, value: JsonValue, *, now: datetime, extra: Extra = Extra.REFUSE, origin: Origin = Origin.GATEWAY
    ) -> Encoded:
        """The bytes of the record that `from_value` gives, in less time where it is good. Rejected as there."""
        avro = self._written(value, now)
        if avro is not None:
            return Encoded(self.schema, avro)
        return _encoded(self.schema, self.from_value(value, now=now, extra=extra, origin=origin))

    def _written(self, value: JsonValue, now: datetime) -> bytes | None:
        """The record's bytes where a writer has them; None where the readers must look."""
        if self._write is None:
            return None
        reading = Reading(drop=False, errors=Errors()) if self._has_codes else None
        try:
            avro = self._write(value, reading, None)
            if reading is not None:
                self._codes.check(reading, now)
        except (*GIVES_UP, EnoughErrors):
            return None
        return avro if reading is None or not reading.errors.found else None

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


def _encoded(schema: Schema, valid: Valid) -> Encoded:
    return Encoded(schema, avro_of(schema, valid.record), valid.dropped)


def _rejected(errors: list[FieldError], origin: Origin) -> Rejected:
    places = ", ".join(shown(error.pointer) or "the record" for error in errors[:5])
    more = f" and {len(errors) - 5} more" if len(errors) > 5 else ""
    return Rejected(f"the record does not fit its contract: {places}{more}", tuple(errors), origin=origin)
