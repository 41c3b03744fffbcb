"""What the gateway reads while it runs is in the wheel."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("package", "folder"),
    [("gateway", "console/templates"), ("gateway", "console/static"), ("contracts", "locale/vi/LC_MESSAGES")],
)
def test_the_wheel_has_the_pages_their_files_and_their_words(package: str, folder: str) -> None:
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"][package]
    found = {path for pattern in shipped for path in (ROOT / package).glob(pattern)}
    assert found >= set((ROOT / package / folder).iterdir())


def test_the_wheel_has_the_standard_contracts_with_their_tables_and_lists() -> None:
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["contracts"]
    found = {path for pattern in shipped for path in (ROOT / "contracts").glob(pattern)}
    wanted = {path for path in (ROOT / "contracts/standard").rglob("*") if path.is_file()}
    assert {".avsc", ".csv", ".json", ".yaml"} <= {path.suffix for path in wanted}
    assert wanted <= found
