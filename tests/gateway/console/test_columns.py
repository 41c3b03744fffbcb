"""One record in three columns, and the lines that join what belongs together."""

from __future__ import annotations

from contracts.codelists import read_code_list
from contracts.errors import field_error
from contracts.json_types import JsonObject
from contracts.schema import parse_schema
from contracts.wording import Language
from gateway.console.columns import ROW, Attempt, Columns, columns_of, hidden
from gateway.console.receiving import Pair, Received

WARDS = read_code_list(
    "wards",
    """\
id,code,name,valid_from,valid_to,successors
20404@2024,20404,Phường Cẩm Phô,,2025-07-01,20410@2025
20410@2024,20410,Phường Sơn Phong,,2025-07-01,20410@2025
20410@2025,20410,Phường Hội An,2025-07-01,,
""",
)
SCHEMA = parse_schema(
    """{"type": "record", "name": "Transfer", "fields": [
    {"name": "student", "type": "string"},
    {"name": "home_ward", "type": "string", "codelist": "wards", "on": "/home_ward_on"},
    {"name": "home_ward_on", "type": {"type": "string", "logicalType": "partial-date"}},
    {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []}]}"""
)
GUESSED: JsonObject = {"student": "Bảo", "home_ward": "20410", "home_ward_on": "2025-09-01", "tags": ["a", "b"]}
CHOSEN: JsonObject = {**GUESSED, "home_ward": "20404", "home_ward_on": "2025-06-30"}
AMBIGUOUS = field_error(
    "/home_ward", "ambiguous_code", candidates=("20404", "20410"), value="20410", codelist="wards", date="2024-12-31"
)
PAIRS = (Pair("/student", "/hoTen", ""), Pair("/home_ward", "/maXa", "wards"))


def drawn(attempt: Attempt, received: Received | None, *refusals: object) -> Columns:
    """The columns, in Vietnamese."""
    errors = [AMBIGUOUS] if refusals else []
    return columns_of(attempt, received, errors, {"wards": WARDS}, Language.VI)


def test_a_code_is_joined_to_what_it_became_at_the_receiver() -> None:
    received = Received({"maXa": "20404", "hoTen": "BẢO"}, {}, PAIRS, ())
    columns = drawn(Attempt(SCHEMA, GUESSED), received)
    ward = next(cell for cell in columns.received if cell.pointer == "/maXa")
    assert (ward.value, ward.tone) == ("20404", "changed")
    middle, first = ROW // 2, ROW // 2 + ROW
    assert [(line.path, line.tone) for line in columns.to_receiver] == [
        (f"M0 {first}C50 {first} 50 {middle} 100 {middle}", "changed"),
        (f"M0 {middle}C50 {middle} 50 {first} 100 {first}", ""),
    ]
    assert columns.height == 5 * ROW


def test_a_code_on_the_log_says_what_it_means_on_its_date() -> None:
    for record, name in ((GUESSED, "Phường Hội An"), (CHOSEN, "Phường Cẩm Phô")):
        columns = drawn(Attempt(SCHEMA, record), None)
        assert [cell.note for cell in columns.logged] == ["string", name, "partial-date", "string", "string"]


def test_a_refused_code_is_joined_to_all_it_may_mean_and_to_the_one_that_was_chosen() -> None:
    columns = drawn(Attempt(SCHEMA, GUESSED, after=CHOSEN), None, AMBIGUOUS)
    assert [(cell.value, cell.note, cell.tone) for cell in columns.received] == [
        ("20404", "Phường Cẩm Phô", "chosen"),
        ("20410", "Phường Sơn Phong", "candidate"),
    ]
    assert [line.tone for line in columns.to_receiver] == ["candidate", "chosen"]
    assert columns.sent[1].tone == "wrong"


def test_a_corrected_record_shows_what_the_attempt_before_it_said() -> None:
    columns = drawn(Attempt(SCHEMA, CHOSEN, before=GUESSED), None)
    assert {cell.pointer: cell.before for cell in columns.sent if cell.before} == {
        "/home_ward": "20410",
        "/home_ward_on": "2025-09-01",
    }


def test_a_hidden_record_shows_its_fields_and_nothing_of_what_stands_in_them() -> None:
    received = Received({"maXa": "20404", "hoTen": "BẢO"}, {"id": "x-1"}, PAIRS, ())
    covered = hidden(drawn(Attempt(SCHEMA, CHOSEN, before=GUESSED), received))
    told = repr(covered)
    for value in ("Bảo", "BẢO", "20404", "20410", "2025", "Phường", "x-1", "changed"):
        assert value not in told
    assert [cell.pointer for cell in covered.received] == ["/maXa", "/hoTen", "{id}"]


def test_a_long_record_is_cut_and_says_so() -> None:
    columns = drawn(Attempt(SCHEMA, {**GUESSED, "tags": [str(number) for number in range(500)]}), None)
    assert columns.cut
    assert len(columns.sent) == 120
