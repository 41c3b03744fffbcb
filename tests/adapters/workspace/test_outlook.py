"""What `lienthong check --on` tells of a workspace on a day to come."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from adapters.workspace.outlook import outlook
from adapters.workspace.reading import load
from adapters.workspace.spots import Spots
from contracts.outlook import Break
from tests.adapters.workspace.support import FILES, write

TODAY = date(2026, 6, 1)
CHANGE = date(2026, 7, 1)
BEFORE = date(2026, 6, 30)

# From 1 July 2026 on: 2 Hai is split into 21 and 3x; its own code is given to another; 4 is new.
FUTURE = """id,code,name,valid_from,valid_to,successors,side
c,2,Hai,2025-07-01,2026-07-01,e f,n
d,3,Ba,2025-07-01,2026-07-01,f,s
e,21,Hai mươi mốt,2026-07-01,,,n
f,23,Hai Ba,2026-07-01,,,s
g,2,Bốn,2026-07-01,,,n
"""


def seen(root: Path, changes: dict[str, str | None], day: date = CHANGE) -> list[Break]:
    """The outlook of the small workspace with these files."""
    loaded = load(write(root, changes), clock=lambda: 1_780_300_000_000)
    assert loaded.workspace is not None, [str(each) for each in loaded.findings]
    return list(outlook(loaded.workspace, TODAY, day))


def lines(root: Path, found: list[Break]) -> list[str]:
    """Where each is written, since when, and whether it stops something."""
    spots = Spots(root)
    placed = [(each, *spots.of(each.spot)) for each in found]
    return [f"{file}:{place.line} {each.subject} {each.day} {each.stops}" for each, file, place in placed]


def note(**properties: object) -> str:
    """The schema of test.note, its ward with more properties."""
    schema = json.loads(FILES["contracts/test.note/v1/request.avsc"])
    schema["fields"][2] |= properties
    return json.dumps(schema, indent=1)


def test_a_bus_of_which_nothing_ends_has_nothing_to_look_out_for(tmp_path: Path) -> None:
    assert seen(tmp_path, {}) == []


def test_the_day_before_a_list_changes_nothing_is_told_of_it(tmp_path: Path) -> None:
    assert seen(tmp_path, {"codelists/wards.csv": FUTURE}, BEFORE) == []


def test_a_place_that_two_areas_will_share_is_a_route_that_breaks(tmp_path: Path) -> None:
    found = seen(tmp_path, {"codelists/wards.csv": FUTURE})
    shared = [each for each in found if "23 Hai Ba" in each.message]
    assert lines(tmp_path, shared) == ["systems/south.yaml:7 route 2026-07-01 True"]
    assert "2 Hai (north); 3 Ba (south)" in shared[0].message


def test_what_is_new_and_nobodys_is_named_without_stopping_anything(tmp_path: Path) -> None:
    found = seen(tmp_path, {"codelists/wards.csv": FUTURE})
    assert [(each.stops, "2 Bốn" in each.message) for each in found if "no receiver" in each.message] == [(False, True)]


def test_a_default_whose_code_is_given_to_another_is_told_in_the_schema(tmp_path: Path) -> None:
    found = seen(tmp_path, {"codelists/wards.csv": FUTURE, "contracts/test.note/v1/request.avsc": note(default="2")})
    told = [each for each in found if "default" in each.message]
    assert [each.subject for each in told] == ["contract"]
    assert "means Bốn, no longer Hai" in told[0].message
    assert "21 Hai mươi mốt; 23 Hai Ba" in told[0].remedy
    assert Spots(tmp_path).of(told[0].spot)[0] == "contracts/test.note/v1/request.avsc"
    text = (tmp_path / "contracts/test.note/v1/request.avsc").read_text(encoding="utf-8").splitlines()
    line = Spots(tmp_path).of(told[0].spot)[1].line
    assert '"ward"' in "".join(text[line - 1 : line + 2])


def test_a_list_that_ends_without_more_rows_breaks_every_contract_with_its_codes(tmp_path: Path) -> None:
    ends = FILES["codelists/wards.csv"].replace("2025-07-01,,", "2025-07-01,2026-07-01,")
    found = [each for each in seen(tmp_path, {"codelists/wards.csv": ends}) if "no rows" in each.message]
    assert lines(tmp_path, found) == ["contracts/test.note/v1/request.avsc:6 contract 2026-07-01 True"]


def test_a_published_example_that_goes_by_the_day_it_is_sent_is_found_out(tmp_path: Path) -> None:
    found = seen(
        tmp_path,
        {
            "codelists/wards.csv": FUTURE.replace("g,2,Bốn", "g,9,Bốn"),
            "contracts/test.note/v1/request.avsc": note(on="message-time"),
        },
    )
    told = [each for each in found if "example" in each.message]
    assert lines(tmp_path, told) == ["contracts/test.note/examples/request.json:0 contract 2026-07-01 True"]


def mapped(ward: str) -> dict[str, str | None]:
    """The system north is sent a ward made in that way."""
    north = FILES["systems/north.yaml"].replace("        phuong: /ward\n", f"        phuong: {ward}\n")
    return {"codelists/wards.csv": FUTURE, "systems/north.yaml": north}


def test_a_conversion_over_a_split_names_what_it_cannot_convert_any_more(tmp_path: Path) -> None:
    ward = "{from: /ward, through: [{code: {codelist: wards, on: /ward_on, to: 2026-01-01}}]}"
    told = [each for each in seen(tmp_path, mapped(ward)) if "convert" in each.message]
    assert lines(tmp_path, told) == ["systems/north.yaml:13 route 2026-07-01 True"]
    # Hai Ba was Hai and Ba; Hai mươi mốt was a part of Hai only, and Bốn is nobody's of north.
    assert "from 2026-07-01 on it cannot convert 23 Hai Ba;" in told[0].message


def test_a_conversion_to_the_day_of_the_exchange_breaks_where_the_old_place_is_split(tmp_path: Path) -> None:
    ward = "{from: /ward, through: [{code: {codelist: wards, on: 2026-01-01, to: $accepted_on}}]}"
    told = [each for each in seen(tmp_path, mapped(ward)) if "convert" in each.message]
    assert "it cannot convert 2 Hai;" in told[0].message
    assert "2026-07-01" in told[0].message


def test_a_code_in_a_table_of_a_mapping_is_told_at_its_line(tmp_path: Path) -> None:
    ward = (
        "{from: /ward, through: [{table: {'2': '3', '3': '3'}}, {code: {codelist: wards, on: /ward_on, to: /ward_on}}]}"
    )
    told = [each for each in seen(tmp_path, mapped(ward)) if "no longer in force" in each.message]
    assert lines(tmp_path, told) == ["systems/north.yaml:13 route 2026-07-01 True"] * len(told)
    assert {each.remedy for each in told} == {"write what succeeds it: 23 Hai Ba"}


def test_an_example_of_a_mapping_that_comes_out_otherwise_then_is_named(tmp_path: Path) -> None:
    ward = "{from: /ward, through: [{code: {codelist: wards, on: 2026-01-01, to: $accepted_on}}]}"
    changes = mapped(ward)
    changes["systems/north.yaml"] = str(changes["systems/north.yaml"]).replace(
        "  - contract: test.lookup\n",
        "    examples:\n"
        "      - name: a ward goes on\n"
        "        request: {text: a, ward: '2', ward_on: 2026-01-01}\n"
        "        body: {noiDung: a, phuong: '2'}\n"
        "  - contract: test.lookup\n",
    )
    told = [each for each in seen(tmp_path, changes) if each.spot.what == "trial"]
    assert [each.name for each in told] == ["north: a ward goes on"]
    assert lines(tmp_path, told) == ["systems/north.yaml:15 route 2026-07-01 True"]


def test_a_grant_that_ends_is_told_unless_another_follows_it(tmp_path: Path) -> None:
    grants = FILES["grants/g.yaml"].replace("to: 2030-01-01", "to: 2026-07-01")
    found = seen(tmp_path, {"grants/g.yaml": grants})
    assert lines(tmp_path, found) == ["grants/g.yaml:9 grant 2026-07-01 True"]
    again = grants.partition("grants:\n")[2].partition("  - id: g2")[0]
    again = again.replace("id: g1", "id: g3").replace("from: 2025-01-01\n    to: 2026-07-01", "from: 2026-07-01")
    assert seen(tmp_path, {"grants/g.yaml": grants + again}) == []


def test_a_grant_whose_ground_lapses_is_told_and_goes_on(tmp_path: Path) -> None:
    laws = """laws:
  - {id: nd-1, kind: decree, number: 1/2020/NĐ-CP, title: {vi: Một, en: One}, to: 2026-06-15, replaced_by: [nd-2]}
  - {id: nd-2, kind: decree, number: 2/2026/NĐ-CP, title: {vi: Hai, en: Two}, from: 2026-06-15}
"""
    grants = FILES["grants/g.yaml"].replace("legal_basis: Nghị định", "legal_basis: Nghị định 1/2020/NĐ-CP", 1)
    found = seen(tmp_path, {"laws/l.yaml": laws, "grants/g.yaml": grants})
    assert lines(tmp_path, found) == ["grants/g.yaml:7 grant 2026-06-15 False"]
    assert "Decree 2/2026/NĐ-CP" in found[0].remedy


def test_an_agency_that_ends_is_told_for_each_service_and_grant_of_its_systems(tmp_path: Path) -> None:
    agencies = FILES["agencies/a.yaml"].replace(
        "    valid_from: 2025-07-01\n", "    valid_from: 2025-07-01\n    valid_to: 2026-07-01\n    successors: [H17]\n"
    )
    found = seen(tmp_path, {"agencies/a.yaml": agencies})
    assert lines(tmp_path, found) == ["systems/south.yaml:5 service 2026-07-01 False"]
    assert found[0].remedy == "move it to its successor: H17 Một cơ quan"
