"""A provider in Python that lies in the workspace; the plug-in of docs/providers.md, as it stands there."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.systems.kinds import KINDS, open_provider
from adapters.systems.opening import CannotOpen
from adapters.systems.python_plugin import PythonConnection, PythonOperation
from contracts.errors import Indeterminate, Origin, Permanent, Rejected
from contracts.json_types import JsonValue
from contracts.ports import Answer, Provider
from contracts.testkit.provider import Act, ProviderSuite
from tests.adapters.systems.support import SERVICE, call

PAGE = (Path(__file__).parents[3] / "docs" / "providers.md").read_text("utf-8")
OLD_REGISTER = next(
    block for block in re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL) if "class OldRegister" in block
)
HEAD = """
from adapters.systems.plugin import Answer, Call, Plugin, Setup
from contracts.errors import *
"""

Make = Callable[..., Provider]


@pytest.fixture(autouse=True)
def _no_module_stays() -> Iterator[None]:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("_lienthong_plugin_"):
            del sys.modules[name]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a provider from the text of a plug-in whose class is `Mine`."""

    def made(text: str, *, name: str = "plugins/mine.py", timeout_s: str = "5", **settings: Any) -> Provider:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text, encoding="utf-8")
        given = {"file": name, "class": "Mine", "settings": settings, "timeout_s": timeout_s}
        operations = {SERVICE: PythonOperation.model_validate({"settings": {"command": "ENTER"}})}
        read = PythonConnection.model_validate(given)
        return open_provider("python", read, operations, base=tmp_path, secrets={"env:KEY": "s3cret"}.__getitem__)

    return made


def calling(body: str) -> str:
    """A plug-in whose `call` does that."""
    return f"class Mine(Plugin):\n    async def call(self, call):\n        {body}\n"


class OldRegisterBench:
    """The register of the page, as a server."""

    service = SERVICE

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._act = Act.DATA
        self._server: asyncio.Server | None = None
        self._port = 0
        self._received: list[str] = []
        self._under_way = 0
        self._tasks: set[asyncio.Task[None]] = set()
        (folder / "old_register.py").write_text(OLD_REGISTER, encoding="utf-8")

    def open(self) -> Provider:
        settings = {"host": "127.0.0.1", "port": str(self._port), "password": "env:OLD_REGISTER"}
        given = {"file": "old_register.py", "class": "OldRegister", "settings": settings, "timeout_s": "5"}
        operation = PythonOperation.model_validate({"settings": {"command": "ENTER"}})
        read = PythonConnection.model_validate(given)
        return open_provider("python", read, {SERVICE: operation}, base=self._folder, secrets=lambda _: "mật khẩu")

    async def act(self, act: Act) -> None:
        self._act = act
        if act is Act.AWAY:
            await self.stop()
        elif self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._server = None

    def data_for(self, exchange: str) -> JsonValue:
        return {"number": exchange, "by": "sổ cũ"}

    @property
    def received(self) -> Sequence[str]:
        return self._received

    @property
    def under_way(self) -> int:
        return self._under_way

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._under_way += 1
        try:
            request = json.loads(await reader.readline())
            assert (request["password"], request["command"]) == ("mật khẩu", "ENTER")
            self._received.append(request["id"])
            if self._act is Act.HANG:
                await reader.read()
            writer.write(self._answer(request["id"]))
        except asyncio.CancelledError:
            pass
        finally:
            self._under_way -= 1
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self._tasks.discard(task)

    def _answer(self, exchange: str) -> bytes:
        lines = {
            Act.DATA: "OK " + json.dumps(self.data_for(exchange)),
            Act.NO_DATA: "NONE",
            Act.REJECTED: "WRONG mã học sinh",
            Act.WITHHELD: "SECRET thuộc diện bảo vệ|Luật 91/2025/QH15",
            Act.TRANSIENT: "BUSY",
            Act.PERMANENT: "NEVER chưa được cấp quyền",
        }
        line = lines.get(self._act)
        return b"" if line is None else line.encode() + b"\n"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[OldRegisterBench]:
    made = OldRegisterBench(tmp_path)
    await made.act(Act.DATA)
    yield made
    await made.stop()


class TestPluginOfThePage(ProviderSuite):
    pass


async def test_a_plugin_is_given_its_settings_and_may_read_secrets(make: Make) -> None:
    told = "return Answer([self.setup.settings, self.setup.operations, self.setup.secret('env:KEY')])"
    answer = await make(calling(told), host="h", nested={"a": ["1"]}).call(call())
    assert answer.body == [{"host": "h", "nested": {"a": ["1"]}}, {SERVICE: {"command": "ENTER"}}, "s3cret"]


@pytest.mark.parametrize(
    "wrong", ["call.parts['Nguyễn Văn A']", "raise SystemExit('bye')", "raise NotImplementedError"]
)
async def test_an_unexpected_error_is_permanent_with_its_line_and_without_its_words(
    make: Make, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Permanent) as caught, caplog.at_level(logging.ERROR):
        await make(calling(wrong)).call(call())
    assert re.fullmatch(r"unexpected \w+ in mine.py, line 6", caught.value.detail)
    assert caught.value.origin is Origin.BUS
    assert "failed in exchange exchange-1" in caplog.text


async def test_what_is_raised_on_purpose_passes_as_it_is(make: Make) -> None:
    with pytest.raises(Rejected) as caught:
        await make(calling("raise Rejected('sai mã')")).call(call())
    assert (caught.value.detail, caught.value.origin) == ("sai mã", Origin.PROVIDER)


@pytest.mark.parametrize("given", ["None", "{'a': 1}", "Answer"])
async def test_an_answer_that_is_none_is_permanent(make: Make, given: str) -> None:
    with pytest.raises(Permanent, match="no Answer"):
        await make(calling(f"return {given}")).call(call())


async def test_the_bus_ends_a_call_that_takes_too_long(make: Make) -> None:
    with pytest.raises(Indeterminate, match=r"within 0\.05 s"):
        await make(calling("import asyncio; await asyncio.sleep(30)"), timeout_s="0.05").call(call())


async def test_a_plugin_that_fails_to_close_does_not_stop_the_others(make: Make) -> None:
    text = calling("return Answer(1)") + "    async def close(self):\n        raise RuntimeError\n"
    await make(text).close()


def test_the_workspace_does_not_enter_the_path_and_nothing_is_left_in_it(make: Make, tmp_path: Path) -> None:
    before = list(sys.path)
    make(calling("return Answer(1)"))
    assert sys.path == before
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["mine.py", "plugins"]


async def test_dataclasses_and_annotations_work_in_a_plugin(make: Make) -> None:
    text = "from dataclasses import dataclass\n@dataclass\nclass Row:\n    a: 'int'\n" + calling(
        "return Answer(Row(1).a)"
    )
    assert await make(text).call(call()) == Answer(1)


async def test_two_plugins_with_one_name_and_a_changed_one_are_each_their_own(make: Make) -> None:
    first, second = make(calling("return Answer(1)")), make(calling("return Answer(2)"))
    third = make(calling("return Answer(3)"), name="other/mine.py")
    assert [(await each.call(call())).body for each in (first, second, third)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class Mine(Plugin:\n", "SyntaxError"),
        ("import does_not_exist\n", "does_not_exist"),
        ("raise SystemExit(3)\n", "SystemExit"),
        ("class Other(Plugin):\n    pass\n", "has no class Mine"),
        ("class Mine:\n    pass\n", "derives from Plugin"),
        ("Mine = Plugin(None)\n", "derives from Plugin"),
        ("class Mine(Plugin):\n    def __init__(self, setup):\n        setup.settings['host']\n", "KeyError"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_says_why(make: Make, text: str, said: str) -> None:
    with pytest.raises(CannotOpen, match=said):
        make(text)
    assert not any(name.startswith("_lienthong_plugin_") for name in sys.modules if "SystemExit" in said)


@pytest.mark.parametrize("file", ["absent.py", "../outside.py", "/etc/passwd.py"])
def test_a_plugin_lies_in_the_workspace(tmp_path: Path, file: str) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "outside.py").write_text(HEAD + calling("return Answer(1)"))
    read = PythonConnection.model_validate({"file": file, "class": "Mine"})
    with pytest.raises(CannotOpen, match="workspace"):
        open_provider("python", read, {}, base=tmp_path / "w", secrets=str)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"file": "a.txt", "class": "Mine"}, "write the path of a .py file"),
        ({"file": "a.py", "class": "no name"}, "write the name that follows"),
        ({"file": "a.py"}, "Field required"),
        ({"file": "a.py", "class": "Mine", "timeout_s": "0"}, "greater than 0"),
    ],
)
def test_a_connection_that_cannot_work_is_refused_with_its_remedy(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PythonConnection.model_validate(given)


def test_a_kind_that_there_is_not_names_those_that_there_are(tmp_path: Path) -> None:
    read = PythonConnection.model_validate({"file": "a.py", "class": "Mine"})
    with pytest.raises(CannotOpen, match="rest, webhook, python"):
        open_provider("soap", read, {}, base=tmp_path, secrets=str)
    with pytest.raises(CannotOpen, match="not of the kind"):
        open_provider("rest", read, {}, base=tmp_path, secrets=str)
    assert set(KINDS) == {"rest", "webhook", "python"}
