"""The shell completes what is in the workspace and in the ledger; each test asks as that shell does."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.support import GOOD, LOOKUP, NOTE, READING, RunningBus, status

PROGRAM = Path(sys.executable).with_name("lienthong")
CITY = Path(__file__).parents[2] / "deploy" / "demo" / "workspace"
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the command is not installed beside the interpreter")


def environment(root: Path) -> dict[str, str]:
    """Of a shell that has the command and stands beside a workspace."""
    found = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "LIENTHONG_DIR": str(root)}
    # Typer asks which shell started it; here none did.
    return {**found, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}


def script(shell: str) -> str:
    """What `lienthong --show-completion SHELL` prints, to be sourced."""
    env = environment(CITY)
    shown = subprocess.run([PROGRAM, "--show-completion", shell], env=env, capture_output=True, text=True, check=True)
    return shown.stdout


def in_bash(root: Path, line: str) -> list[str]:
    """What a real bash offers at the end of the line."""
    words = [*shlex.split(line), *([""] if line.endswith(" ") else [])]
    asking = f"""{script("bash")}
COMP_WORDS=({" ".join(map(shlex.quote, words))})
COMP_CWORD={len(words) - 1}
_lienthong_completion lienthong
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    run = subprocess.run(
        ["bash", "--norc", "-c", asking], env=environment(root), capture_output=True, text=True, check=True
    )
    return [each for each in run.stdout.splitlines() if each]


def for_zsh(root: Path, line: str) -> str:
    """What the command tells the function that zsh runs: see `--show-completion zsh`."""
    env = {**environment(root), "_LIENTHONG_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}
    return subprocess.run([PROGRAM], env=env, capture_output=True, text=True, check=False).stdout


bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


@bash
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("lienthong send ", [LOOKUP, NOTE, READING]),
        ("lienthong inbox test.r", [READING]),
        ("lienthong token a", ["asker"]),
        ("lienthong send test.note x.json --to tw", ["twice"]),
        ("lienthong schema ", ["bus", "agencies", "contract", "system", "grants", "laws", "users", "codelist"]),
        ("lienthong new adapter x --kind w", ["webhook"]),
        ("lienthong new contract x --pattern ", ["query", "submission", "event"]),
        ("lienthong resolve x --as ", ["delivered", "failed"]),
        ("lienthong dea", ["dead"]),
    ],
)
async def test_bash_offers_what_there_is(bus: RunningBus, line: str, offered: list[str]) -> None:
    assert sorted(await asyncio.to_thread(in_bash, bus.root, line)) == sorted(offered)


@bash
async def test_bash_offers_the_exchanges_of_the_ledger(bus: RunningBus) -> None:
    """All for a trace, and where a dead letter is meant those alone that are one."""
    fine = (await bus.send(NOTE, GOOD, to="twice", prefer="wait=10")).json()["id"]
    bus.systems["memo"].behave = status(401)
    dead = (await bus.send(NOTE, GOOD, to="memo")).json()["id"]
    async with asyncio.timeout(20):
        while not (await bus.client.get(f"/exchanges/{dead}")).json().get("waits_for_person"):
            await asyncio.sleep(0.05)
    await bus.settled(fine)
    assert set(await asyncio.to_thread(in_bash, bus.root, "lienthong trace ")) == {fine, dead}
    assert await asyncio.to_thread(in_bash, bus.root, f"lienthong trace {fine[:6]}") == [fine]
    assert await asyncio.to_thread(in_bash, bus.root, "lienthong dead show ") == [dead]
    assert await asyncio.to_thread(in_bash, bus.root, "lienthong resolve ") == []


@bash
def test_systems_are_those_of_the_file_with_the_credentials(tmp_path: Path) -> None:
    (tmp_path / "clients.env").write_text(
        "LIENTHONG_URL=http://x\nMOT_CUA_CLIENT_ID=mot-cua\nMOT_CUA_CLIENT_SECRET=s3cret\n"
    )
    line = f"lienthong send a.b x.json --env-file {tmp_path / 'clients.env'} --as "
    assert in_bash(tmp_path, line) == ["mot-cua"]


@bash
@pytest.mark.parametrize("command", ["send", "trace", "token", "dead show"])
def test_without_a_workspace_nothing_is_offered_and_nothing_is_said(tmp_path: Path, command: str) -> None:
    (tmp_path / "bus.yaml").write_text("name: [")
    assert in_bash(tmp_path, f"lienthong {command} ") == []


def test_zsh_is_told_the_titles_too() -> None:
    told = for_zsh(CITY, "lienthong send ")
    assert '"population.person-lookup":"Person lookup"' in told
    assert told.startswith("_arguments")


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_a_real_zsh_takes_what_it_is_told() -> None:
    # Outside of its line editor zsh has no completion: what it would offer is printed, in the words it was told.
    asking = "compdef() { : }\n_arguments() { print -r -- $1 }\n" + script("zsh")
    asking += "\nwords=(lienthong send '')\nCURRENT=3\n_lienthong_completion"
    run = subprocess.run(["zsh", "-f", "-c", asking], env=environment(CITY), capture_output=True, text=True, check=True)
    assert '"population.person-lookup":"Person lookup"' in run.stdout
