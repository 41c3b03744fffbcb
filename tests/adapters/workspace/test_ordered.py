"""What a contract may be ordered by."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.reading import load
from tests.adapters.workspace.support import FILES, errors_of, write

CONTRACT = "contracts/test.note/contract.yaml"
LOOKUP = "contracts/test.lookup/contract.yaml"
SCHEMA = "contracts/test.note/v1/request.avsc"


def ordered_by(root: Path, key: str, field: str = "") -> Path:
    """The workspace with notes that are ordered, and with one more field in them."""
    text = '{"name": "text", "type": "string"},'
    return write(
        root,
        {
            CONTRACT: FILES[CONTRACT] + f"ordered: {{key: {key}}}\n",
            SCHEMA: FILES[SCHEMA].replace(text, text + field),
        },
    )


def test_a_required_text_is_a_key(tmp_path: Path) -> None:
    loaded = load(ordered_by(tmp_path, "/text"))
    assert list(loaded.findings) == []
    assert loaded.workspace is not None
    assert loaded.workspace.contracts["test.note"].ordered == "/text"


OPTIONAL = '{"name": "maybe", "type": ["null", "string"], "default": null},'
NULLABLE = '{"name": "maybe", "type": ["null", "string"]},'
INNER = """{"name": "inner", "type": {"type": "array", "items": {"type": "record", "name": "Inner", "fields": [
    {"name": "code", "type": "string"}]}}, "default": []},"""


@pytest.mark.parametrize(
    ("key", "field", "said", "remedy"),
    [
        ("/txet", "", "there is no field /txet in v1", "/text"),
        ("/number", "", "/number is optional in v1", "every record has"),
        ("/maybe", OPTIONAL, "/maybe is optional in v1", "every record has"),
        ("/ward_on", "", "/ward_on is neither a text nor a whole number in v1", "a string, an int or a long"),
        ("/inner/0/code", INNER, "/inner is optional in v1", "every record has"),
        ("/text/0", "", "/text/0 is not in every record once in v1", "every record has"),
    ],
)
def test_a_key_that_not_every_record_has_once_is_refused_with_its_place_and_a_remedy(
    tmp_path: Path, key: str, field: str, said: str, remedy: str
) -> None:
    (found,) = errors_of(list(load(ordered_by(tmp_path, key, field)).findings))
    assert (found.file, found.line, found.message) == (CONTRACT, 4, said)
    assert remedy in found.remedy


def test_a_query_has_no_order(tmp_path: Path) -> None:
    write(tmp_path, {LOOKUP: FILES[LOOKUP] + "ordered: {key: /person_id}\n"})
    (found,) = errors_of(list(load(tmp_path).findings))
    assert (found.file, found.line) == (LOOKUP, 5)
    assert found.message.startswith("a query has no order")
    assert found.remedy == "remove it"


def test_two_inboxes_of_one_name_are_refused(tmp_path: Path) -> None:
    ordered_by(tmp_path, "/text")
    agencies = FILES["agencies/a.yaml"].replace("{id: north, name: North}", "{id: south.test.note, name: North}")
    north = FILES["systems/north.yaml"]
    grants = FILES["grants/g.yaml"].replace("north", "south.test.note")
    (tmp_path / "systems/north.yaml").unlink()
    for name, text in (
        ("agencies/a.yaml", agencies),
        ("systems/south.test.note.yaml", north),
        ("grants/g.yaml", grants),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (found,) = errors_of(list(load(tmp_path).findings))
    assert "test.note at south" in found.message
    assert "the same inbox, in.south.test.note" in found.message
