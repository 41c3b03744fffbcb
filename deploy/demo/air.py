"""The scenes of the air station: a file is left in its folder, and everything else happens by itself."""

from __future__ import annotations

import asyncio
import csv
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

from contracts.envelope import copy_id
from deploy.demo.city import City
from deploy.demo.journals import Line, lines_of
from deploy.demo.processes import SystemProcesses
from deploy.demo.scenario import Scene
from deploy.demo.station import Day, day_of_readings, leave, name_for
from deploy.demo.verdict import Observation

CONTRACT: Final = "environment.air-observation"
PUSHED: Final = ("dieuhanh", "truong-lien-chieu")
_DONE_S: Final = 60.0
_AWAY_S: Final = 1.5
_PAGE: Final = 10

Token = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class AirAccount:
    """What came of files that were played. `repeated` ones the bus had read before, and they do not count again."""

    files: int
    repeated: int
    rows: int
    events: int
    rejected: int

    @property
    def adds_up(self) -> bool:
        """Whether each row became one event or was rejected."""
        return self.rows == self.events + self.rejected


class AirStation:
    """Plays the station's scenes. Its readings are others each time: the same file again would bring nothing new."""

    def __init__(self, city: City, processes: SystemProcesses, client: httpx.AsyncClient, token: Token) -> None:
        self._city = city
        self._processes = processes
        self._client = client
        self._token = token
        self._rng = random.Random()  # noqa: S311 - readings, no secrets

    async def play(self, scene: Scene) -> list[Observation]:
        """What came of one scene: an observation for each good row, or one for what is told of all of them."""
        if scene.play == "pull":
            return [await self._pulled(scene)]
        day = day_of_readings(datetime.now(UTC), self._rng)
        if scene.restart is not None:
            await self._processes.stop(scene.restart)
        left = leave(self._city.station, name_for(datetime.now(UTC)), day.text)
        if scene.restart is not None:
            await asyncio.sleep(_AWAY_S)
            await self._processes.start(scene.restart)
        await self._until_read(left)
        lines = await self._until_pushed(day)
        if scene.play == "station-account":
            return [self._account(left, day, lines)]
        return [await self._event(moment, lines) for moment in day.moments]

    async def play_files(self, sources: Sequence[Path]) -> AirAccount:
        """Leave CSV files one after the other, as the station would, and count what came of them.

        `events` are counted by the operations centre's own file. TimeoutError, OSError.
        """
        before = len(self._events())
        files, repeated, rows, rejected = 0, 0, 0, 0
        for source in sources:
            text = await asyncio.to_thread(source.read_text, encoding="utf-8-sig")
            left = leave(self._city.station, source.name, text)
            await self._until_read(left)
            if list((self._city.station / "done").glob(f"{left.stem}*.repeated*")):
                repeated += 1
                continue
            files += 1
            rows += sum(1 for row in csv.reader(text.splitlines()) if row) - 1
            rejected += len(rejected_rows(self._city.station, left.name))
        until = asyncio.get_running_loop().time() + _DONE_S
        while (events := len(self._events()) - before) < rows - rejected:
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(0.2)
        return AirAccount(files, repeated, rows, events, rejected)

    def _events(self) -> set[str]:
        return {str(line["event"]) for line in lines_of(self._city.journal("dieuhanh"))}

    async def _until_read(self, left: Path) -> None:
        """The bus moves a file away once all of its rows are dealt with. TimeoutError."""
        async with asyncio.timeout(_DONE_S):
            while await asyncio.to_thread(left.exists):  # noqa: ASYNC110 - the bus moves it: nobody tells us
                await asyncio.sleep(0.05)

    async def _until_pushed(self, day: Day) -> dict[str, list[Line]]:
        """The lines of each subscriber about this day, once it has all of them or the time is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _DONE_S
        while True:
            lines = {system: self._lines(system, day) for system in PUSHED}
            if all(len(found) >= len(day.moments) for found in lines.values()) or loop.time() > until:
                return lines
            await asyncio.sleep(0.1)

    def _lines(self, system: str, day: Day) -> list[Line]:
        wanted = {_instant(moment) for moment in day.moments}
        moment_of = "dateObserved" if system == "dieuhanh" else "luc"
        return [line for line in lines_of(self._city.journal(system)) if _instant(line.get(moment_of)) in wanted]

    async def _event(self, moment: str, lines: Mapping[str, Sequence[Line]]) -> Observation:
        """One reading: what the bus says of its event, and what each subscriber wrote down."""
        pushed = [line for line in lines["dieuhanh"] if _instant(line["dateObserved"]) == _instant(moment)]
        event = str(pushed[0]["event"]) if pushed else ""
        copies = {system: copy_id(event, system) for system in PUSHED}
        headers = {"authorization": f"Bearer {await self._token('quantrac')}"}
        answer = await self._client.get(f"/exchanges/{event or '-'}", params={"wait": "20"}, headers=headers)
        body = answer.json()
        return Observation(
            exchange=event,
            status=answer.status_code,
            body=body,
            outcome=body.get("outcome"),
            lines={
                system: [line for line in found if line["exchange"] == copies[system]]
                for system, found in lines.items()
            },
        )

    def _account(self, left: Path, day: Day, lines: Mapping[str, Sequence[Line]]) -> Observation:
        """A file as a whole: its rows, its events as a subscriber counts them, its rejects, and who was first."""
        rejected = rejected_rows(self._city.station, left.name)
        fields = [row["field"] for row in rejected]
        last = {system: max(line["time"] for line in found) for system, found in lines.items() if found}
        record = {
            "rows": len(day.text.splitlines()) - 1,
            "events": len({line["event"] for line in lines["dieuhanh"]}),
            "rejected": len(rejected),
            "rejected_fields": fields,
            "slow_one_delayed_nobody": last["dieuhanh"] < last["truong-lien-chieu"]
            if len(last) == len(PUSHED)
            else None,
        }
        return Observation("", 200, {"record": record}, None, {})

    async def _pulled(self, scene: Scene) -> Observation:
        """A puller takes a page, goes away, and comes back with nothing but its cursor."""
        headers = {"authorization": f"Bearer {await self._token(scene.sender)}"}
        seen: list[str] = []
        withheld: set[str] = set()
        cursor, pages, more, status = "", 0, True, 0
        while more:
            parameters = {"limit": str(_PAGE), **({"cursor": cursor} if cursor else {})}
            # A client of its own for each page: nothing but the cursor goes from one to the next.
            async with httpx.AsyncClient(base_url=self._city.url, timeout=30, trust_env=False) as client:
                answer = await client.get(f"/inbox/{CONTRACT}", params=parameters, headers=headers)
            status, page = answer.status_code, answer.json()
            if status != httpx.codes.OK:
                return Observation("", status, page, None, {})
            seen += [event["id"] for event in page["events"]]
            withheld |= {each["path"] for event in page["events"] for each in event["withheld"]}
            cursor, more, pages = page["cursor"], page["more"], pages + 1
        pushed = {str(line["event"]) for line in lines_of(self._city.journal("dieuhanh"))}
        record = {
            "in_several_pages": pages > 1,
            "twice": len(seen) - len(set(seen)),
            "missed": len(pushed - set(seen)),
            "sees_wind": "/windSpeed" not in withheld,
        }
        return Observation("", status, {"record": record}, None, {})


def rejected_rows(station: Path, name: str) -> list[dict[str, str]]:
    """The rows that were rejected of the file that was called `name`."""
    rows: list[dict[str, str]] = []
    for path in sorted((station / "rejected").glob(f"{name}.*.rejected.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += list(csv.DictReader(file, restkey="more"))
    return rows


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
