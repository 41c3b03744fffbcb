"""The model city says what happened, not what was hoped for: each expectation, changed, turns its verdict."""

from __future__ import annotations

import asyncio
import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from rich.console import Console

import deploy
from adapters.workspace.reading import load
from contracts.languages import Language
from contracts.outcome import Outcome
from contracts.speech import speech
from deploy.demo.city import SYSTEMS, City, set_up, variable_of
from deploy.demo.played_table import PlayedTable
from deploy.demo.player import Played, Player
from deploy.demo.processes import SystemProcesses
from deploy.demo.scenario import Expect, Scene, read_scenario
from deploy.demo.verdict import differences
from deploy.ports import free_port
from gateway.wiring.embedded import Bus

WORKSPACE = Path(deploy.__file__).parent / "demo" / "workspace"


@pytest.fixture(scope="module")
def city_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for more than one start."""
    return tmp_path_factory.mktemp("again")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    """One real run of the whole scenario."""
    return asyncio.run(_play(set_up(tmp_path_factory.mktemp("city"), free_port(), "memory")))


async def _play(city: City) -> list[Played]:
    async with AsyncExitStack() as stack:
        processes = SystemProcesses(city)
        stack.push_async_callback(processes.stop)
        await processes.start()
        await Bus.start(city.workspace, stack)
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=city.url, timeout=90, trust_env=False))
        return [scene async for scene in Player(city, read_scenario(), processes, client).play()]


def test_everything_comes_out_as_expected(played: list[Played]) -> None:
    wrong = {
        each.scene.name: found
        for each in played
        if (found := [difference for seen in each.seen for difference in differences(each.scene.expect, seen)])
    }
    assert wrong == {}


def test_the_table_says_how_each_scene_ended_in_the_words_of_the_reader(played: list[Played]) -> None:
    told = {language: _table(played, language) for language in Language}
    for words in ("có dữ liệu", "không được chia sẻ", "đã chuyển đến", "bị từ chối", "Bản ghi không đúng cấu trúc"):
        assert words in told[Language.VI]
    assert [each.value for each in Outcome if f" {each.value} " in told[Language.VI]] == []
    assert "The record does not fit its contract" in told[Language.EN]


def _table(played: list[Played], language: Language) -> str:
    shown = PlayedTable(speech(language))
    for each in played:
        shown.add(each, [])
    with (console := Console(width=200)).capture() as captured:
        console.print(shown.table)
    return captured.get()


def _changes(value: Any) -> Iterator[Any]:
    """`value` with one of its leaves changed, for each leaf in turn."""
    if isinstance(value, dict):
        for key, inner in value.items():
            for changed in _changes(inner):
                yield {**value, key: changed}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for changed in _changes(inner):
                yield [*value[:index], changed, *value[index + 1 :]]
        yield [*value, "one more"]
    elif isinstance(value, int):
        yield value + 1
    else:
        yield f"{value} changed"


def _changed_expectations(scene: Scene) -> Iterator[Expect]:
    stated = scene.expect.model_dump(exclude_unset=True)
    for name, value in stated.items():
        for changed in _changes(value):
            yield Expect.model_validate({**copy.deepcopy(stated), name: changed})


def test_each_expectation_when_changed_turns_the_verdict(played: list[Played]) -> None:
    tried = 0
    for each in played:
        for changed in _changed_expectations(each.scene):
            assert differences(changed, each.seen[0]), f"{each.scene.name}: {changed} still passes"
            tried += 1
    assert tried > 50


def test_the_same_folder_gives_the_same_credentials_and_prefix_again(tmp_path: Path) -> None:
    first = set_up(tmp_path, 8080, "sqlite")
    again = set_up(tmp_path, 8081, "sqlite")
    assert again.url == "http://127.0.0.1:8081"
    for system in SYSTEMS:
        assert first.credentials(system) == again.credentials(system)
    assert first.env["LIENTHONG_TOPIC_PREFIX"] == again.env["LIENTHONG_TOPIC_PREFIX"]
    lines = (tmp_path / "demo.env").read_text().splitlines()
    assert {f"{variable_of(system)}_CLIENT_SECRET" for system in SYSTEMS} <= {line.split("=")[0] for line in lines}


def test_each_city_has_a_password_of_its_own_for_its_console(tmp_path: Path) -> None:
    city, other = (set_up(tmp_path / name, 8080, "sqlite") for name in ("one", "other"))
    name, password = city.operator
    assert set_up(tmp_path / "one", 8080, "sqlite").operator == (name, password)
    assert other.operator != (name, password)
    assert PasswordHasher().verify((tmp_path / "one/secrets/vanhanh.hash").read_text("utf-8").strip(), password)
    written = [path for path in (tmp_path / "one").rglob("*") if path.is_file() and password in path.read_text("utf-8")]
    assert written == [tmp_path / "one/demo.env"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("start", ["first", "again"])
def test_the_command_plays_the_scenario_and_prints_a_line_an_exchange(city_folder: Path, start: str) -> None:
    """Also in a folder that was played in before: the demo goes on where it was."""
    arguments = ["demo", "--once", "--json", "--data", str(city_folder), "--port", str(free_port()), "--log", "sqlite"]
    run = subprocess.run(
        [sys.executable, "-P", "-m", "gateway", *arguments], capture_output=True, text=True, timeout=290, check=False
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line for line in lines if not line["ok"]] == []
    assert run.returncode == 0, run.stderr
    assert {"exchange", "contract", "sender", "outcome", "expected", "ok"} <= set(lines[0])
    assert len(lines) > 200
    # An account of a file, or of what was pulled, is of many exchanges and none of them; what is sent straight is none.
    exchanges = [line["exchange"] for line in lines if line["exchange"]]
    assert len(set(exchanges)) == len(exchanges) == len(lines) - 3


def test_every_field_that_says_something_about_a_person_is_marked() -> None:
    unmarked = set()
    for contract in ("population.person-lookup", "education.student-transfer"):
        for path in (WORKSPACE / "contracts" / contract).glob("v1/*.avsc"):
            fields = json.loads(path.read_text(encoding="utf-8"))["fields"]
            unmarked |= {field["name"] for field in fields if field.get("personal") not in {"basic", "sensitive"}}
    assert unmarked == {"school_year"}


def test_whatever_is_granted_is_for_a_purpose_and_on_a_legal_ground() -> None:
    workspace = load(WORKSPACE).workspace
    assert workspace is not None
    assert [grant.id for grant in workspace.grants if not grant.purpose or not grant.legal_basis] == []
