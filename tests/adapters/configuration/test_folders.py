"""What a process lays out goes with it, or with the next one on the same workspace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.configuration.folders import Folders

_LIVES = (
    "import sys; from pathlib import Path; from adapters.configuration.folders import Folders; "
    "folders = Folders(Path(sys.argv[1])); print(folders.new(), flush=True); sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def passing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's folder for what is passing, for this test alone."""
    folder = tmp_path / "passing"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path, passing: Path) -> None:
    """Also not what another workspace's process has left: that is for its own next one."""
    here, elsewhere = tmp_path / "bus", tmp_path / "other"
    processes = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", _LIVES, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for root in (here, here, elsewhere)
    ]
    made = [Path(each.stdout.readline().strip()) for each in processes if each.stdout is not None]
    living, killed, others = processes
    for each in (killed, others):
        each.kill()
        each.communicate()
    folders = Folders(here)
    own = folders.new()
    folders.sweep()
    assert [each.exists() for each in (*made, own)] == [True, False, True, True]
    living.communicate("")
    folders.sweep()
    assert not made[0].exists()
    folders.close()
    folders.close()
    assert list(passing.iterdir()) == [made[2].parent]
