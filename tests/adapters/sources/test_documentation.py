"""What docs/sources.md says is so."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from adapters.metrics import SourceMetrics
from adapters.sources.files.model import CsvForm, FilesConnection, XlsxForm
from adapters.sources.files.window import End
from adapters.workspace.adapter_models import SourceModel
from adapters.workspace.examples import run_examples
from adapters.workspace.reading import load
from contracts.records import SourceNoteKind
from tests.adapters.sources.support import bus

PAGE = (Path(__file__).parents[3] / "docs" / "sources.md").read_text("utf-8")
(SOURCES,) = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
GIVEN, REJECTED = re.findall(r"```csv\n(.+?)```", PAGE, re.DOTALL)

WORKSPACE = {
    "bus.yaml": 'name: b\ntransport: "memory:"\nledger: "sqlite:l.db"\ntoken_key: "file:k.pem"\n',
    "agencies/a.yaml": "agencies: [{code: H17, name: A, kind: state, systems: [{id: quantrac, name: Q}]}]\n",
    "contracts/environment.air-reading/contract.yaml": "title: Reading\npattern: submission\n",
    "contracts/environment.air-reading/v1/request.avsc": json.dumps(
        {
            "type": "record",
            "name": "AirReading",
            "namespace": "environment",
            "fields": [
                {"name": "station", "type": "string"},
                {"name": "observedAt", "type": {"type": "long", "logicalType": "timestamp-micros"}},
                {"name": "windSpeed", "type": "double"},
                {"name": "humidity", "type": "int"},
                {"name": "pm25", "type": ["null", "double"], "default": None},
            ],
        }
    ),
    "contracts/environment.air-reading/examples/request.json": json.dumps(
        {"station": "a", "observedAt": "2025-04-01T00:00:00+07:00", "windSpeed": 1, "humidity": 1}
    ),
    "systems/quantrac.yaml": SOURCES,
}


def rows(title: str) -> dict[str, str]:
    """Keys and defaults of the table under a title."""
    section = re.split(r"^###? ", PAGE.split(f"### {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {line[0].strip(" `"): line[-1].strip(" |").strip("`") for line in lines}


@pytest.mark.parametrize(
    ("title", "model"),
    [("A source", SourceModel), ("The connection", FilesConnection), ("CSV", CsvForm), ("XLSX", XlsxForm)],
)
def test_the_page_names_every_key_and_its_default(title: str, model: type[BaseModel]) -> None:
    shown = rows(title)
    assert set(shown) == set(model.model_fields)
    for name, field in model.model_fields.items():
        if field.default is PydanticUndefined:
            assert shown[name] in {"–", "the latest major"}
        elif isinstance(field.default, str | int):
            assert shown[name] == str(field.default)


def test_the_example_is_a_workspace_without_errors(tmp_path: Path) -> None:
    """Its mapping fits the contract, and its examples come out as they say."""
    for name, text in WORKSPACE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    loaded = load(tmp_path)
    assert list(loaded.findings) == []
    assert loaded.workspace is not None
    results = run_examples(loaded.workspace)
    assert [result.detail for result in results] == ["", ""]


async def test_the_rows_of_the_example_become_what_the_page_says(tmp_path: Path) -> None:
    """Counts and reject file alike."""
    source: dict[str, Any] = yaml.load(SOURCES, yaml.BaseLoader)["sources"][0]
    mapping = source["record"]["map"]
    # The contract of these tests is another one; what is refused here is refused by the mapping.
    reading = {"map": {"station": mapping["station"], "value": mapping["windSpeed"], "note": "/humidity"}}
    async with bus(tmp_path) as city:
        city.drop("f.csv", GIVEN)
        await city.start(mapping=reading, csv=source["connection"]["csv"])
        (done,) = await city.ended()
        assert f"`{done.detail}`" in PAGE
        (path,) = (city.folder / "rejected").glob("*.rejected.csv")
        written = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
        assert written == list(csv.reader(io.StringIO(REJECTED)))


def test_the_page_names_every_metric_and_every_end() -> None:
    registry = CollectorRegistry()
    SourceMetrics(registry)
    for family in registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert f"`{name}`" in PAGE
    for end in End:
        assert end in PAGE
    for kind in set(SourceNoteKind) - {SourceNoteKind.HELD, SourceNoteKind.RELEASED, SourceNoteKind.READING}:
        assert kind in PAGE
