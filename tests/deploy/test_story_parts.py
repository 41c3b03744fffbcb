"""What the story says is counted, and said in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import deploy
from contracts.codelists import CodeList, CodeRow
from contracts.wording import Language
from deploy.demo.journals import Line, by_exchange, length_of, lines_of
from deploy.demo.pupils import pupil
from deploy.demo.scenario import read_scenario
from deploy.demo.story.account import Account, count
from deploy.demo.story.paths import as_typed, command_as_typed
from deploy.demo.story.texts import Texts, read_sentences
from deploy.demo.story.wards import CHANGE, fates, name_on, read_wards
from deploy.demo.verdict import Observation

WORKSPACE = Path(deploy.__file__).parent / "demo" / "workspace"


def _old(code: str, name: str, *successors: str) -> CodeRow:
    return CodeRow(f"{code}@2024", code, name, None, CHANGE, successors, {"province": "48"})


def _new(code: str, name: str) -> CodeRow:
    return CodeRow(f"{code}@2025", code, name, CHANGE, None)


def test_of_280_wards_two_kept_code_name_and_extent() -> None:
    found = fates(read_wards(WORKSPACE))
    assert (found.old, found.ended, found.reused, found.widened) == (280, 187, 77, 14)
    assert [row.name for row in found.kept] == ["Xã Tân Hiệp", "Xã Tam Hải"]


def test_the_numbers_follow_the_list() -> None:
    wards = CodeList(
        "wards",
        [
            _old("1", "A", "1@2025"),
            _old("2", "B", "2@2025"),
            _old("3", "C", "2@2025"),
            _old("4", "D", "4@2025"),
            _old("5", "E", "5@2025", "4@2025"),
            CodeRow("6@2024", "6", "Elsewhere", None, CHANGE, ("6@2025",), {"province": "01"}),
            _new("1", "A"),
            _new("2", "B"),
            _new("4", "D and a part of E"),
            _new("5", "E"),
            _new("6", "Elsewhere"),
        ],
    )
    found = fates(wards, frozenset({"48"}))
    # 3 has ended; 4 has another name; 2 took 3 in, and 5 gave a part away.
    assert (found.old, found.ended, found.reused, found.widened) == (5, 1, 1, 2)
    assert [row.code for row in found.kept] == ["1"]


def test_a_code_is_called_what_it_was_called_on_the_day() -> None:
    wards = read_wards(WORKSPACE)
    assert name_on(wards, "20410", date(2025, 6, 30)) == "Phường Sơn Phong"
    assert name_on(wards, "20410", date(2025, 7, 1)) == "Phường Hội An"
    assert name_on(wards, "99999", CHANGE) == "99999"


def test_each_sentence_is_told_in_both_languages() -> None:
    english, vietnamese = (Texts(language, read_sentences()) for language in (Language.EN, Language.VI))
    names = [(part, name) for part, found in read_sentences().items() for name in found]
    told = [(english.label(*each), vietnamese.label(*each)) for each in names]
    assert all(vi.count("[b]") == en.count("[b]") for en, vi in told)
    assert sum(vi != en for en, vi in told) > 100


def test_what_a_value_says_is_never_taken_for_markup() -> None:
    texts = Texts(Language.EN, read_sentences())
    assert "\\[red]" in texts("story.left", command="[red]")


def test_an_exchange_that_did_not_arrive_is_lost_and_one_that_arrived_twice_is_told() -> None:
    lines: list[Line] = [{"exchange": "a"}, {"exchange": "b"}, {"exchange": "b"}, {"exchange": "a", "repeat": True}]
    told = count(["a", "b", "c"], [*lines, {"exchange": "of another visit"}, {"exchange": "c", "error": "maXa"}])
    assert (told.sent, told.delivered, told.lost, told.twice, told.recognised) == (3, 2, 1, 1, 1)
    assert not told.is_whole
    assert count(["a"], lines).is_whole


def test_an_account_keeps_what_was_not_as_expected() -> None:
    scene = read_scenario().scene("not-found")
    account = Account()
    seen = Observation("x", 200, {}, "data", {"dancu": [{"exchange": "x"}]})
    assert account.add(scene, [seen]) == account.wrong == ["not-found: outcome: expected 'no_data', saw 'data'"]
    assert account.outcomes() == {"data": 1}


def test_a_line_that_is_just_being_written_is_not_read(tmp_path: Path) -> None:
    journal = tmp_path / "gddt.jsonl"
    assert lines_of(journal) == []
    assert length_of(journal) == 0
    journal.write_bytes(b'{"exchange":"a"}\n')
    before = length_of(journal)
    journal.write_bytes(b'{"exchange":"a"}\n{"exchange":"b"}\n{"exchange":"c"')
    assert lines_of(journal, before) == [{"exchange": "b"}]
    assert list(by_exchange(lines_of(journal))) == ["a", "b"]


def test_pupils_are_the_same_every_time_and_none_is_another() -> None:
    assert pupil(7) == pupil(7)
    crowd = [pupil(number)["student_id"] for number in range(200)]
    assert len(set(crowd)) == 200
    assert all(each.startswith("999") and len(each) == 12 for each in crowd)


@pytest.mark.parametrize(
    ("called", "typed"),
    [("bin/lienthong", "bin/lienthong"), ("../other dir/lienthong", "'../other dir/lienthong'")],
)
def test_a_command_is_shown_as_it_can_be_typed(
    called: str, typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert command_as_typed(called) == typed
    assert as_typed(here / "a b") == "'a b'"
    assert command_as_typed("/x/gateway/__main__.py", "/usr/bin/python3") == "/usr/bin/python3 -m gateway"
