"""`laws/*.yaml`, and the grants that rest on them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.workspace.reading import Loaded, load
from adapters.workspace.shipped_laws import entries, shipped
from contracts.findings import Severity
from contracts.languages import Language
from contracts.laws import Citation
from tests.adapters.workspace.support import FILES, write

LAWS = """laws:
  - id: nd-47-2020
    kind: decree
    number: 47/2020/NĐ-CP
    title: {vi: Quản lý dữ liệu số, en: Managing digital data}
    to: 2025-10-22
    replaced_by: [nd-278-2025]
  - id: nd-278-2025
    kind: decree
    number: 278/2025/NĐ-CP
    title: {vi: Chia sẻ dữ liệu, en: Sharing data}
    from: 2025-10-22
    articles:
      - {article: "5", title: {vi: Đối tượng, en: Whom it binds}}
withheld:
  personal: [{law: nd-278-2025, article: "5"}]
"""
GRANTS = FILES["grants/g.yaml"].replace("legal_basis: Nghị định\n", "legal_basis: Nghị định 47/2020/NĐ-CP\n")
ROOT = Path(__file__).parents[3]


def loaded(root: Path, laws: str = LAWS, grants: str = GRANTS, on: str = "2025-08-01") -> Loaded:
    """A workspace with laws, as of a day."""
    moment = datetime.fromisoformat(f"{on}T12:00:00+07:00").astimezone(UTC)
    return load(write(root, {"laws/l.yaml": laws, "grants/g.yaml": grants}), lambda: int(moment.timestamp() * 1000))


def test_a_grant_rests_on_what_its_legal_basis_names_in_words(tmp_path: Path) -> None:
    workspace = loaded(tmp_path).workspace
    assert workspace is not None
    assert [grant.grounds for grant in workspace.grants] == [(Citation("nd-47-2020"),)] * 2
    assert workspace.laws.by_id["nd-278-2025"].title[Language.EN] == "Sharing data"
    assert workspace.laws.personal == (Citation("nd-278-2025", "5"),)


def test_what_a_grant_only_cites_stands_in_its_legal_basis_in_words(tmp_path: Path) -> None:
    cites = "cites: [{law: nd-278-2025, article: 5(1)}]\n"
    workspace = loaded(tmp_path, grants=GRANTS.replace("legal_basis: Nghị định 47/2020/NĐ-CP\n", cites)).workspace
    assert workspace is not None
    assert {grant.legal_basis for grant in workspace.grants} == {"khoản 1 Điều 5 Nghị định 278/2025/NĐ-CP"}


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ("2025-08-01", None),
        ("2025-09-01", "Decree 47/2020/NĐ-CP is in force only until 2025-10-22"),
        ("2025-10-22", "Decree 47/2020/NĐ-CP has not been in force since 2025-10-22"),
    ],
)
def test_what_rests_on_a_document_is_warned_of_before_it_lapses(tmp_path: Path, on: str, message: str | None) -> None:
    found = loaded(tmp_path, on=on)
    assert found.workspace is not None
    told = [each for each in found.findings if "47/2020" in each.message]
    assert {each.message for each in told} == ({message} if message else set())
    if told:
        lines = [number for number, line in enumerate(GRANTS.splitlines(), 1) if "47/2020" in line]
        assert [each.line for each in told] == lines
        assert {each.severity for each in told} == {Severity.WARNING}
        assert "Decree 278/2025/NĐ-CP (nd-278-2025)" in told[0].remedy


def test_a_grant_that_has_ended_rests_on_nothing(tmp_path: Path) -> None:
    grants = GRANTS.replace("to: 2030-01-01", "to: 2025-10-01").replace(
        "    from: 2025-01-01\n    view: [/name]", "    from: 2025-01-01\n    to: 2025-10-01\n    view: [/name]"
    )
    assert not [each for each in loaded(tmp_path, grants=grants, on="2025-11-01").findings if "47/2020" in each.message]


def test_a_number_that_is_not_on_the_list_is_warned_of_where_there_is_a_list(tmp_path: Path) -> None:
    grants = FILES["grants/g.yaml"].replace("legal_basis: Nghị định\n", "legal_basis: Nghị định 13/2023/NĐ-CP\n", 1)
    warned = [each for each in loaded(tmp_path, grants=grants).findings if each.severity is Severity.WARNING]
    assert [(each.line, each.message) for each in warned] == [
        (7, "the list of laws has no 13/2023/NĐ-CP, so nobody is warned when it lapses")
    ]
    assert "lienthong law add" in warned[0].remedy
    assert not load(write(tmp_path / "without", {"grants/g.yaml": grants})).findings


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "remedy"),
    [
        ("[nd-278-2025]", "[nd-278-2052]", 7, "there is no law nd-278-2052 on the list", "nd-278-2025"),
        ("[nd-278-2025]", "[nd-47-2020]", 7, "a law does not replace itself", "name what took its place"),
        ("    to: 2025-10-22\n", "", 6, "47/2020/NĐ-CP was replaced, and nobody says since when", "add: to: …"),
        ("from: 2025-10-22", "from: 2025-10-22\n    to: 2025-10-22", 13, "it ends before it begins", "a later day"),
        ("id: nd-278-2025", "id: nd-47-2020", 8, "the law nd-47-2020 is there twice", "keep one of them"),
        ("278/2025/NĐ-CP", "47/2020/NĐ-CP", 10, "47/2020/NĐ-CP is on the list already, as nd-47-2020", "keep one"),
        ('{article: "5", title', '{article: "5.2", title', 14, "this is not an article", "16(2)(a)"),
        ("{law: nd-278-2025, ", "{law: nd-999, ", 16, "there is no law nd-999 on the list", "laws that there are"),
        ("kind: decree", "kind: ordinance", 3, "kind cannot be this", "write one of"),
        ("en: Sharing data", "fr: Partage", 11, "unknown key “fr”", "en"),
    ],
)
def test_a_fault_is_found_at_its_line_with_a_remedy(
    tmp_path: Path, old: str, new: str, line: int, message: str, remedy: str
) -> None:
    assert old in LAWS
    found = [each for each in loaded(tmp_path, LAWS.replace(old, new, 1)).findings if each.file == "laws/l.yaml"]
    assert (line, message) in [(each.line, each.message) for each in found]
    assert any(remedy in each.remedy for each in found)


def test_a_grant_names_some_ground_and_only_what_is_on_the_list(tmp_path: Path) -> None:
    without = GRANTS.replace("    legal_basis: Nghị định 47/2020/NĐ-CP\n", "", 1)
    assert "the grant names no ground of law" in {each.message for each in loaded(tmp_path, grants=without).findings}
    cites = GRANTS.replace("legal_basis: Nghị định 47/2020/NĐ-CP", "cites: [{law: nd-287-2025}]", 1)
    found = [each for each in loaded(tmp_path, grants=cites).findings if each.severity is Severity.ERROR]
    assert [(each.message, "nd-278-2025" in each.remedy) for each in found] == [
        ("there is no law nd-287-2025 on the list", True)
    ]


def test_the_list_that_comes_with_the_bus_has_no_fault(tmp_path: Path) -> None:
    root = write(tmp_path, {"laws/viet-nam.yaml": shipped()})
    assert [each for each in load(root).findings if each.file.startswith("laws/")] == []
    workspace = load(root).workspace
    assert workspace is not None
    assert list(workspace.laws.by_id) == list(entries())
    assert {"luat-60-2024", "luat-91-2025", "nd-278-2025", "nd-194-2025", "nd-224-2026"} < set(entries())


def test_the_model_city_goes_by_the_list_that_comes_with_the_bus() -> None:
    assert (ROOT / "deploy/demo/workspace/laws/viet-nam.yaml").read_text(encoding="utf-8") == shipped()
