"""The bus's own records: written as Avro, read back as they were, and readable by who knows only the schema."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.canonical import to_json
from contracts.codec import decode, encode, split
from contracts.errors import FieldError, Origin
from contracts.outcome import Outcome, Pattern, Result, State
from contracts.records import (
    MARK,
    OWN_SCHEMAS,
    RESULT,
    SOURCE_NOTE,
    STEP,
    FileProgress,
    Mark,
    MarkKind,
    SourceNote,
    SourceNoteKind,
    Step,
    StepKind,
    mark_from_avro,
    mark_to_avro,
    result_from_avro,
    result_to_avro,
    source_note_from_avro,
    source_note_to_avro,
    step_from_avro,
    step_to_avro,
)
from contracts.schema import parse_schema

TEXT = st.text(max_size=8)
ERRORS = st.builds(
    FieldError,
    TEXT,
    TEXT,
    st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
    st.lists(TEXT, max_size=2).map(tuple),
)
RESULTS = st.builds(
    Result,
    outcome=st.sampled_from(Outcome),
    record=st.none(),
    reason=TEXT,
    ground=TEXT,
    origin=st.none() | st.sampled_from(Origin),
    errors=st.lists(ERRORS, max_size=2).map(tuple),
    warnings=st.lists(TEXT, max_size=2).map(tuple),
)
quick = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@quick
@given(RESULTS)
def test_a_result_comes_back_as_it_was(result: Result) -> None:
    """With every field error, so that it can be told in either language years later."""
    schema = parse_schema(RESULT)
    assert result_from_avro(decode(split(encode(1, schema, result_to_avro(result)))[1], schema)) == result


@quick
@given(st.builds(Mark, st.sampled_from(MarkKind), TEXT, st.none() | RESULTS))
def test_a_mark_comes_back_as_it_was(mark: Mark) -> None:
    """With the outcome, where it has one."""
    schema = parse_schema(MARK)
    assert mark_from_avro(decode(split(encode(1, schema, mark_to_avro(mark)))[1], schema)) == mark


@quick
@given(
    st.builds(
        Step,
        st.sampled_from(StepKind),
        TEXT,
        TEXT,
        TEXT,
        st.none() | st.sampled_from(Outcome),
        st.lists(TEXT, max_size=2).map(tuple),
    )
)
def test_a_step_comes_back_as_it_was(step: Step) -> None:
    """Refusals, failed attempts and what operators did."""
    schema = parse_schema(STEP)
    assert step_from_avro(decode(split(encode(1, schema, step_to_avro(step)))[1], schema)) == step


COUNTS = st.integers(0, 2**63 - 1)
PROGRESS = st.builds(FileProgress, TEXT, TEXT, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)


@quick
@given(
    st.builds(
        SourceNote,
        TEXT,
        st.sampled_from(SourceNoteKind),
        TEXT,
        COUNTS,
        TEXT,
        st.none() | PROGRESS,
        st.lists(st.tuples(TEXT, st.integers(0, 9), COUNTS), max_size=2).map(tuple),
    )
)
def test_a_sources_note_comes_back_as_it_was(note: SourceNote) -> None:
    """How far each file is, for whoever reads it on."""
    schema = parse_schema(SOURCE_NOTE)
    assert source_note_from_avro(decode(split(encode(1, schema, source_note_to_avro(note)))[1], schema)) == note


def test_anybody_with_the_schema_reads_them_as_json() -> None:
    """Outcomes are words, not numbers."""
    schema = parse_schema(RESULT)
    shown = to_json(
        schema, result_to_avro(Result(Outcome.WITHHELD, reason="vì", ground="Điều 1", origin=Origin.PROVIDER)), UTC
    )
    assert shown == {
        "outcome": "withheld",
        "reason": "vì",
        "ground": "Điều 1",
        "origin": "provider",
        "errors": [],
        "warnings": [],
    }


def test_each_own_record_has_a_name_of_its_own() -> None:
    """The registry tells them apart by it."""
    assert len({parse_schema(text).name for text in OWN_SCHEMAS}) == len(OWN_SCHEMAS)


@pytest.mark.parametrize(
    ("words", "spelled"),
    [
        (Outcome, "data no_data withheld delivered refused failed expired in_doubt"),
        (State, "accepted in_progress retrying settled"),
        (Pattern, "query submission event"),
        (Origin, "gateway bus provider"),
        (MarkKind, "started not_sent handed_on settled"),
        (SourceNoteKind, "held released reading done grew repeated refused changed gone"),
    ],
)
def test_the_words_on_the_log_are_the_agreed_ones(
    words: type[Outcome | State | Pattern | Origin | MarkKind | SourceNoteKind], spelled: str
) -> None:
    """They outlive the code: a changed spelling would make old logs unreadable."""
    assert " ".join(words) == spelled
