"""`lienthong check --on DAY`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from gateway.commands import build
from tests.adapters.workspace.support import FILES, write


def workspace(root: Path) -> str:
    """One whose first grant ends long from now."""
    return str(write(root, {"grants/g.yaml": FILES["grants/g.yaml"].replace("to: 2030-01-01", "to: 2091-01-01")}))


def test_what_ends_by_that_day_is_told_to_programs_with_its_place_and_in_the_exit_code(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    before = CliRunner().invoke(build(), ["check", root, "--on", "2090-12-31", "--json"])
    assert (before.exit_code, json.loads(before.output)) == (0, [])
    found = CliRunner().invoke(build(), ["check", root, "--on", "2091-01-01", "--json"])
    (told,) = json.loads(found.output)
    assert found.exit_code == 1
    assert {name: told[name] for name in ("file", "line", "subject", "name", "on", "stops", "severity")} == {
        "file": "grants/g.yaml",
        "line": 9,
        "subject": "grant",
        "name": "g1",
        "on": "2091-01-01",
        "stops": True,
        "severity": "error",
    }
    assert "hết hiệu lực từ ngày 2091-01-01" in told["words"]["vi"]["message"]


def test_a_day_that_is_over_is_refused_and_so_is_a_workspace_with_errors(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    assert CliRunner().invoke(build(), ["check", root, "--on", "2020-01-01"]).exit_code == 2
    assert CliRunner().invoke(build(), ["check", root, "--on", "2090-02"]).exit_code == 2
    write(tmp_path, {"systems/south.yaml": "kind: none\n"})
    assert CliRunner().invoke(build(), ["check", root, "--on", "2091-01-01"]).exit_code == 3
