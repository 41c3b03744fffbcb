"""Names without accents, and names that two offices spell in their own way."""

from __future__ import annotations

import pytest

from contracts.plain import plain, spelt_alike


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Phường Hội An", "phuong hoi an"),
        ("Thị trấn Đắk Đoa", "thi tran dak doa"),
        ("Xã Ea H'Leo", "xa ea h leo"),
        ("20410  Phường Hội An", "20410 phuong hoi an"),
    ],
)
def test_a_name_is_found_as_it_is_typed_in_a_hurry(text: str, typed: str) -> None:
    assert plain(text) == typed


@pytest.mark.parametrize(
    ("one", "other"), [("Xã Hoà Liên", "Xã Hòa Liên"), ("Phường Thuỷ Xuân", "Phường Thủy Xuân"), ("Khoá", "Khóa")]
)
def test_where_the_tone_stands_makes_no_other_name(one: str, other: str) -> None:
    assert spelt_alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Xã Tân An", "Xã Tấn An"), ("Đại Mỗ", "Tây Mỗ"), ("Phường Hòa", "Xã Hòa"), ("Mã", "Ma")]
)
def test_another_tone_or_type_makes_another_name(one: str, other: str) -> None:
    assert not spelt_alike(one, other)
