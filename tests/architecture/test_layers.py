"""The layers of docs/architecture.md §3 hold, and would be missed if they did not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "adapters", "gateway", "deploy")
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def lint(folder: Path) -> tuple[int, str]:
    """The exit code and the words of import-linter over the packages in a folder."""
    run = subprocess.run(
        [sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    return run.returncode, run.stdout + run.stderr


def test_the_layers_hold() -> None:
    """deploy → gateway → adapters → contracts, never back; contracts pure; the gateway joined in its wiring alone."""
    code, said = lint(ROOT)
    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("contracts/stray.py", "import adapters.clock", "Contracts say, adapters do, the gateway serves"),
        ("adapters/stray.py", "import gateway.app", "Contracts say, adapters do, the gateway serves"),
        ("gateway/stray.py", "import adapters.clock", "Only the wiring joins the gateway to the adapters"),
        ("adapters/stray.py", "import starlette", "A worker needs no web server"),
        ("contracts/stray.py", "import sqlite3", "Contracts are pure: no I/O"),
        ("contracts/stray.py", "import os", "Contracts are pure: no I/O"),
    ],
)
def test_a_stray_import_is_found(tmp_path: Path, file: str, line: str, broken: str) -> None:
    """One line in one file breaks the rule that it breaks, and the test above with it."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.csv"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / file).write_text(line + "\n", "utf-8")
    code, said = lint(tmp_path)
    assert code == 1
    assert f"{broken} BROKEN" in " ".join(said.split())
