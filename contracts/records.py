"""The bus's own records. They are Avro too, in the same wire format as everybody else's.

| channel | value |
|---|---|
| `event.<contract>`, `in.<system>`, `in.<system>.<contract>`, `retry.<delay>`, `dead` | the contract's request record |
| `reply` | the contract's reply record (header `ce_outcome` is ``data``), else a `Result` |
| `settled.<system>`, `settled.<system>.<contract>` | a `Mark` |
| `journal` | a `Step`, or a `Supplied` batch |
| `withdrawals` | the `Step` that asks, under the headers of the submission's request |
| `status` | a `Status` |
| `sources` | a `SourceNote` |
| `subscriptions` | a `Subscription` (see `contracts.subscriptions`) |
| `config` | a `ConfigPart`, or a `Manifest` (see `contracts.configuration`) |
| `config-status` | a `ConfigStatus` (see there too) |
| `registry` | a `RegistryRecord` (see `contracts.registry.records`) |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from contracts.errors import FieldError, Origin
from contracts.outcome import Outcome, Result

AvroRecord = dict[str, Any]
"""What fastavro takes and gives. Its values are whatever the schema says: the one place where `Any` is honest."""


class MarkKind(StrEnum):
    """What became of one attempt at a submission."""

    STARTED = "started"
    NOT_SENT = "not_sent"
    HANDED_ON = "handed_on"
    SETTLED = "settled"


class StepKind(StrEnum):
    """What the journal tells; each leaves no message of its own anywhere else."""

    REFUSED = "refused"
    ATTEMPT_FAILED = "attempt_failed"
    FIELDS_DROPPED = "fields_dropped"
    CONFLICT = "conflict"
    DEAD_RETRIED = "dead_retried"
    DEAD_DROPPED = "dead_dropped"
    RESOLVED = "resolved"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    SUBSCRIPTION = "subscription"
    CONFIGURATION = "configuration"
    VIEWED = "viewed"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_REFUSED = "sign_in_refused"
    TRIED = "tried"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a step


OF_NO_EXCHANGE: Final = frozenset(
    {
        StepKind.REFUSED,
        StepKind.SUBSCRIPTION,
        StepKind.CONFIGURATION,
        StepKind.VIEWED,
        StepKind.SIGNED_IN,
        StepKind.SIGNED_OUT,
        StepKind.SIGN_IN_REFUSED,
        StepKind.TRIED,
        StepKind.PASSWORD_CHANGED,
    }
)
"""Steps that change nothing about an exchange: what was refused at the door is none, and what people do to
subscriptions or the configuration, see, or sign in for neither begins nor ends one."""


_FIELD_ERROR: Final = """{"type": "record", "name": "FieldError", "fields": [
    {"name": "pointer", "type": "string"},
    {"name": "code", "type": "string"},
    {"name": "params", "type": {"type": "array", "items": {"type": "record", "name": "Param", "fields": [
        {"name": "name", "type": "string"}, {"name": "value", "type": "string"}]}}},
    {"name": "candidates", "type": {"type": "array", "items": "string"}}]}"""

_RESULT_FIELDS: Final = f"""
    {{"name": "outcome", "type": "string"}},
    {{"name": "reason", "type": "string", "default": ""}},
    {{"name": "ground", "type": "string", "default": ""}},
    {{"name": "origin", "type": ["null", "string"], "default": null}},
    {{"name": "errors", "type": {{"type": "array", "items": {_FIELD_ERROR}}}, "default": []}},
    {{"name": "warnings", "type": {{"type": "array", "items": "string"}}, "default": []}}"""

RESULT: Final = f"""{{"type": "record", "name": "Result", "namespace": "vn.lienthong", "fields": [{_RESULT_FIELDS}]}}"""

MARK: Final = f"""{{"type": "record", "name": "Mark", "namespace": "vn.lienthong", "fields": [
    {{"name": "mark", "type": "string"}},
    {{"name": "detail", "type": "string", "default": ""}},
    {{"name": "result", "type": ["null", {{"type": "record", "name": "Result", "fields": [{_RESULT_FIELDS}]}}],
      "default": null}}]}}"""

STEP: Final = """{"type": "record", "name": "Step", "namespace": "vn.lienthong", "fields": [
    {"name": "step", "type": "string"},
    {"name": "place", "type": "string"},
    {"name": "actor", "type": "string", "default": ""},
    {"name": "detail", "type": "string", "default": ""},
    {"name": "outcome", "type": ["null", "string"], "default": null},
    {"name": "pointers", "type": {"type": "array", "items": "string"}, "default": []}]}"""

SUPPLIED: Final = """{"type": "record", "name": "Supplied", "namespace": "vn.lienthong", "fields": [
    {"name": "entries", "type": {"type": "array", "items": {"type": "record", "name": "Entry", "fields": [
        {"name": "exchange", "type": "string"},
        {"name": "system", "type": "string"},
        {"name": "grant", "type": "string"},
        {"name": "outcome", "type": "string"},
        {"name": "time_ms", "type": "long"}]}}}]}"""

STATUS: Final = """{"type": "record", "name": "Status", "namespace": "vn.lienthong", "fields": [
    {"name": "instance", "type": "string"},
    {"name": "time_ms", "type": "long"},
    {"name": "inboxes", "type": {"type": "array", "items": {"type": "record", "name": "Inbox", "fields": [
        {"name": "system", "type": "string"},
        {"name": "partition", "type": "int"},
        {"name": "backlog", "type": "long"},
        {"name": "breaker_open_s", "type": "double", "default": 0.0},
        {"name": "ordered", "type": ["null", "string"], "default": null}]}}}]}"""

METRICS: Final = """{"type": "record", "name": "Metrics", "namespace": "vn.lienthong", "fields": [
    {"name": "process", "type": "string"},
    {"name": "time_ms", "type": "long"},
    {"name": "part", "type": "int"},
    {"name": "parts", "type": "int"},
    {"name": "text", "type": "string"}]}"""

SOURCE_NOTE: Final = """{"type": "record", "name": "SourceNote", "namespace": "vn.lienthong", "fields": [
    {"name": "source", "type": "string"},
    {"name": "note", "type": "string"},
    {"name": "holder", "type": "string"},
    {"name": "time_ms", "type": "long"},
    {"name": "detail", "type": "string", "default": ""},
    {"name": "file", "type": ["null", {"type": "record", "name": "FileProgress", "fields": [
        {"name": "name", "type": "string"},
        {"name": "sha256", "type": "string"},
        {"name": "bytes", "type": "long"},
        {"name": "inode", "type": "long"},
        {"name": "mtime_ns", "type": "long"},
        {"name": "skipped", "type": "long"},
        {"name": "rows", "type": "long"},
        {"name": "events", "type": "long"},
        {"name": "rejected", "type": "long"},
        {"name": "repeated", "type": "long"},
        {"name": "closed", "type": "long"}]}], "default": null},
    {"name": "since", "type": {"type": "array", "items": {"type": "record", "name": "Since", "fields": [
        {"name": "channel", "type": "string"},
        {"name": "partition", "type": "int"},
        {"name": "offset", "type": "long"}]}}, "default": []}]}"""

OWN_SCHEMAS: Final = (RESULT, MARK, STEP, SUPPLIED, STATUS, SOURCE_NOTE)


class SourceNoteKind(StrEnum):
    """What a source tells of itself and of its files. `grew`: what there was of it is done, and more follows."""

    HELD = "held"
    RELEASED = "released"
    READING = "reading"
    DONE = "done"
    GREW = "grew"
    REPEATED = "repeated"
    REFUSED = "refused"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far a file is. `rows` were dealt with one after the other from its beginning: rows = events + rejected +
    repeated, without the first `skipped`, which were dealt with when the file was shorter.

    `bytes` is how much of the file `sha256` is over; `inode` and `mtime_ns` tell one delivery of it from another.
    `repeated` are rows whose own key the bus knew before. `closed` rows, from the beginning of the file, had an end:
    if it grows, it is read on after these.
    """

    name: str
    sha256: str
    bytes: int
    inode: int
    mtime_ns: int
    skipped: int = 0
    rows: int = 0
    events: int = 0
    rejected: int = 0
    repeated: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A note on `sources`, keyed by the source's id. `holder` is the process that has the source.

    `since`: no row after `file.rows` lies before these offsets, by (channel, partition).
    """

    source: str
    kind: SourceNoteKind
    holder: str
    time_ms: int
    detail: str = ""
    file: FileProgress | None = None
    since: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark beside an inbox; `result` is there exactly where `kind` is settled."""

    kind: MarkKind
    detail: str = ""
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the journal. `actor` is the system or person behind it; `outcome` what an operator decided."""

    kind: StepKind
    place: str
    actor: str = ""
    detail: str = ""
    outcome: Outcome | None = None
    pointers: tuple[str, ...] = ()


def result_to_avro(result: Result) -> AvroRecord:
    """`Result` as an Avro record; the provider's own record is not part of it."""
    return {
        "outcome": str(result.outcome),
        "reason": result.reason,
        "ground": result.ground,
        "origin": None if result.origin is None else str(result.origin),
        "errors": [
            {
                "pointer": error.pointer,
                "code": error.code,
                "params": [{"name": name, "value": value} for name, value in error.params],
                "candidates": list(error.candidates),
            }
            for error in result.errors
        ],
        "warnings": list(result.warnings),
    }


def result_from_avro(record: Mapping[str, Any]) -> Result:
    """The `Result` that `result_to_avro` wrote."""
    return Result(
        outcome=Outcome(record["outcome"]),
        reason=record["reason"],
        ground=record["ground"],
        origin=None if record["origin"] is None else Origin(record["origin"]),
        errors=tuple(
            FieldError(
                error["pointer"],
                error["code"],
                tuple((param["name"], param["value"]) for param in error["params"]),
                tuple(error["candidates"]),
            )
            for error in record["errors"]
        ),
        warnings=tuple(record["warnings"]),
    )


def mark_to_avro(mark: Mark) -> AvroRecord:
    """`Mark` as an Avro record."""
    result = None if mark.result is None else result_to_avro(mark.result)
    return {"mark": str(mark.kind), "detail": mark.detail, "result": result}


def mark_from_avro(record: Mapping[str, Any]) -> Mark:
    """The `Mark` that `mark_to_avro` wrote."""
    result = None if record["result"] is None else result_from_avro(record["result"])
    return Mark(MarkKind(record["mark"]), record["detail"], result)


def step_to_avro(step: Step) -> AvroRecord:
    """`Step` as an Avro record."""
    return {
        "step": str(step.kind),
        "place": step.place,
        "actor": step.actor,
        "detail": step.detail,
        "outcome": None if step.outcome is None else str(step.outcome),
        "pointers": list(step.pointers),
    }


def step_from_avro(record: Mapping[str, Any]) -> Step:
    """The `Step` that `step_to_avro` wrote."""
    outcome = None if record["outcome"] is None else Outcome(record["outcome"])
    return Step(
        StepKind(record["step"]),
        record["place"],
        record["actor"],
        record["detail"],
        outcome,
        tuple(record["pointers"]),
    )


def source_note_to_avro(note: SourceNote) -> AvroRecord:
    """`SourceNote` as an Avro record."""
    return {
        "source": note.source,
        "note": str(note.kind),
        "holder": note.holder,
        "time_ms": note.time_ms,
        "detail": note.detail,
        "file": None if note.file is None else asdict(note.file),
        "since": [{"channel": name, "partition": number, "offset": offset} for name, number, offset in note.since],
    }


def source_note_from_avro(record: Mapping[str, Any]) -> SourceNote:
    """The `SourceNote` that `source_note_to_avro` wrote."""
    return SourceNote(
        source=record["source"],
        kind=SourceNoteKind(record["note"]),
        holder=record["holder"],
        time_ms=record["time_ms"],
        detail=record["detail"],
        file=None if record["file"] is None else FileProgress(**record["file"]),
        since=tuple((each["channel"], each["partition"], each["offset"]) for each in record["since"]),
    )
