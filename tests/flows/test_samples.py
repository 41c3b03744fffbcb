"""The code samples of the portal, run exactly as a person would paste them from the page, against a running bus."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from contracts.publish.samples.all import LANGUAGES, SampleLanguage
from tests.conftest import missing_service
from tests.flows.support import LOOKUP, NOTE, READING, FakeSystem, RunningBus, fine, start_bus
from tests.gateway.console.support import Visitor, with_people

ONE_BUS = pytest.mark.asyncio(loop_scope="module")
DEBIAN: Final = {"sh": "dash", "python3": "python3", "java": "default-jdk-headless", "node": "nodejs", "php": "php-cli"}
HARD: Final = {"text": 'dấu \' " \\ ` $HOME <b> & ${x} và """ xuống\ndòng', "number": 7, "labels": {"JSON": "…"}}
"""A record with everything that means something to one of the languages."""


def also_for_me(root: Path) -> None:
    """Who asks may pull events too; the example is a hard one."""
    with_people(root)
    (root / f"contracts/{NOTE}/examples/request.json").write_text(json.dumps(HARD), encoding="utf-8")
    grants = root / "grants/g.yaml"
    more = (
        f"  - {{id: pull-me, system: asker, contract: {READING}, providers: [asker], purpose: Kiểm thử,\n"
        "     legal_basis: Nghị định 278/2025/NĐ-CP, from: 2025-07-01, view: all}\n"
    )
    grants.write_text(grants.read_text("utf-8") + more, encoding="utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sampled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBus]:
    """A bus with people who read its portal."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path_factory.mktemp("sampled"), systems, change=also_for_me)
    async with running.stack:
        yield running


async def pasted(bus: RunningBus, contract: str, way: str, language: SampleLanguage) -> str:
    """The text of a sample, as it stands on the page."""
    visitor = Visitor.at(bus)
    await visitor.sign_in()
    page = (await visitor.get(f"/console/contracts/{contract}")).text
    found = re.search(rf'<code id="sample-{way}-{language.id}">(.*?)</code>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


async def run(folder: Path, language: SampleLanguage, text: str, secret: str = "s3cret") -> tuple[int, str, str]:
    """Save it under the name that the page says and run what the page says: how it ended, and what it printed."""
    program = language.command[0]
    if shutil.which(program) is None or (program == "sh" and shutil.which("curl") is None):
        missing_service(f"{program} is not installed (Debian: {DEBIAN[program]})")
    if program == "java" and shutil.which("javac") is None:
        missing_service("java is there without its compiler (Debian: default-jdk-headless)")
    (folder / language.file).write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"LIENTHONG_CLIENT_ID": "asker", "LIENTHONG_CLIENT_SECRET": secret}
    process = await asyncio.create_subprocess_exec(
        *language.command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@ONE_BUS
@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.id)
class TestSamples:
    """Each in each language."""

    async def test_a_query_is_answered(self, sampled: RunningBus, tmp_path: Path, language: SampleLanguage) -> None:
        """With the record that the provider has."""
        ended, out, err = await run(tmp_path, language, await pasted(sampled, LOOKUP, "send", language))
        assert ended == 0, err
        assert "NGUYỄN VĂN A" in out
        assert "2014-05" in out

    async def test_a_submission_arrives_letter_by_letter(
        self, sampled: RunningBus, tmp_path: Path, language: SampleLanguage
    ) -> None:
        """Whatever the letters mean to the language that it is written in."""
        before = len(sampled.systems["memo"].bodies)
        ended, out, err = await run(tmp_path, language, await pasted(sampled, NOTE, "send", language))
        assert ended == 0, err
        receipt = json.loads(out)
        assert (await sampled.settled(receipt["id"]))["outcome"] == "delivered"
        (arrived,) = sampled.systems["memo"].bodies[before:]
        assert HARD["text"] in arrived.values()

    async def test_an_event_is_published_and_then_pulled(
        self, sampled: RunningBus, tmp_path: Path, language: SampleLanguage
    ) -> None:
        """By the two samples that its page has."""
        ended, out, err = await run(tmp_path, language, await pasted(sampled, READING, "send", language))
        assert ended == 0, err
        assert '"accepted"' in out
        ended, out, err = await run(tmp_path, language, await pasted(sampled, READING, "pull", language))
        assert ended == 0, err
        assert "canbo.07" in out
        assert '"cursor"' in out

    async def test_a_wrong_secret_ends_with_an_error(
        self, sampled: RunningBus, tmp_path: Path, language: SampleLanguage
    ) -> None:
        """Never with silence and success."""
        text = await pasted(sampled, LOOKUP, "send", language)
        ended, out, err = await run(tmp_path, language, text, secret="wrong")
        assert ended != 0
        assert out + err
