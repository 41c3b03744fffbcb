"""A folder is watched, and each row of what is dropped there becomes a message once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.sources.files.watch import Watch
from contracts.errors import LogOverloaded, LogUnavailable, LogUnknown, Permanent, Rejected, field_error
from contracts.json_types import JsonValue
from contracts.ports import Intake, Position, Stored, Submitted, TakenIn
from contracts.testkit.intake import IntakeSuite
from contracts.wording import Language
from tests.adapters.sources.support import CONTRACT, EVENTS, HEAD, SENDER, Bus, bus, failing, table, twice, until


@pytest.mark.parametrize("sqlite", [False, True])
async def test_each_good_row_becomes_one_event_and_each_bad_row_is_told(tmp_path: Path, *, sqlite: bool) -> None:
    """The counts add up, and every message names its file and row."""
    async with bus(tmp_path, sqlite=sqlite) as city:
        content = table(1000, bad=(7, 500))
        city.drop("may.csv", content)
        await city.start()
        (done,) = await city.ended()
        events = await city.events()
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        assert sorted(events) == [(sha256, row) for row in range(1, 1001) if row not in (7, 500)]
        assert done.file is not None
        assert (done.file.rows, done.file.events, done.file.rejected) == (1000, 998, 2)
        assert done.detail == "rows 1000 = events 998 + rejected 2"
        assert [(row["row"], row["field"], row["station"], row["value"]) for row in city.rejected()] == [
            ("7", "/value", "st-7", "?"),
            ("500", "/value", "st-500", "?"),
        ]
        await city.stop()
        assert (city.folder / "done" / "may.csv").read_text() == content
        assert not (city.folder / "may.csv").exists()


async def test_rejected_rows_are_told_in_the_language_of_the_bus(tmp_path: Path) -> None:
    """What the mapping says, what the contract says, and what is wrong with the row itself."""
    async with bus(tmp_path) as city:
        city.drop("f.csv", HEAD + "a,?,\na\nb,1e400,\n")
        await city.start(language=Language.VI)
        await city.ended()
        reasons = [row["reason"] for row in city.rejected()]
        assert reasons[0].startswith("Giá trị “?” không đúng dạng")
        assert reasons[1].startswith("Dòng có 1 ô, nhưng tiêu đề có 3 cột.")


async def test_rows_of_an_ordered_contract_reach_the_log_in_their_order_though_it_is_away_now_and_then(
    tmp_path: Path,
) -> None:
    """Rows of other keys do not wait for a row that has to be sent again."""
    failed: set[str] = set()
    brought: list[tuple[str, int]] = []

    async def away(submitted: Submitted) -> None:
        row = dict(submitted.attributes)["sourcerow"]
        if int(row) % 7 == 1 and row not in failed:
            failed.add(row)
            raise LogUnavailable("the log is away")

    async def note(submitted: Submitted) -> None:
        record = submitted.record
        assert isinstance(record, dict)
        brought.append((str(record["station"]), int(dict(submitted.attributes)["sourcerow"])))

    async with bus(tmp_path) as city:
        city.intake.before, city.intake.after = away, note
        city.drop("may.csv", HEAD + "".join(f"st-{row % 3},{row},\n" for row in range(1, 61)))
        await city.start(ordered="/station")
        await city.ended()
    stations = {station: [row for name, row in brought if name == station] for station in ("st-0", "st-1", "st-2")}
    assert stations == {f"st-{first % 3}": list(range(first, 61, 3)) for first in (1, 2, 3)}
    assert [row for _, row in brought] != sorted(row for _, row in brought)


async def test_what_intake_refuses_is_told_at_its_place_in_the_record(tmp_path: Path) -> None:
    """Without a mapping the row is the record."""
    async with bus(tmp_path) as city:
        lines = [{"station": "a", "value": 1.5}, {"station": "b"}, {"station": 5, "value": "x"}]
        city.drop("f.jsonl", "\n".join(map(json.dumps, lines)))
        await city.start(format="jsonl", mapping=None)
        await city.ended()
        assert [record["station"] for record in await city.records()] == ["a"]
        assert [(row["row"], row["field"]) for row in city.rejected()] == [("2", "/value"), ("3", "/station; /value")]


async def test_the_same_file_dropped_twice_is_seen_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Also under another name, and after a restart: nothing is sent again."""
    async with bus(tmp_path) as city:
        city.drop("one.csv", table(20))
        await city.start()
        await city.ended()
        await city.stop()
        city.drop("two.csv", table(20))
        await city.start("two")
        (said,) = await city.ended("repeated")
        assert said.file is not None
        assert said.file.name == "two.csv"
        assert "came as one.csv before" in said.detail
        assert "came as one.csv before" in caplog.text
        assert len(await city.events()) == 20
        await until((city.folder / "done" / "two.repeated.csv").exists)


async def test_another_file_of_the_same_name_is_another_file(tmp_path: Path) -> None:
    """The first stays where it was put."""
    async with bus(tmp_path) as city:
        await city.start()
        city.drop("f.csv", table(5))
        await city.ended()
        city.drop("f.csv", table(6).replace("st-", "other-"))
        await city.ended(files=2)
        assert len(await city.events()) == 11
        await city.stop()
        assert len(list((city.folder / "done").iterdir())) == 2


async def test_rows_with_a_key_of_their_own_are_known_again_in_other_files(tmp_path: Path) -> None:
    """They are counted as repeated, and a row without its key is told."""
    async with bus(tmp_path) as city:
        city.intake.remembers = True
        await city.start(key=("station",))
        city.drop("a.csv", table(10))
        await city.ended()
        city.drop("b.csv", table(12) + ",1,\n")
        last = (await city.ended(files=2))[1]
        assert last.detail == "rows 13 = events 2 + rejected 1 + repeated 10"
        assert [row["field"] for row in city.rejected()] == ["/station"]
        assert len(await city.events()) == 12


@pytest.mark.parametrize(
    "error",
    [LogUnavailable("away"), LogUnknown("who knows"), LogOverloaded("full", retry_after_s=0.01)],
    ids=lambda error: type(error).__name__,
)
async def test_a_log_that_is_away_is_waited_for(tmp_path: Path, error: LogUnavailable) -> None:
    """Nothing is lost and nothing is rejected for it."""
    async with bus(tmp_path) as city:
        city.intake.before = failing(error, 300)
        city.drop("f.csv", table(400))
        await city.start()
        (done,) = await city.ended()
        assert done.detail == "rows 400 = events 400 + rejected 0"
        assert not twice(await city.events())
        assert city.value("lienthong_source_waiting") == 0


async def test_an_append_whose_answer_was_lost_is_tried_again_under_the_same_key(tmp_path: Path) -> None:
    """It is one event, whether intake stored it then or now."""
    async with bus(tmp_path) as city:
        city.intake.remembers = True
        city.intake.after = failing(LogUnknown("lost"), 50)
        city.drop("f.csv", table(100))
        await city.start(key=("station",))
        (done,) = await city.ended()
        assert done.detail == "rows 100 = events 100 + rejected 0"
        assert len(await city.events()) == 100
        assert city.intake.calls == 150


async def test_a_sender_that_may_not_holds_up_its_file_and_loses_nothing(tmp_path: Path) -> None:
    """A person has to look; until then nothing is rejected and nothing is skipped."""
    async with bus(tmp_path) as city:
        city.intake.before = failing(Permanent("no grant"), 10**9)
        city.drop("f.csv", table(3))
        await city.start()
        await until(lambda: city.value("lienthong_source_waiting") == 1)
        assert city.rejected() == []
        assert (city.folder / "f.csv").exists()


async def test_a_fault_of_the_bus_itself_costs_one_row(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told with its kind, and what the row holds is not in the log."""

    async def broken(submitted: Submitted) -> None:
        if isinstance(submitted.record, dict) and submitted.record["station"] == "st-3":
            raise ZeroDivisionError(str(submitted.record))

    async with bus(tmp_path) as city:
        city.intake.before = broken
        city.drop("f.csv", table(5))
        await city.start()
        await city.ended()
        (row,) = city.rejected()
        assert (row["row"], row["station"]) == ("3", "st-3")
        assert "ZeroDivisionError" in row["reason"]
        assert "ZeroDivisionError" in caplog.text
        assert "st-3" not in caplog.text


async def test_a_refusal_without_fields_is_told_in_its_own_words(tmp_path: Path) -> None:
    """Nobody is left with an empty reason."""

    async def refuse(_: Submitted) -> None:
        raise Rejected("the key stands for another record", (field_error("", "row_refused", reason="conflict"),))

    async with bus(tmp_path) as city:
        city.intake.before = refuse
        city.drop("f.csv", table(1))
        await city.start()
        await city.ended()
        assert "conflict" in city.rejected()[0]["reason"]


async def test_what_is_in_flight_is_bounded(tmp_path: Path) -> None:
    """However slow the log is."""

    async def slow(_: Submitted) -> None:
        await asyncio.sleep(0.01)

    async with bus(tmp_path) as city:
        city.intake.before = slow
        city.drop("f.csv", table(3000))
        await city.start()
        await city.ended()
        assert city.intake.most_in_flight == 256


async def test_progress_is_on_metrics(tmp_path: Path) -> None:
    """By source and end; while nothing is read the file is no bytes long."""
    async with bus(tmp_path) as city:
        city.drop("f.csv", table(50, bad=(1, 2)))
        await city.start()
        await city.ended()
        await until(lambda: city.value("lienthong_source_files_total", end="done") == 1)
        await until(lambda: city.value("lienthong_source_file_bytes") == 0)
        assert city.value("lienthong_source_rows_total", end="event") == 48
        assert city.value("lienthong_source_rows_total", end="rejected") == 2
        assert city.value("lienthong_source_held") == 1


async def test_only_files_that_are_meant_and_whole_are_read(tmp_path: Path) -> None:
    """What is hidden or has the ending of a copy under way is let be; so are links and folders."""
    async with bus(tmp_path) as city:
        other = tmp_path / "secret.csv"
        other.write_text(table(3))
        (city.folder / "link.csv").symlink_to(other)
        (city.folder / "folder.csv").mkdir()
        for name in ("a.csv.part", ".hidden.csv", "~$f.csv", "b.csv.tmp", "c.txt"):
            (city.folder / name).write_text(table(3))
        (city.folder / "z.csv").write_text(table(8))
        await city.start(complete={"quiet_s": 0.05}, pattern="*.csv")
        (done,) = await city.ended()
        assert done.file is not None
        assert (done.file.name, done.file.rows) == ("z.csv", 8)
        assert len(await city.events()) == 8


def test_a_file_is_complete_once_it_has_been_quiet_for_long_enough(tmp_path: Path) -> None:
    """Whatever time it says it is of: what counts is how long it was seen unchanged."""
    now_s = 0.0
    watch = Watch(tmp_path, "*.csv", 30, lambda: now_s)
    path = tmp_path / "f.csv"
    path.write_text("a\n")
    os.utime(path, (1, 1))
    assert watch.look() == []
    now_s = 29.9
    assert watch.look() == []
    with path.open("a") as file:
        file.write("1\n")
    now_s = 40.0
    assert watch.look() == []
    now_s = 69.9
    assert watch.look() == []
    now_s = 70.0
    assert watch.look() == [path]
    path.unlink()
    assert watch.look() == []
    path.write_text("a\n1\n")
    now_s = 80.0
    assert watch.look() == []


async def test_a_file_that_is_refused_lies_with_its_reason_among_the_rejected(tmp_path: Path) -> None:
    """And those behind it are read."""
    async with bus(tmp_path) as city:
        city.drop("bad.csv", "a,a\n1,2\n")
        city.drop("headless.csv", "st-1,1,\nst-2,2,\n")
        city.drop("good.csv", table(4))
        await city.start()
        await city.ended()
        await city.ended("refused", files=2)
        reasons = {row["reason"].split(".")[0] for row in city.rejected()}
        assert reasons == {
            "The column “a” is in the header twice",
            "The header has none of the columns that are needed: note, station, value",
        }
        assert len(await city.events()) == 4
        await city.stop()
        assert {path.name for path in (city.folder / "rejected").iterdir()} >= {"bad.csv", "headless.csv"}


async def test_a_workbook_is_a_file_like_others(tmp_path: Path) -> None:
    """Row by row, with its bad rows told."""
    import openpyxl  # noqa: PLC0415 - only here

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["station", "value", "note"], ["a", 1.5, None], ["b", "?", None], ["c", 3, "N/A"]):
        sheet.append(row)
    async with bus(tmp_path) as city:
        book.save(city.folder / "f.xlsx")
        await city.start(format="xlsx", pattern="*.xlsx")
        (done,) = await city.ended()
        assert done.detail == "rows 3 = events 2 + rejected 1"
        assert sorted(record["value"] for record in await city.records()) == [1.5, 3.0]


async def test_a_folder_that_is_not_there_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A network drive that is away is said once."""
    async with bus(tmp_path) as city:
        city.folder.rmdir()
        await city.start()
        await until(lambda: "the folder cannot be read" in caplog.text)
        await asyncio.sleep(0.2)
        city.folder.mkdir()
        city.drop("f.csv", table(2))
        await city.ended()
        assert caplog.text.count("the folder cannot be read") == 1


async def test_a_large_file_needs_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    """Sixty megabytes go through a window of a few."""

    async def accept(submitted: Submitted) -> TakenIn:
        return TakenIn(submitted.idempotency_key, Position(EVENTS, 0, 0))

    async with bus(tmp_path) as city:
        city.intake.accept = accept  # type: ignore[method-assign]  # a log in memory would hold all of it
        path = city.folder / ".f.tmp"
        with path.open("w") as file:
            file.write(HEAD)
            for row in range(6_000):
                file.write(f"st-{row},1,{'x' * 10_000}\n")
        size = path.stat().st_size
        tracemalloc.start()
        path.rename(city.folder / "f.csv")
        await city.start()
        (done,) = await city.ended()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert done.detail == "rows 6000 = events 6000 + rejected 0"
        assert peak < size / 2


REGISTER = {
    "map": {
        "station": {
            "concat": [
                {"from": "/tên", "through": ["squeeze", "nfc"]},
                " ",
                {"from": "/giới tính", "through": [{"table": {"1": "nam", "0": "nữ"}}]},
                " ",
                {"from": "/ngày sinh", "through": [{"read_partial_date": ["dd/MM/yyyy", "MM/yyyy", "yyyy"]}]},
                " ",
                {"from": "/điện thoại", "through": [{"remove": " ()-"}]},
            ]
        },
        "value": {"from": "/gió", "through": [{"unit": "km/h"}, {"decimal": {"point": ","}}, "number"]},
        "note": {
            "from": "/trạng thái",
            "nulls": ["", "N/A"],
            "through": [{"table": {"Đã hủy": "huỷ", "Không có": "huỷ", "Hoà giải": "hoà"}}],
            "optional": "true",
        },
    }
}


async def test_what_breaks_integrations_is_mapped_or_told(tmp_path: Path) -> None:
    """Two nulls, two words for a state, units in values, partial dates, letters in pieces, tones in two places."""
    good = [
        'Lê  Văn A,1,12/05/2014,(84-4) 3821 5137,"4,5 km/h",Đã hủy',
        "Tra\u0302\u0300n Thi\u0323 B,0,05/2014,0912,7 km/h,N/A",
        "C,0,2014,0912,0 km/h,Hòa giải",
        "D,0,2014,0912,0 km/h,",
    ]
    bad = [
        ("E,2,2014,0,1 km/h,", "/giới tính"),
        ("F,1,2014-5,0,1 km/h,", "/ngày sinh"),
        ("G,1,31/02/2014,0,1 km/h,", "/ngày sinh"),
        ("H,1,2014,0,1 m/s,", "/gió"),
        ("I,1,2014,0,86%,", "/gió"),
        ("J,1,2014,0,N/A,", "/gió"),
        ("K,1,2014,0,1 km/h,Hoa giải", "/trạng thái"),
        ("L,1,2014,0,4,5 km/h,", ""),
        ('"M,1,2014,0,1 km/h,', ""),
    ]
    lines = ["tên,giới tính,ngày sinh,điện thoại,gió,trạng thái", *good, *(line for line, _ in bad), ",,,,,", ""]
    async with bus(tmp_path) as city:
        city.drop("f.csv", "\ufeff" + "\r\n".join(lines))
        await city.start(mapping=REGISTER, language=Language.VI)
        (done,) = await city.ended()
        assert done.detail == "rows 13 = events 4 + rejected 9"
        assert {(each["station"], each["value"], each["note"]) for each in await city.records()} == {
            ("Lê Văn A nam 2014-05-12 84438215137", 4.5, "huỷ"),
            ("Trần Thị B nữ 2014-05 0912", 7, None),
            ("C nữ 2014 0912", 0, "hoà"),
            ("D nữ 2014 0912", 0, None),
        }
        assert [(row["row"], row["field"]) for row in city.rejected()] == [
            (str(number), field) for number, (_, field) in enumerate(bad, 5)
        ]
        assert all(row["reason"] for row in city.rejected())


class IntakeOfTheseTests:
    """The bench of the suite, over a log in memory."""

    sender = SENDER
    contract = CONTRACT

    def __init__(self, city: Bus) -> None:
        self._city = city
        city.intake.remembers = True

    @property
    def intake(self) -> Intake:
        """The intake."""
        return self._city.intake

    def record(self, name: str) -> JsonValue:
        """A good record."""
        return {"station": name, "value": 1.5}

    def wrong(self) -> tuple[JsonValue, str]:
        """A record with one fault."""
        return {"station": "a", "value": "x"}, "/value"

    async def stored(self, position: Position) -> Stored | None:
        """What is there."""
        return await self._city.transport.read(position)

    async def count(self) -> int:
        """How many there are."""
        return len(await self._city.all_of(EVENTS))

    def away(self, *, is_away: bool) -> None:
        """Take the log away, or bring it back."""
        self._city.transport.store.available = not is_away  # type: ignore[attr-defined]


class TestTheIntakeOfTheseTests(IntakeSuite):
    """It passes the suite that the gateway's passes, so that what is shown with it holds there."""

    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[IntakeOfTheseTests]:
        async with bus(tmp_path) as city:
            yield IntakeOfTheseTests(city)


async def test_only_the_first_rows_of_a_file_are_looked_for_among_older_ones(tmp_path: Path) -> None:
    """Once one is new, all that follow are: what came before a crash is read back from the log."""
    asked: list[Submitted] = []

    async def note(submitted: Submitted) -> None:
        asked.append(submitted)

    async with bus(tmp_path) as city:
        city.intake.before = note
        city.drop("f.csv", table(1000))
        await city.start()
        await city.ended()
    assert not asked[0].is_new
    assert all(each.is_new for each in asked[256:])


async def test_rows_with_a_key_of_their_own_are_all_looked_for(tmp_path: Path) -> None:
    """Each may have come in another file."""
    asked: list[Submitted] = []

    async def note(submitted: Submitted) -> None:
        asked.append(submitted)

    async with bus(tmp_path) as city:
        city.intake.before = note
        city.drop("f.csv", table(600))
        await city.start(key=("station",))
        await city.ended()
    assert not any(each.is_new for each in asked)


async def test_a_row_that_may_be_on_the_log_is_looked_for_when_it_comes_again(tmp_path: Path) -> None:
    """The log did not say whether it has it."""
    asked: list[Submitted] = []

    async def note(submitted: Submitted) -> None:
        asked.append(submitted)

    async def stored_but_unsaid(submitted: Submitted) -> None:
        if dict(submitted.attributes)["sourcerow"] == "900" and submitted.is_new:
            raise LogUnknown("the connection broke")

    async with bus(tmp_path) as city:
        city.intake.before, city.intake.after, city.intake.remembers = note, stored_but_unsaid, True
        city.drop("f.csv", table(1000))
        await city.start()
        await city.ended()
        assert twice(await city.events()) == []
        assert len(await city.events()) == 1000
    assert [each.is_new for each in asked if dict(each.attributes)["sourcerow"] == "900"] == [True, False]


async def test_a_file_that_is_older_than_the_notes_is_known_by_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many files are remembered; of those before them the ledger knows every row, and is asked for each."""
    monkeypatch.setattr("adapters.sources.notes._MOST_FILES", 0)
    async with bus(tmp_path) as city:
        city.intake.remembers = True
        city.drop("f.csv", table(600))
        await city.start()
        await city.ended()
        city.drop("again.csv", table(600))
        await city.ended(files=2)
        assert twice(await city.events()) == []
