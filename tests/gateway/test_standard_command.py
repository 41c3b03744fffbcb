"""`lienthong standard`: from a contract that comes with the product to a workspace that checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from contracts.languages import Language
from contracts.speech import speech
from gateway.commands import build
from gateway.wiring.offline import check_workspace
from gateway.wiring.scaffolding import make_workspace

LOOKUP = "population.person-lookup"
APP: typer.Typer = build()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, ["--lang", "en", "standard", *arguments])


def told(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace without any contract."""
    made = tmp_path / "ws"
    make_workspace(made, "ws", "H17", "Thành phố Đà Nẵng", 8080, speech(Language.VI))
    return made


def test_all_are_listed_with_what_they_follow() -> None:
    found = {each["name"]: each for each in told("list")}
    assert found[LOOKUP]["title"]["vi"] == "Tra cứu thông tin công dân"
    assert "QCVN 09:2025/BCA" in [each["name"] for each in found[LOOKUP]["standards"]]
    assert LOOKUP in run("list").output


def test_its_fields_are_shown_in_both_languages_with_their_class() -> None:
    fields = {(each["part"], each["pointer"]): each for each in told("show", LOOKUP)["fields"]}
    of = fields["reply", "/father/person_id"]
    assert of["title"] == {"vi": "Số định danh cá nhân", "en": "Personal identification number"}
    assert of["personal"] == "basic"
    assert "/father/person_id" in run("show", LOOKUP).output


def test_a_name_that_nobody_has_read_is_told_from_those_that_were() -> None:
    fields = {each["pointer"]: each for each in told("show", "transport.vehicle-position")["fields"]}
    said = {each["name"]: each["confirmed"] for each in fields["/license_plate"]["standard"]}
    assert said == {"GTFS Realtime, VehiclePosition": True, "TT 09/2015/TT-BGTVT": False}


def test_its_mappings_are_printed_to_be_copied() -> None:
    shown = run("show", LOOKUP, "--mapping", "qcvn-109-2017").output
    assert "SoDinhDanh: /person_id" in shown
    missing = run("show", LOOKUP, "--mapping", "fhir")
    assert (missing.exit_code, "qcvn-109-2017" in missing.output) == (4, True)


def test_a_copy_checks_with_its_code_lists(root: Path) -> None:
    result = run("add", LOOKUP, "-C", str(root))
    assert result.exit_code == 0, result.output
    assert "codelists/wards.csv is an excerpt" in result.output
    assert [str(each) for each in check_workspace(root)] == []
    assert (root / "contracts" / LOOKUP / "contract.yaml").read_text("utf-8").startswith("# yaml-language-server")


def test_a_list_that_the_workspace_has_stays_its_own(root: Path) -> None:
    (root / "codelists").mkdir(exist_ok=True)
    own = "id,code,name,valid_from,valid_to,successors\n20410,20410,Hội An,,,\n"
    (root / "codelists/wards.csv").write_text(own, "utf-8")
    result = run("add", LOOKUP, "-C", str(root))
    assert "excerpt" not in result.output
    assert (root / "codelists/wards.csv").read_text("utf-8") == own


def test_nothing_is_overwritten_and_then_nothing_is_written(root: Path) -> None:
    run("add", LOOKUP, "-C", str(root))
    again = run("add", "population.person-confirmation", LOOKUP, "-C", str(root))
    assert (again.exit_code, "nothing is overwritten" in again.output) == (2, True)
    assert not (root / "contracts/population.person-confirmation").exists()


def test_a_misspelt_name_is_told_the_right_one(root: Path) -> None:
    result = run("add", "population.person-lokup", "-C", str(root))
    assert (result.exit_code, LOOKUP in result.output) == (4, True)


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    result = run("add", LOOKUP, "-C", str(tmp_path))
    assert (result.exit_code, "is not a workspace" in result.output) == (2, True)
