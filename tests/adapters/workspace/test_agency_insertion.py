"""A system is added to its agency, and nothing else of the file changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.agency_insertion import CannotInsert, with_system
from adapters.workspace.reading import load
from tests.adapters.workspace.support import FILES, write

ENTRY = "{id: newcomer, name: Mới}"
HEAD = "# ours\nagencies:\n"
FILE = "agencies/more.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "  - code: H18   # here\n    name: A\n    kind: state\n",
        "  - code: H18\n    name: A\n    kind: state\n    systems:\n      - {id: x, name: X}   # first\n\n# the end\n",
        "  - code: H18\n    name: A\n    systems:\n    - id: x\n      name: X\n    kind: state\n  - {code: H19, name: B, kind: state}\n",
        "  - code: H18\n    name: A\n    kind: state\n    systems: [{id: x, name: X}]\n",
        "  - code: H18\n    name: A\n    kind: state\n    systems: []\n",
        "  - {code: H18, name: A, kind: state}\n",
        "  - code: H18\n    name: A\n    kind: state",
    ],
)
def test_a_system_is_added_however_the_file_is_written(tmp_path: Path, text: str) -> None:
    after = with_system(HEAD + text, "H18", ENTRY)
    workspace = load(write(tmp_path, {FILE: after})).workspace
    assert workspace is not None
    assert workspace.systems["newcomer"].agency == "H18"
    kept = [line for line in text.splitlines() if "systems" not in line and not line.endswith("}")]
    assert all(line in after.splitlines() for line in ["# ours", *kept])


@pytest.mark.parametrize("text", ["agencies: []", "a: [", "", FILES["bus.yaml"], "agencies: [{code: H18, systems: x}]"])
def test_a_file_without_the_agency_is_left_alone(text: str) -> None:
    with pytest.raises(CannotInsert):
        with_system(text, "H18", ENTRY)
