"""Generating the ward list: all of its source, and nothing that is a guess."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from contracts.codelists import read_code_list
from deploy.demo.wards.generate import COMMITTED, ward_list
from deploy.demo.wards.source import SourceError, read_source

OLD_COLUMNS = "provinceKey, districtKey, wardKey, wardCode, ward, district, provinceCode, province, districtCode"
NEW_COLUMNS = "provinceKey, wardKey, wardCode, ward, provinceCode, province"
OLD_ROWS: list[tuple[str | None, ...]] = [
    ("qn", "hoian", "sonphong", "20410", "Phường Sơn Phong", "Thành phố Hội An", "49", "Tỉnh Quảng Nam", "503"),
    ("dn", "hoavang", "hoalien", "20296", "Xã Hòa Liên", "Huyện Hòa Vang", "48", "Thành phố Đà Nẵng", "497"),
    ("dn", "hoangsa", None, None, None, "Huyện Hoàng Sa", "48", "Thành phố Đà Nẵng", "498"),
]
NEW_ROWS: list[tuple[str, ...]] = [
    ("dn", "hoian", "20410", "Phường Hội An", "48", "Thành phố Đà Nẵng"),
    ("dn", "haivan", "20194", "Phường Hải Vân", "48", "Thành phố Đà Nẵng"),
    ("dn", "lienchieu", "20197", "Phường Liên Chiểu", "48", "Thành phố Đà Nẵng"),
    ("dn", "hoangsa", "20333", "Đặc khu Hoàng Sa", "48", "Thành phố Đà Nẵng"),
]
WHOLE = {"dn": {"hoian": ["qn_hoian_sonphong"], "hoangsa": ["dn_hoangsa_"]}}
PARTS = [
    {"newWardKey": "lienchieu", "isDefaultNewWard": True},
    {"newWardKey": "haivan", "isDefaultNewWard": False},
]


def write_source(folder: Path, whole: dict[str, Any], divided: dict[str, Any]) -> Path:
    """A small data folder in the package's shape."""
    with closing(sqlite3.connect(folder / "dataset.db")) as tables, tables:
        tables.execute(f"CREATE TABLE admin_units_legacy ({OLD_COLUMNS})")
        tables.executemany(f"INSERT INTO admin_units_legacy VALUES ({','.join('?' * 9)})", OLD_ROWS)
        tables.execute(f"CREATE TABLE admin_units ({NEW_COLUMNS})")
        tables.executemany(f"INSERT INTO admin_units VALUES ({','.join('?' * 6)})", NEW_ROWS)
    converter = {"DICT_PROVINCE_WARD_NO_DIVIDED": whole, "DICT_PROVINCE_WARD_DIVIDED": divided}
    (folder / "converter_2025.json").write_text(json.dumps(converter), "utf-8")
    return folder


def test_a_list_is_made_of_whole_wards_parts_and_districts_without_wards(tmp_path: Path) -> None:
    """Every part of a split ward succeeds it, whatever the source calls its default; Hoàng Sa is not lost."""
    source = read_source(write_source(tmp_path, WHOLE, {"dn": {"dn_hoavang_hoalien": PARTS}}))
    lines = ward_list(source).splitlines()
    assert lines[1:4] == [
        "20296@2024,20296,Xã Hòa Liên,,2025-07-01,20194@2025 20197@2025,48,Thành phố Đà Nẵng,497,Huyện Hòa Vang",
        "20410@2024,20410,Phường Sơn Phong,,2025-07-01,20410@2025,49,Tỉnh Quảng Nam,503,Thành phố Hội An",
        "d498@2024,,Huyện Hoàng Sa,,2025-07-01,20333@2025,48,Thành phố Đà Nẵng,498,Huyện Hoàng Sa",
    ]
    assert lines[4] == "20194@2025,20194,Phường Hải Vân,2025-07-01,,,48,Thành phố Đà Nẵng,,"
    assert len(read_code_list("wards", "\n".join(lines))) == 7


def test_the_default_part_makes_no_difference(tmp_path: Path) -> None:
    """Whichever part the source prefers, the list is the same."""
    texts = set()
    for default in (0, 1):
        parts = [{**part, "isDefaultNewWard": i == default} for i, part in enumerate(PARTS)]
        folder = tmp_path / str(default)
        folder.mkdir()
        texts.add(ward_list(read_source(write_source(folder, WHOLE, {"dn": {"dn_hoavang_hoalien": parts}}))))
    assert len(texts) == 1


@pytest.mark.parametrize("unknown", [{"dn_hoavang_nowhere": PARTS}, {"dn_hoavang_hoalien": [{"newWardKey": "zz"}]}])
def test_a_conversion_of_an_unknown_ward_is_refused(tmp_path: Path, unknown: dict[str, Any]) -> None:
    """Of one that never was, or to one that is not: a list with a hole is worse than none."""
    folder = write_source(tmp_path, WHOLE, {"dn": unknown})
    with pytest.raises(SourceError, match="in no table"):
        read_source(folder)


def test_a_ward_of_which_nothing_is_said_is_refused(tmp_path: Path) -> None:
    """Every old ward became something."""
    source = read_source(write_source(tmp_path, WHOLE, {}))
    with pytest.raises(SourceError, match="what became of dn_hoavang_hoalien"):
        ward_list(source)


class TestPackage:
    """The committed list against the package's own data."""

    @pytest.fixture(scope="class")
    @classmethod
    def data(cls) -> Path:
        found = find_spec("vietnamadminunits")
        if found is None or not found.submodule_search_locations:
            pytest.skip("vietnamadminunits is not installed (the extra “codelists”)")
        return Path(found.submodule_search_locations[0]) / "data"

    @pytest.mark.usefixtures("data")
    def test_the_committed_file_is_what_the_generator_writes(self, tmp_path: Path) -> None:
        """The same bytes, by the command that its documentation names."""
        target = tmp_path / "wards.csv"
        command = [sys.executable, "-m", "deploy.demo.wards.generate", str(target)]
        said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
        assert "13361 rows" in said
        assert target.read_bytes() == COMMITTED.read_bytes()

    def test_every_line_of_the_committed_file_is_in_the_package(self, data: Path) -> None:
        """Codes, names and provinces of both tables, read here once more and joined the other way round."""
        with closing(sqlite3.connect(data / "dataset.db")) as tables:
            old = set(tables.execute("SELECT wardCode, coalesce(ward, district), provinceCode FROM admin_units_legacy"))
            new = set(tables.execute("SELECT wardCode, ward, provinceCode FROM admin_units"))
        lines = self._lines()
        assert {(row["code"] or None, row["name"], row["province"]) for row in lines if row["valid_to"]} == old
        assert {(row["code"], row["name"], row["province"]) for row in lines if not row["valid_to"]} == new

    def test_every_edge_of_the_committed_file_is_in_the_package(self, data: Path) -> None:
        """What became what, followed from each new ward back, with all parts; in 27 of the 151 wards that were split
        and kept their code the package's default part is another one, and the list has them all."""
        converter = json.loads((data / "converter_2025.json").read_text("utf-8"))
        old, new = self._codes_by_key(data)
        edges = {
            (old[before], new[f"{province}_{ward}"])
            for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
            for ward, whole in wards.items()
            for before in whole
        }
        other_default = 0
        for province, wards in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
            for before, parts in wards.items():
                codes = {new[f"{province}_{part['newWardKey']}"]: part["isDefaultNewWard"] for part in parts}
                edges |= {(old[before], code) for code in codes}
                other_default += old[before] in codes and not codes[old[before]]
        listed = {
            (row["id"].partition("@")[0], successor.partition("@")[0])
            for row in self._lines()
            for successor in row["successors"].split()
        }
        assert listed == edges
        assert other_default == 27

    def _lines(self) -> list[dict[str, str]]:
        with COMMITTED.open(encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))

    def _codes_by_key(self, data: Path) -> tuple[dict[str, str], dict[str, str]]:
        with closing(sqlite3.connect(data / "dataset.db")) as tables:
            old = {
                "_".join((province, district, ward or "")): code or f"d{district_code}"
                for province, district, ward, code, district_code in tables.execute(
                    "SELECT provinceKey, districtKey, wardKey, wardCode, districtCode FROM admin_units_legacy"
                )
            }
            new = {
                f"{province}_{ward}": code
                for province, ward, code in tables.execute("SELECT provinceKey, wardKey, wardCode FROM admin_units")
            }
        return old, new
