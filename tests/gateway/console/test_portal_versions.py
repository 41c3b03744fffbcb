"""What the portal says of a contract's versions: until when each goes on, what it changes, and whom that breaks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.support import NOTE, FakeSystem, RunningBus, fine, start_bus
from tests.flows.test_versions import GOES_ON, HAS_ENDED, two_versions
from tests.gateway.console.support import Visitor, text_of, with_people
from tests.gateway.console.test_portal import signed_in


async def two_majors(root: Path, lives: str = GOES_ON, settings: str = "") -> RunningBus:
    """A bus where `twice` provides notes of version 1, and `memo` of version 2, in which a number is text, may be
    absent, and there is a title; 1.0 had no labels yet."""

    def change(root: Path) -> None:
        with_people(root)
        two_versions(lives)(root)
        folder = root / "contracts" / NOTE
        first, second = (json.loads((folder / f"v{major}/request.avsc").read_text("utf-8")) for major in (1, 2))
        first["fields"] = [each for each in first["fields"] if each["name"] != "labels"]
        number = next(each for each in second["fields"] if each["name"] == "number")
        number |= {"type": ["null", "string"], "default": None}
        (folder / "v1/earlier/0").mkdir(parents=True)
        (folder / "v1/earlier/0/request.avsc").write_text(json.dumps(first), "utf-8")
        (folder / "v2/request.avsc").write_text(json.dumps(second), "utf-8")
        example = json.loads((folder / "examples/request.json").read_text("utf-8")) | {"number": "7"}
        (folder / "examples/request.json").write_text(json.dumps(example), "utf-8")

    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    return await start_bus(root, systems, change=change, settings=settings)


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    running = await two_majors(tmp_path)
    async with running.stack:
        yield running


async def versions_told(visitor: Visitor, major: int = 2) -> str:
    """The section on versions, as text."""
    page = text_of(await visitor.get(f"/console/contracts/{NOTE}", params={"version": str(major)}))
    return page.rpartition("How long it goes on")[2].partition("Ask for access")[0]


async def test_it_says_what_changed_and_whom_it_breaks_by_name(bus: RunningBus) -> None:
    """From major to major and from minor to minor, in the words that the fields are told in."""
    told = await versions_told(await signed_in(bus))
    majors, _, minors = told.partition("From version 1 to 2")[2].partition("From version 1.0 to 1.1")
    both = "✕ who sends and who receives Asker, Receiver that remembers nothing"
    assert f"/number whole number → text, may be empty {both}" in majors
    assert "/number may be absent now nobody" in majors
    assert "/title new, must be given ✕ who sends Asker" in majors
    assert "/labels new, may be absent nobody" in minors


async def test_a_version_that_ends_says_when_and_what_takes_its_place(bus: RunningBus) -> None:
    """In the list of versions, and at the head of its own page; in the reader's language."""
    visitor = await signed_in(bus, language="vi")
    page = text_of(await visitor.get(f"/console/contracts/{NOTE}", params={"version": "1"}))
    ends = "ngừng khuyến nghị sử dụng từ 01/07/2025 · ngừng cung cấp từ 01/01/2099 phiên bản 2 thay thế Asker"
    assert f"v1 1.1 ▲ ngừng khuyến nghị {ends}" in page
    assert "Phiên bản 1 ngừng khuyến nghị sử dụng từ 01/07/2025. Từ 01/01/2099" in page
    assert "/number số nguyên → chữ, có thể để trống ✕ bên gửi và bên nhận" in page


async def test_a_version_that_has_ended_says_so(tmp_path: Path) -> None:
    """Where anybody may look it names no system: only which side is broken."""
    running = await two_majors(tmp_path, HAS_ENDED, "publish: {portal: public}\n")
    async with running.stack:
        stranger = Visitor.at(running, cookie="lienthong_language=en")
        page = text_of(await stranger.get(f"/console/contracts/{NOTE}", params={"version": "1"}))
        assert "Version 1 has ended on 1 Jul 2020. Use version 2." in page
        told = await versions_told(stranger)
        assert "v1 1.1 ■ has ended" in told
        assert "/title new, must be given ✕ who sends" in told
        assert "Asker" not in told
