"""The words of every field error: what is wrong, and what to do about it.

One table by code, so that an error stored in the log years ago can still be read; its Vietnamese is in the catalogue.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

from contracts.errors import FieldError
from contracts.languages import Language
from contracts.said import N_, said_with
from contracts.speech import speech

__all__ = ["WORDINGS", "Language", "Wording", "worded", "wording_of"]


class Wording(NamedTuple):
    """What is wrong and the remedy; both are `str.format` templates over the error's parameters."""

    detail: str
    remedy: str


def worded(error: FieldError, language: Language) -> Wording:
    """The words for `error`. A code that this version does not know is shown as it is, with its parameters."""
    detail, remedy = wording_of(error)
    told = speech(language)
    return Wording(told.say(detail), told.say(remedy))


def wording_of(error: FieldError) -> Wording:
    """The words for `error`, which can still be said in either language."""
    wording = WORDINGS.get(error.code)
    if wording is None:
        text = ", ".join(f"{name}={value}" for name, value in error.params)
        return Wording(f"{error.code} {text}".strip(), "")
    params = dict(error.params)
    return Wording(said_with(wording.detail, params), said_with(wording.remedy, params))


WORDINGS: Final = MappingProxyType(
    {
        # the body as a whole
        "not_utf8": Wording(N_("The body is not UTF-8 (byte {position})."), N_("Send JSON in UTF-8.")),
        "not_json": Wording(
            N_("The body is not valid JSON: {reason}."), N_("Check brackets, commas and quotes near that position.")
        ),
        "too_deep": Wording(
            N_("The JSON is nested more than {limit} levels deep."), N_("Send the record in the shape of the contract.")
        ),
        "duplicate_key": Wording(N_("The name “{name}” occurs twice in one object."), N_("Keep exactly one value.")),
        # shape
        "missing": Wording(N_("The required field “{name}” is missing."), N_("Add it ({expected}).")),
        "unknown_field": Wording(
            N_("The field “{name}” is not in the contract."),
            N_("Remove it or correct its name; known fields: {allowed}."),
        ),
        "wrong_type": Wording(N_("The value must be {expected}, but {got} was sent."), N_("Send {expected}.")),
        "not_in_enum": Wording(N_("The value “{value}” is not one of the allowed ones."), N_("Use one of: {allowed}.")),
        "out_of_range": Wording(
            N_("The number is outside {minimum} to {maximum}."), N_("Send a number within that range.")
        ),
        "not_finite": Wording(N_("The number is too large or not finite."), N_("Send a finite number.")),
        "too_small": Wording(N_("The number is smaller than {minimum}."), N_("Send {minimum} or more.")),
        "too_large": Wording(N_("The number is larger than {maximum}."), N_("Send {maximum} or less.")),
        # text and bytes
        "pattern": Wording(
            N_("The text does not have the form of this field."),
            N_("Write it so that it fits {pattern}; the contract's description says what that is."),
        ),
        "lone_surrogate": Wording(
            N_("The text holds half of a surrogate pair, which is not valid Unicode."), N_("Send valid Unicode text.")
        ),
        "key_collision": Wording(
            N_("Two keys of the map are the same after Unicode normalisation (NFC): “{name}”."), N_("Keep one of them.")
        ),
        "too_many_marks": Wording(
            N_("The text has more than {limit} combining marks in a row."), N_("Send ordinary Unicode text, in NFC.")
        ),
        "base64": Wording(N_("The value is not strict base64."), N_("Use standard base64 with “=” padding.")),
        "fixed_size": Wording(
            N_("The value must be exactly {size} bytes, but is {got}."), N_("Send exactly {size} bytes.")
        ),
        "uuid": Wording(
            N_("“{value}” is not a UUID."), N_("Use the 8-4-4-4-12 form of lower-case hexadecimal digits.")
        ),
        # subscriptions
        "webhook_address": Wording(
            N_("“{value}” is no address of a webhook."),
            N_("Send one like https://host/path, without a query, a fragment, a name or a password."),
        ),
        "webhook_private": Wording(
            N_("{value} is a private address."),
            N_("Use a public one; private ones need the operators' word in bus.yaml."),
        ),
        "webhook_https": Wording(N_("{value} is not https."), N_("Use an https address.")),
        "delays_grow": Wording(
            N_("The delays must grow, each be there once, and at least one."), N_("Write the shortest first.")
        ),
        # numbers as text
        "decimal_format": Wording(
            N_("“{value}” is not a decimal in text."),
            N_('Send a string such as "1250.50": no leading zeros, no exponent, a decimal point.'),
        ),
        "decimal_precision": Wording(
            N_("The number does not fit {precision} digits with {scale} decimals."), N_("Send one that fits.")
        ),
        # time
        "date_format": Wording(N_("“{value}” is not a date."), N_("Use YYYY-MM-DD, for example 2025-07-01.")),
        "partial_date": Wording(
            N_("“{value}” is not a year, a month or a date."),
            N_("Use YYYY, YYYY-MM or YYYY-MM-DD; do not fill in what is not known."),
        ),
        "time_format": Wording(N_("“{value}” is not a time of day."), N_("Use HH:MM:SS.")),
        "timestamp_format": Wording(
            N_("“{value}” is not a timestamp."),
            N_("Use ISO 8601 with a T and an offset, for example 2025-07-01T08:00:00+07:00."),
        ),
        "timestamp_offset": Wording(N_("The timestamp “{value}” has no offset."), N_("Add one, for example +07:00.")),
        "too_precise": Wording(
            N_("“{value}” is finer than the {unit} that the contract keeps."),
            N_("Send at most {digits} digits after the second."),
        ),
        # code lists
        "unknown_code": Wording(
            N_("The code “{value}” is not in the code list {codelist}."), N_("Look the right code up in {codelist}.")
        ),
        "code_ended": Wording(
            N_("The code “{value}” ({name}) of {codelist} ended on {ended}; the date that governs it is {date}."),
            N_("Use what succeeded it: {successors}; or correct the date."),
        ),
        "code_not_yet": Wording(
            N_("The code “{value}” ({name}) of {codelist} is valid from {begins}; the date that governs it is {date}."),
            N_("Use a code in force on that date: {predecessors}; or correct the date."),
        ),
        "ambiguous_date": Wording(
            N_("The code “{value}” of {codelist} means different things within “{date}”."),
            N_("Send a fuller date, or choose one of: {meanings}."),
        ),
        "ambiguous_code": Wording(
            N_("The code “{value}” ({name}) corresponds to several codes of {codelist} as of {date}: {meanings}."),
            N_("Choose one of them and send it with its date; the bus never picks."),
        ),
        "no_conversion": Wording(
            N_("The code “{value}” ({name}) has no counterpart in {codelist} as of {date}."),
            N_("Check the code and its date; if both are right, tell the keeper of the code list."),
        ),
        "no_code": Wording(
            N_("“{name}” of {codelist} has no code as of {date}."),
            N_("Ask the keeper of the receiving system how it records what was never given a code."),
        ),
        # mapping
        "map_missing": Wording(N_("There is no value at “{path}”, which the receiving system needs."), N_("Add it.")),
        "map_format": Wording(
            N_("The value “{value}” is not of the form {expected}."), N_("Send a value of that form.")
        ),
        "map_fraction": Wording(
            N_("“{value}” is finer than “{expected}” can tell."), N_("Send it without the rest of the second.")
        ),
        "map_table": Wording(N_("The value “{value}” is not in the conversion table."), N_("Use one of: {allowed}.")),
        "map_codelist": Wording(
            N_("The adapter uses the code list {codelist}, which this bus does not have."), N_("Tell the integrator.")
        ),
        # rows and files of a source
        "row_cells": Wording(
            N_("The row has {got} cells, but the header has {expected} columns."),
            N_("Check the row's delimiters and quotes."),
        ),
        "row_quote": Wording(
            N_("A {quote} in the row is not closed within {lines} lines, or stands in the wrong place."),
            N_("Close it; within a cell write it twice."),
        ),
        "row_long": Wording(
            N_("The line is longer than {limit} characters."), N_("Check how the file ends its lines.")
        ),
        "row_nul": Wording(N_("The row holds a NUL byte."), N_("Export the row again.")),
        "row_encoding": Wording(
            N_("The row holds what cannot be read as {encoding}."), N_("Export the row again in {encoding}.")
        ),
        "row_failed": Wording(
            N_("The bus failed on this row: {error}."),
            N_("Tell the operator, with the row's number and the file's name."),
        ),
        "row_refused": Wording(
            N_("The bus refused this row: {reason}."), N_("See the reason, correct the row and bring it again.")
        ),
        "file_empty": Wording(N_("The file is empty."), N_("Export it again.")),
        "file_not_text": Wording(N_("The file is no text in {encoding}."), N_("Check its format and its encoding.")),
        "file_no_header": Wording(
            N_("There is no header that names the columns."),
            N_("Add one, or name them under columns in the configuration."),
        ),
        "file_strange_header": Wording(
            N_("The header has none of the columns that are needed: {wanted}."),
            N_("Add a header, or name the columns under columns in the configuration."),
        ),
        "file_nameless_column": Wording(N_("Column {number} has no name."), N_("Name every column in the header.")),
        "file_repeated_column": Wording(
            N_("The column “{name}” is in the header twice."), N_("Give every column a name of its own.")
        ),
        "file_columns": Wording(
            N_("The header has {got} columns, more than {limit}."), N_("Check the file's delimiters and ends of lines.")
        ),
        "file_workbook": Wording(
            N_("The workbook cannot be read: {reason}."),
            N_("Open it in a spreadsheet program and save it as .xlsx again."),
        ),
        "file_bomb": Wording(N_("The workbook unpacks to more than {limit} MB."), N_("Split it, or send CSV.")),
        "file_sheet": Wording(
            N_("The workbook has no sheet “{name}”; its sheets: {known}."),
            N_("Correct the name in the file or in the configuration."),
        ),
        # a submission that somebody took back
        "withdrawn": Wording(
            N_("Withdrawn by {by}: {why}."),
            N_("Where it is wanted all the same, send it again with a new Idempotency-Key."),
        ),
        # headers and what a provider says in its own words
        "header_missing": Wording(
            N_("The HTTP header {name} is missing, and this contract requires it."),
            N_("Send {name}; /openapi.json says what it means."),
        ),
        "provider": Wording(N_("{text}"), N_("See what the provider answered.")),
    }
)
