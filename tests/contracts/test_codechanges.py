"""What a day changed in a list, in words of its own."""

from __future__ import annotations

from datetime import date

from contracts.codechanges import changes_between
from contracts.codelists import read_code_list
from tests.contracts.lists import HEADER, wards

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def told() -> set[tuple[str, str, str]]:
    return {
        (str(each.how), "+".join(row.label for row in each.before), "+".join(row.label for row in each.after))
        for each in changes_between(wards(), BEFORE, AFTER)
    }


def test_a_merger_a_split_and_a_reused_code_are_told_apart() -> None:
    found = told()
    assert ("merged", "20404 Phường Cẩm Phô", "20410 Phường Hội An") in found
    assert ("split", "20296 Xã Hòa Liên", "20194 Phường Hải Vân+20197 Phường Liên Chiểu") in found
    assert ("reused", "20410 Phường Sơn Phong", "20410 Phường Hội An") in found
    assert ("renamed", "Huyện Hoàng Sa", "20333 Đặc khu Hoàng Sa") in found


def test_what_only_has_a_new_row_is_no_change() -> None:
    assert not any("Tân Hiệp" in before + after for _, before, after in told())


def test_what_nobody_succeeded_and_what_succeeds_nobody_is_told() -> None:
    rows = f"{HEADER}\na,1,Một,,2025-07-01,\nb,2,Hai,2025-07-01,,\n"
    found = changes_between(read_code_list("x", rows), BEFORE, AFTER)
    assert [str(each.how) for each in found] == ["ended", "new"]
