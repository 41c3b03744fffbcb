"""A view that could not be kept, or that nobody could account for, is refused where it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.workspace.reading import load
from contracts.findings import Finding, Severity
from tests.adapters.workspace.support import FILES, errors_of, write

REPLY = "contracts/test.lookup/v1/reply.avsc"
GRANTS = "grants/g.yaml"


def found_with(root: Path, view: str, *, purpose: str = "Thử nghiệm", ground: str = "Nghị định") -> list[Finding]:
    """What `check` says of the second grant; replies have a personal field, a sensitive one, and a list of records."""
    schema = json.loads(FILES[REPLY])
    schema["fields"][1]["personal"] = "basic"
    item = {
        "type": "record",
        "name": "Item",
        "fields": [{"name": "illness", "type": "string", "personal": "sensitive"}],
    }
    schema["fields"].append({"name": "stays", "type": {"type": "array", "items": item}, "default": []})
    first, second = FILES[GRANTS].split("  - id: g2")
    second = (
        second.replace("view: [/name]", f"view: {view}").replace("Thử nghiệm", purpose).replace("Nghị định", ground)
    )
    write(root, {REPLY: json.dumps(schema), GRANTS: f"{first}  - id: g2{second}"})
    return list(load(root).findings)


def test_a_view_of_what_the_reply_has_is_a_view(tmp_path: Path) -> None:
    assert found_with(tmp_path, "[/name, /born, /stays/*/illness]") == []


@pytest.mark.parametrize(
    ("view", "column", "said", "remedy"),
    [
        ("[/name, /stays/*/ilness]", 19, "the reply has no field /stays/*/ilness", "/stays/*/illness"),
        ("[/nam]", 12, "the reply has no field /nam", "/name"),
        ("[/stays/0/illness]", 12, "names one item of a list", "write /stays/*/illness"),
    ],
)
def test_a_view_of_what_the_reply_lacks_is_refused_at_its_place(
    tmp_path: Path, view: str, column: int, said: str, remedy: str
) -> None:
    (found,) = errors_of(found_with(tmp_path, view))
    assert (found.file, found.line, found.column) == (GRANTS, 19, column)
    assert said in found.message
    assert remedy in found.remedy


def test_a_pointer_that_another_one_covers_is_warned_of(tmp_path: Path) -> None:
    (found,) = found_with(tmp_path, "[/stays, /stays/*/illness]")
    assert found.severity is Severity.WARNING
    assert "/stays lets /stays/*/illness through already" in found.message


@pytest.mark.parametrize(
    ("view", "column", "field", "kind"),
    [
        ("[/name, /born]", 19, "/born", "basic"),
        ("[/stays]", 12, "/stays/*/illness", "sensitive"),
        ("all", 11, "/born", "basic"),
    ],
)
@pytest.mark.parametrize(
    ("purpose", "ground", "lacks"),
    [
        ("Thử nghiệm", '"-"', "nothing in: legal_basis"),
        ("Không", "Nghị định", "nothing in: purpose"),
        ('" "', "n/a", "nothing in: purpose, legal_basis"),
    ],
)
def test_personal_data_without_purpose_or_legal_basis_is_refused(
    tmp_path: Path, view: str, column: int, field: str, kind: str, purpose: str, ground: str, lacks: str
) -> None:
    """At the pointer of the view that lets it through."""
    (found,) = errors_of(found_with(tmp_path, view, purpose=purpose, ground=ground))
    assert (found.file, found.line, found.column) == (GRANTS, 19, column)
    assert f"{field} is personal data ({kind})" in found.message
    assert lacks in found.message


def test_what_is_not_personal_needs_no_more_than_it_did(tmp_path: Path) -> None:
    assert found_with(tmp_path, "[/name]", ground='"-"') == []


def test_a_class_of_personal_data_that_the_law_does_not_know_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {REPLY: FILES[REPLY].replace('{"name": "name",', '{"name": "name", "personal": "secret",')})
    (found,) = errors_of(list(load(tmp_path).findings))
    assert found.file == REPLY
    assert '"basic" or "sensitive"' in found.remedy
