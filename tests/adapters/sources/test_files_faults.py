"""Files that change under the reader's hands: it is noticed, said, and costs neither rows nor the source."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import LogUnavailable
from contracts.ports import Submitted
from tests.adapters.sources.support import HEAD, Bus, bus, table, twice, until


def hold_at(city: Bus, row: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Let intake wait at a row; answers what is set when it is there, and what lets it go on."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def wait(submitted: Submitted) -> None:
        if dict(submitted.attributes)["sourcerow"] == row:
            reached.set()
            await go_on.wait()

    city.intake.before = wait
    return reached, go_on


def append(path: Path, text: str) -> None:
    """Write on at the end of a file."""
    with path.open("a") as file:
        file.write(text)


async def test_a_file_that_grows_while_it_is_read_is_read_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each row is sent once, also the one that was only half there."""
    async with bus(tmp_path) as city:
        whole = table(2000)
        path = city.folder / "f.csv"
        half = len(table(1500)) + 4
        path.write_text(whole[:half])
        reached, go_on = hold_at(city, "700")
        await city.start(complete={"quiet_s": 0.2})
        await reached.wait()
        append(path, whole[half:])
        go_on.set()
        (second,) = await city.ended()
        (first,) = await city.ended("grew")
        assert first.file is not None
        assert second.file is not None
        assert (first.file.rows, second.file.skipped, second.file.rows) == (1500, 1500, 500)
        records = await city.records()
        assert sorted(record["value"] for record in records) == [row / 10 for row in range(1, 2001)]
        assert city.rejected() == []
        assert "it grew while it was read" in caplog.text
        await city.stop()
        assert (city.folder / "done" / "f.csv").read_text() == whole


async def test_a_file_that_grows_within_quotes_is_read_on(tmp_path: Path) -> None:
    """The row whose quotes were open is read anew, as a whole."""
    async with bus(tmp_path) as city:
        path = city.folder / "f.csv"
        path.write_text(table(2000) + '"two\nlin')
        reached, go_on = hold_at(city, "700")
        await city.start(complete={"quiet_s": 0.2})
        await reached.wait()
        append(path, 'es",5,\nlast,6,\n')
        go_on.set()
        await city.ended()
        assert {record["station"] for record in await city.records()} >= {"two\nlines", "last", "st-2000"}
        assert len(await city.events()) == 2002
        assert city.rejected() == []


async def test_a_file_that_was_truncated_is_said_and_what_is_left_is_another_file(tmp_path: Path) -> None:
    """What was sent stays sent; nothing cut in two is sent."""
    async with bus(tmp_path) as city:
        path = city.folder / "f.csv"
        path.write_text(table(3000))
        reached, go_on = hold_at(city, "100")
        await city.start(complete={"quiet_s": 0.2})
        await reached.wait()
        os.truncate(path, len(table(50)) - 3)
        go_on.set()
        (changed,) = await city.ended("changed")
        (done,) = await city.ended()
        assert "was changed while it was read" in changed.detail
        assert changed.file is not None
        assert changed.file.rows < 3000
        assert done.file is not None
        assert done.file.rows == 50
        assert not twice(await city.events())


async def test_a_file_that_was_written_over_is_said(tmp_path: Path) -> None:
    """Nothing of the new content is sent under the old one's name."""
    async with bus(tmp_path) as city:
        path = city.folder / "f.csv"
        path.write_text(table(3000))
        reached, go_on = hold_at(city, "100")
        await city.start(complete={"quiet_s": 0.2})
        await reached.wait()
        path.write_text(table(3000).replace("st-", "ne-"))
        go_on.set()
        await city.ended("changed")
        (done,) = await city.ended()
        assert done.detail == "rows 3000 = events 3000 + rejected 0"
        stations = [record["station"] for record in await city.records()]
        assert sum(station.startswith("ne-") for station in stations) == 3000
        assert done.file is not None
        news = {sha256 for sha256, _ in await city.events()} - {done.file.sha256}
        assert len(news) == 1


async def test_a_file_that_was_only_touched_goes_on(tmp_path: Path) -> None:
    """Its time is another, its content is not."""
    async with bus(tmp_path) as city:
        path = city.drop("f.csv", table(2000))
        reached, go_on = hold_at(city, "100")
        await city.start()
        await reached.wait()
        os.utime(path)
        go_on.set()
        (done,) = await city.ended()
        assert done.detail == "rows 2000 = events 2000 + rejected 0"


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_was_deleted_or_replaced_is_read_to_its_end(
    tmp_path: Path, *, replaced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """And the one that came in its place after it."""
    async with bus(tmp_path) as city:
        path = city.drop("f.csv", table(2000))
        reached, go_on = hold_at(city, "100")
        await city.start()
        await reached.wait()
        if replaced:
            city.drop("f.csv", table(10).replace("st-", "new-"))
        else:
            path.unlink()
        go_on.set()
        await city.ended(files=2 if replaced else 1)
        assert len(await city.events()) == (2010 if replaced else 2000)
        await until(lambda: ("was replaced" if replaced else "was deleted") in caplog.text)


async def test_a_file_that_is_gone_after_a_restart_is_said(tmp_path: Path) -> None:
    """And brought again, it is read on where it was left."""
    async with bus(tmp_path) as city:
        path = city.drop("f.csv", table(2000))
        reached, go_on = hold_at(city, "1000")
        await city.start()
        await reached.wait()
        stopping = asyncio.create_task(city.stop())
        await asyncio.sleep(0.1)
        go_on.set()
        await stopping
        before = len(await city.events())
        assert 999 <= before < 2000
        path.unlink()
        await city.start("two")
        await city.ended("gone")
        city.drop("again.csv", table(2000))
        (done,) = await city.ended()
        assert done.detail == "rows 2000 = events 2000 + rejected 0"
        events = await city.events()
        assert len(events) == 2000
        assert not twice(events)


async def test_a_full_disk_for_rejects_stops_nothing_for_good(tmp_path: Path, monkeypatch: Any) -> None:
    """The file is tried again; good rows are not sent again, and no bad row is told twice."""
    monkeypatch.setattr("adapters.sources.files.source._AGAIN_S", 0.1)
    async with bus(tmp_path) as city:
        (city.folder / "rejected").write_text("a file where a folder is to be")
        city.drop("f.csv", table(600, bad=(5, 550)))
        await city.start(pattern="*.csv")
        await asyncio.sleep(0.5)
        assert not [note for note in await city.notes() if note.kind == "done"]
        (city.folder / "rejected").unlink()
        (done,) = await city.ended()
        assert done.detail == "rows 600 = events 598 + rejected 2"
        assert [row["row"] for row in city.rejected()] == ["5", "550"]
        assert not twice(await city.events())


async def test_a_file_that_cannot_be_moved_is_not_sent_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said, and left lying; a new file under another name is read."""
    async with bus(tmp_path) as city:
        (city.folder / "done").write_text("a file where a folder is to be")
        city.drop("f.csv", table(5))
        await city.start(pattern="*.csv")
        await city.ended()
        city.drop("g.csv", table(6))
        await city.ended(files=2)
        await until(lambda: "f.csv was dealt with, but cannot be moved" in caplog.text)
        await until(lambda: "g.csv was dealt with, but cannot be moved" in caplog.text)
        assert len(await city.events()) == 11
        assert not [note for note in await city.notes() if note.kind == "repeated"]


async def test_progress_that_cannot_be_noted_is_waited_for(tmp_path: Path) -> None:
    """The log comes back in the middle of a file."""
    async with bus(tmp_path) as city:
        city.drop("f.csv", HEAD + "".join(f"s{row},1,\n" for row in range(3000)))
        store = city.transport.store  # type: ignore[attr-defined]
        reached, go_on = hold_at(city, "900")
        await city.start(note_s=0.05)
        await reached.wait()
        store.available = False
        go_on.set()
        await asyncio.sleep(0.3)
        with pytest.raises(LogUnavailable):
            await city.events()
        store.available = True
        (done,) = await city.ended()
        assert done.detail == "rows 3000 = events 3000 + rejected 0"
        assert not twice(await city.events())


async def test_a_new_file_that_begins_like_an_old_one_is_new(tmp_path: Path) -> None:
    """The old one is done and moved away; equal rows are rows all the same."""
    async with bus(tmp_path) as city:
        await city.start()
        city.drop("f.csv", table(5))
        await city.ended()
        city.drop("f.csv", table(8))
        await city.ended(files=2)
        assert len(await city.events()) == 13


async def test_a_file_that_grew_while_nobody_read_it_is_read_on(tmp_path: Path) -> None:
    """A worker stops in the middle, the file is written on, another worker comes."""
    async with bus(tmp_path) as city:
        path = city.drop("f.csv", table(2000, bad=(3, 1999)))
        reached, go_on = hold_at(city, "900")
        await city.start("one", note_s=0.01)
        await reached.wait()
        stopping = asyncio.create_task(city.stop())
        await asyncio.sleep(0.1)
        append(path, "new-1,1,\nnew-2,?,\n")
        go_on.set()
        await stopping
        await city.start("two")
        await city.ended()
        events = await city.events()
        assert not twice(events)
        records = await city.records()
        assert len(records) == len({record["station"] for record in records}) == 1999
        assert sorted(row["row"] for row in city.rejected()) == ["1999", "2002", "3"]


async def test_a_file_that_was_refused_is_read_when_it_comes_again(tmp_path: Path) -> None:
    """The integrator has mended the configuration, and drops the same file once more."""
    async with bus(tmp_path) as city:
        content = "station;value;note\nx;1;\n"
        city.drop("f.csv", content)
        await city.start("one")
        await city.ended("refused")
        await city.stop()
        city.drop("f.csv", content)
        await city.start("two", csv={"delimiter": ";"})
        (done,) = await city.ended()
        assert done.detail == "rows 1 = events 1 + rejected 0"


async def test_names_that_are_no_utf8_or_very_long_are_names(tmp_path: Path) -> None:
    """Old programs write them."""
    async with bus(tmp_path) as city:
        await city.start()
        for name in ("x" * 250 + ".csv", os.fsdecode(b"b\xe1o c\xe1o.csv")):
            path = city.folder / name
            path.write_text(table(3, bad=(2,)).replace("st-", name[:2].encode(errors="replace").decode()))
        await city.ended(files=2)
        assert len(await city.events()) == 4
        await city.stop()
        assert len(list((city.folder / "done").iterdir())) == 2
        assert len(list((city.folder / "rejected").iterdir())) == 2
