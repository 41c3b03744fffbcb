"""A mapping tells where each value of what it makes comes from."""

from __future__ import annotations

from typing import Any

from adapters.mapping.language import FieldsSpec, MapSpec
from adapters.mapping.provenance import origins


def made_of(mapping: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """By target, the sources."""
    return {origin.target: origin.sources for origin in origins(MapSpec.model_validate({"map": mapping}))}


def test_a_value_comes_from_its_path_whatever_it_goes_through() -> None:
    assert made_of({"hoTen": {"from": "/full_name", "through": ["nfc", "upper"]}, "ma": "/id"}) == {
        "/hoTen": ("/full_name",),
        "/ma": ("/id",),
    }


def test_a_code_names_the_list_that_it_is_converted_by() -> None:
    code = {"code": {"codelist": "wards", "on": "/home_ward_on", "to": "2024-12-31"}}
    spec = MapSpec.model_validate({"map": {"maXa": {"from": "/home_ward", "through": [code]}, "ma": "/id"}})
    assert {origin.target: origin.codelist for origin in origins(spec)} == {"/maXa": "wards", "/ma": ""}


def test_what_is_made_of_several_values_names_each_of_them() -> None:
    assert made_of(
        {
            "diaChi": {"concat": ["/street", ", ", "/ward"]},
            "giayTo": {"first_of": ["/cccd", "/cmnd"]},
            "noiO": {"within": "/address", "map": {"xa": "/ward", "nguoi": "^/full_name"}},
            "con": {"each": "/children", "map": {"ten": "/name"}},
            "loai": {"when": {"path": "/kind", "equals": "1"}, "then": "/a", "else": {"const": "x"}},
            "he": {"const": "LGSP"},
            "giaoDich": "$exchange",
        }
    ) == {
        "/diaChi": ("/street", "/ward"),
        "/giayTo": ("/cccd", "/cmnd"),
        "/noiO/xa": ("/address/ward",),
        "/noiO/nguoi": ("/full_name",),
        "/con": ("/children",),
        "/loai": ("/a",),
        "/he": (),
        "/giaoDich": (),
    }


def test_the_values_of_an_address_have_origins_too() -> None:
    assert [origin[:2] for origin in origins(FieldsSpec.model_validate({"id": "/person/id"}))] == [
        ("/id", ("/person/id",))
    ]
