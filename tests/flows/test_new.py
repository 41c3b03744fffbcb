"""Somebody who has never seen the bus gets from nothing to an answer with `lienthong new`."""

from __future__ import annotations

import asyncio
import json
import shutil
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from typer.testing import CliRunner, Result

from adapters.workspace.reading import load
from deploy.ports import free_port
from gateway.commands import build
from tests.flows.support import FakeSystem

BORN = {
    "id": "999214000024",
    "name": "Trần Gia Bảo",
    "born": "2014-05-12",
    "wards": [{"code": "20404", "since": "2025-07-01"}],
}
ENV = {"LANG": "vi_VN.UTF-8", "LC_ALL": "", "COLUMNS": "200"}


def lienthong(*arguments: str | Path, given: str = "", env: dict[str, str] | None = None) -> Result:
    """Run a command; nobody sits at the terminal."""
    return CliRunner().invoke(build(), list(map(str, arguments)), input=given, env={**ENV, **(env or {})})


def done(*arguments: str | Path) -> str:
    """What a command said that ended well."""
    result = lienthong(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def nothing_to_mend(root: Path) -> None:
    """`check` and `test` have nothing to say."""
    assert [str(finding) for finding in load(root).findings] == []
    assert "0 errors, 0 warnings" in done("check", root)
    done("test", root)


async def answer(request: web.Request) -> web.StreamResponse:
    """A register of births that knows one child."""
    asked = await request.json()
    found = asked["id"] == BORN["id"]
    return web.json_response(BORN if found else {"loi": "không có"}, status=200 if found else 404)


@asynccontextmanager
async def served(root: Path, port: int) -> AsyncIterator[httpx.AsyncClient]:
    """`lienthong serve`, as a process of its own, while it is used."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", "gateway", "serve", root)
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)
    try:
        async with asyncio.timeout(60):
            while not await ready(client):
                assert process.returncode is None
                await asyncio.sleep(0.1)
        yield client
    finally:
        await client.aclose()
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def ready(client: httpx.AsyncClient) -> bool:
    """Whether the gateway may be sent requests."""
    try:
        return (await client.get("/readyz")).is_success
    except httpx.TransportError:
        return False


async def test_a_newcomer_gets_from_nothing_to_an_answer(tmp_path: Path) -> None:
    """workspace → contract → adapter → grant → check → test → serve → send, with a register that really listens."""
    register = FakeSystem(answer)
    await register.start()
    root, port = tmp_path / "truc", free_port()
    (tmp_path / "ask.json").write_text(json.dumps({"id": BORN["id"]}), "utf-8")
    (tmp_path / "born.json").write_text(json.dumps(BORN, ensure_ascii=False), "utf-8")
    try:
        assert "lienthong new contract" in done("new", "workspace", root, "--port", str(port))
        nothing_to_mend(root)
        samples = ("--like", tmp_path / "ask.json", "--reply-like", tmp_path / "born.json")
        said = done("new", "contract", "ho-tich.tra-cuu", "--pattern", "query", *samples, "-C", root)
        assert "lienthong new adapter" in said
        nothing_to_mend(root)
        url = f"http://127.0.0.1:{register.port}"
        assert "lienthong new grant" in done("new", "adapter", "so-ho-tich", "--kind", "rest", "--url", url, "-C", root)
        nothing_to_mend(root)
        said = done("new", "grant", "mot-cua", "-C", root)
        nothing_to_mend(root)
        assert "2 of 2 examples came out as expected" in done("test", root)
        async with served(root, port):
            send = next(line for line in said.splitlines() if line.strip().startswith("lienthong send")).split()[1:]
            sent = json.loads(await asyncio.to_thread(done, *send))
            assert (sent["outcome"], sent["record"]) == ("data", BORN)
    finally:
        await register.stop()


@pytest.mark.parametrize(
    ("pattern", "kind"), [("submission", "rest"), ("submission", "webhook"), ("submission", "python"), ("query", "python"), ("event", "rest"), ("event", "webhook"), ("event", "python")]
)  # fmt: skip
def test_whatever_is_made_is_right_as_it_is(tmp_path: Path, pattern: str, kind: str) -> None:
    root = tmp_path / "truc"
    done("new", "workspace", root)
    done("new", "contract", "a.b", "--pattern", pattern, "-C", root)
    if pattern == "event":
        done("new", "adapter", "sender", "--publishes", "a.b", "-C", root)
    done("new", "adapter", "receiver", "--kind", kind, "--contract", "a.b", "-C", root)
    done("new", "grant", "asker", "a.b", "-C", root)
    nothing_to_mend(root)
    assert "asker" in (root / "grants/asker-b.yaml").read_text("utf-8")


async def test_what_a_plug_in_is_made_with_answers_at_once(tmp_path: Path) -> None:
    root, port = tmp_path / "truc", free_port()
    done("new", "workspace", root, "--port", str(port))
    done("new", "contract", "a.b", "--pattern", "query", "-C", root)
    done("new", "adapter", "register", "--kind", "python", "-C", root)
    said = done("new", "grant", "asker", "-C", root, "--json")
    async with served(root, port):
        send = json.loads(said)["next"][-1].split()[1:]
        assert json.loads(await asyncio.to_thread(done, *send))["outcome"] == "data"


def test_secrets_are_their_owners_alone_and_git_does_not_see_them(tmp_path: Path) -> None:
    root = tmp_path / "truc"
    done("new", "workspace", root)
    done("new", "contract", "a.b", "--pattern", "event", "-C", root)
    done("new", "adapter", "sender", "--publishes", "a.b", "-C", root)
    done("new", "adapter", "receiver", "--kind", "webhook", "-C", root)
    assert stat.S_IMODE((root / "secrets").stat().st_mode) == 0o700
    secrets = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (root / "secrets").iterdir()}
    assert secrets == dict.fromkeys(("token.pem", "sender.hash", "clients.env", "receiver.webhook"), 0o600)
    if shutil.which("git"):
        subprocess.run(["git", "init", "-q", root], check=True)
        seen = subprocess.run(["git", "-C", root, "add", "-An", "."], check=True, capture_output=True, text=True).stdout
        assert "bus.yaml" in seen
        assert "secrets" not in seen


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    root = tmp_path / "truc"
    done("new", "workspace", root)
    done("new", "contract", "a.b", "--pattern", "query", "-C", root)
    done("new", "adapter", "register", "-C", root)
    done("new", "grant", "asker", "-C", root)
    before = everything(root)
    for again in (
        ("workspace", root),
        ("contract", "a.b", "--pattern", "event", "-C", root),
        ("adapter", "register", "--kind", "python", "-C", root),
        ("grant", "asker", "-C", root),
    ):
        result = lienthong("new", *again)
        assert result.exit_code == 2, result.output
        assert "exists" in result.output or "not empty" in result.output
    assert everything(root) == before


def everything(root: Path) -> dict[str, bytes]:
    """Every file with its content."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("contract", "A B", "--pattern", "query"), "small letters"),
        (("contract", "x.y", "--pattern", "qeury"), "did you mean “query”?"),
        (("contract", "x.y", "--pattern", "event", "--reply-like", "a.json"), "no reply"),
        (("contract", "x.y", "--pattern", "event", "--like", "missing.json"), "cannot be read"),
        (("contract",), "give NAME"),
        (("adapter", "s", "--kind", "rset"), "did you mean “rest”?"),
        (("adapter", "s", "--contract", "a.bb"), "did you mean “a.b”?"),
        (("adapter", "s", "--kind", "webhook"), "no query can be asked"),
        (("adapter", "s", "--agency", "H01"), "did you mean “H00”?"),
        (("adapter", "s", "--publishes", "a.b"), "only events are published"),
        (("grant", "s"), "lienthong new adapter"),
    ],
)
def test_what_cannot_be_made_is_said_with_the_way_out(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    root = tmp_path / "truc"
    done("new", "workspace", root)
    done("new", "contract", "a.b", "--pattern", "query", "-C", root)
    before = everything(root)
    result = lienthong("new", *arguments, "-C", root)
    assert (result.exit_code, said in result.output) == (2, True), result.output
    assert everything(root) == before


def test_a_routed_contract_needs_the_codes_that_the_system_answers_for(tmp_path: Path) -> None:
    root = tmp_path / "truc"
    done("new", "workspace", root)
    sample = tmp_path / "s.json"
    sample.write_text('{"ward": "20404", "ward_on": "2025-07-02"}', "utf-8")
    done("new", "contract", "a.b", "--pattern", "submission", "--like", sample, "-C", root)
    (root / "codelists/wards.csv").write_text(
        "id,code,name,valid_from,valid_to,successors\na,20404,A,2025-07-01,,\n", "utf-8"
    )
    avsc = root / "contracts/a.b/v1/request.avsc"
    coded = '"ward", "type": "string", "codelist": "wards", "on": "/ward_on"'
    avsc.write_text(avsc.read_text("utf-8").replace('"ward", "type": "string"', coded), "utf-8")
    with (root / "contracts/a.b/contract.yaml").open("a", encoding="utf-8") as file:
        file.write("route: {codelist: wards, code: /ward, on: /ward_on}\n")
    assert "--codes" in lienthong("new", "adapter", "s", "-C", root).output
    done("new", "adapter", "s", "--codes", "20404", "-C", root)
    nothing_to_mend(root)


@pytest.mark.parametrize(("language", "said"), [("vi", "Tiếp theo:"), ("en", "Next:")])
def test_what_to_do_next_is_said_in_the_language_of_who_asks(tmp_path: Path, language: str, said: str) -> None:
    assert said in done("new", "workspace", tmp_path / "a", "--lang", language)
    terminal = {"LIENTHONG_LANG": "", "LC_ALL": "", "LANG": f"{language}_XX.UTF-8"}
    by_terminal: Any = lienthong("new", "workspace", tmp_path / "b", env=terminal)
    assert said in by_terminal.stdout
