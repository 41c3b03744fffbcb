"""Another office's list laid over ours: what is other is told, and what it does not say is not made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.codeimport import Plan, Unit, plan_import
from contracts.codelists import CodeList, read_code_list
from tests.contracts.lists import HEADER

DAY = date(2025, 7, 1)
OURS = f"""\
{HEADER},province
a,20404,Phường Cẩm Phô,,,,49
b,20410,Phường Sơn Phong,,,,49
c,00634,Phường Đại Mỗ,,,,01
d,20434,Xã Tân Hiệp,,,,49
e,22222,Xã Hoà Liên,,,,48
f,33333,Thị trấn Ái Nghĩa,,,,49
sa,,Huyện Hoàng Sa,,,,48
"""
THEIRS = (
    Unit("20410", "Phường Hội An", {"province": "48"}),
    Unit("00634", "Phường Tây Mỗ", {"province": "01"}),
    Unit("00637", "Phường Đại Mỗ", {"province": "01"}),
    Unit("20434", "Xã Tân Hiệp", {"province": "48"}),
    Unit("22222", "Xã Hòa Liên", {"province": "48"}),
    Unit("33333", "Xã Ái Nghĩa", {"province": "49"}),
    Unit("20333", "Đặc khu Hoàng Sa", {"province": "48"}),
)


def ours() -> CodeList:
    return read_code_list("wards", OURS)


def plan(units: Sequence[Unit] = THEIRS, *stated: tuple[str, str], ignored: tuple[str, ...] = ()) -> Plan:
    return plan_import(ours(), units, DAY, stated, ignored)


def told(of: Plan) -> set[tuple[str, str]]:
    return {
        (str(each.how), each.before.id if each.before else str(each.after.code if each.after else ""))
        for each in of.others
    }


def test_each_kind_of_difference_is_told() -> None:
    assert told(plan()) == {
        ("ended", "a"),
        ("reused", "b"),
        ("reused", "c"),
        ("moved", "d"),
        ("respelt", "e"),
        ("renamed", "f"),
        ("kept", "sa"),
        ("new", "00637"),
        ("new", "20333"),
    }


def test_names_and_codes_that_cross_are_two_changes_and_no_match() -> None:
    """00634 was Đại Mỗ and is Tây Mỗ; today's Đại Mỗ is 00637: nothing leads from one to the other by its name."""
    of = plan()
    assert of.ends["c"] == ()
    assert {row.id: row.name for row in of.begins if row.code in {"00634", "00637"}} == {
        "00634@2025": "Phường Tây Mỗ",
        "00637@2025": "Phường Đại Mỗ",
    }


def test_hoang_sa_is_never_dropped() -> None:
    """It has no code, so a list of codes says nothing of it; it goes on until a person says what took its place."""
    of = plan()
    assert "sa" not in of.ends
    stated = plan(THEIRS, ("sa", "20333"))
    assert stated.ends["sa"] == ("20333@2025",)
    assert "sa" not in {row.id for row in stated.orphans}


def test_nobody_is_made_a_successor_that_was_not_stated() -> None:
    of = plan()
    assert {row.id for row in of.orphans} == {"a", "b", "c", "d", "f"}
    assert all(not successors for successors in of.ends.values())


def test_what_a_person_states_is_noted() -> None:
    of = plan(THEIRS, ("20404", "20410"), ("20410", "20410"))
    assert (of.ends["a"], of.ends["b"]) == (("20410@2025",), ("20410@2025",))
    assert of.problems == ()


def test_a_statement_about_what_does_not_end_is_refused() -> None:
    assert [message for message, _ in plan(THEIRS, ("22222", "20410"), ("20404", "99999")).problems] == [
        "the successor 20410 of 22222 cannot be noted",
        "the successor 99999 of 20404 cannot be noted",
    ]


def test_an_attribute_that_does_not_count_makes_no_other_unit() -> None:
    assert ("moved", "d") not in told(plan(THEIRS, ignored=("province",)))


def test_an_empty_list_ends_nothing() -> None:
    assert plan(()).problems != ()


def test_codes_that_lost_their_zeros_are_found_out() -> None:
    of = plan([*THEIRS[2:], Unit("634", "Phường Tây Mỗ")])
    assert "634" in of.problems[0][0]


def test_the_same_entry_twice_is_one_and_two_meanings_of_a_code_are_refused() -> None:
    assert plan([*THEIRS, THEIRS[0]]).problems == ()
    assert "20410" in plan([*THEIRS, Unit("20410", "Phường Khác")]).problems[0][0]


def test_what_began_on_the_day_itself_is_for_a_person() -> None:
    codes = read_code_list("wards", f"{HEADER}\na,20404,Phường Cẩm Phô,2025-07-01,,\n")
    assert plan_import(codes, [Unit("20410", "Phường Hội An")], DAY).problems != ()


def test_the_same_list_again_changes_nothing() -> None:
    same = [Unit(row.code, row.name, {"province": row.attributes["province"]}) for row in ours()]
    of = plan(same)
    assert (of.others, of.ends, of.begins) == ((), {}, ())
