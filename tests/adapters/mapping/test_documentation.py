"""What docs/mapping.md says is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from adapters.mapping.conditions import Condition, compile_condition
from adapters.mapping.functions.known import FUNCTION_NAMES
from tests.adapters.mapping.helpers import read, refusals, run, spec

PAGE = (Path(__file__).parents[3] / "docs" / "mapping.md").read_text("utf-8")
ROW = re.compile(
    r"^\| `(?P<write>[^`]+)` \| `(?P<given>[^`]+)` \| (?:`(?P<made>[^`]+)`|refused: (?P<code>\w+)) \|$", re.MULTILINE
)
QUESTION = re.compile(r"^\| `(?P<write>\{[^`]+\})` \| `(?P<given>[^`]+)` \|$", re.MULTILINE)
FORMS, FUNCTIONS = PAGE.split("## Functions")
BLOCKS = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("row", list(ROW.finditer(FORMS)), ids=lambda row: row["write"])
def test_a_form_makes_what_the_page_says(row: re.Match[str]) -> None:
    text = f"map: {{out: {row['write']}}}"
    given = json.loads(row["given"])
    if row["code"]:
        assert [code for _, code in refusals(text, given)] == [row["code"]]
    else:
        assert run(text, given) == {"out": json.loads(row["made"])}


@pytest.mark.parametrize("row", list(ROW.finditer(FUNCTIONS)), ids=lambda row: row["write"])
def test_a_function_makes_what_the_page_says(row: re.Match[str]) -> None:
    text = f"from: /x\nthrough: [{row['write']}]"
    given = {"x": json.loads(row["given"])}
    if row["code"]:
        assert refusals(text, given) == [("/x", row["code"])]
    else:
        assert run(text, given) == json.loads(row["made"])


@pytest.mark.parametrize("row", list(QUESTION.finditer(FORMS)), ids=lambda row: row["write"])
def test_a_condition_is_true_where_the_page_says(row: re.Match[str]) -> None:
    condition = Condition.model_validate(read(row["write"]))
    assert compile_condition(condition)(json.loads(row["given"]))


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.startswith("map:")])
def test_a_mapping_on_the_page_can_be_read(block: str) -> None:
    spec(block)


def test_the_page_shows_every_function() -> None:
    shown = {row["write"].strip("{}").split(":")[0] for row in ROW.finditer(FUNCTIONS)}
    in_blocks = {name for name in FUNCTION_NAMES if any(f"{{{name}:" in block for block in BLOCKS)}
    assert shown | in_blocks >= FUNCTION_NAMES


def test_the_tables_were_found() -> None:
    assert len(list(ROW.finditer(FORMS))) >= 16
    assert len(list(QUESTION.finditer(FORMS))) >= 12
    assert all(yaml.safe_load(block) for block in BLOCKS)
