"""Playing the scenario against a running bus, as the systems of the city would."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from contracts.envelope import exchange_id
from deploy.demo.air import AirStation
from deploy.demo.city import RECEIVERS, City
from deploy.demo.processes import SystemProcesses
from deploy.demo.scenario import Scenario, Scene
from deploy.demo.verdict import Observation

_SETTLED_S: Final = 60.0
_AT_A_TIME: Final = 16
_AWAY_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Played:
    """A scene with what was seen of each of its exchanges."""

    scene: Scene
    seen: list[Observation]


@dataclass(frozen=True, slots=True)
class _Sent:
    exchange: str
    response: httpx.Response


class Player:
    """Plays scenes one after the other."""

    def __init__(self, city: City, scenario: Scenario, processes: SystemProcesses, client: httpx.AsyncClient) -> None:
        self._city = city
        self._scenario = scenario
        self._processes = processes
        self._client = client
        self._tokens: dict[str, str] = {}
        self._slots = asyncio.Semaphore(_AT_A_TIME)
        self._station = AirStation(city, processes, client, self._token)

    @property
    def station(self) -> AirStation:
        """The air station."""
        return self._station

    async def play(self) -> AsyncIterator[Played]:
        """Each scene as it has been played."""
        for scene in self._scenario.scenes:
            yield Played(scene, await (self._play(scene) if scene.play == "send" else self._station.play(scene)))

    async def _play(self, scene: Scene) -> list[Observation]:
        sending = asyncio.gather(*(self._once(scene) for _ in range(scene.times)))
        if scene.restart is not None:
            await self._processes.stop(scene.restart)
            await asyncio.sleep(_AWAY_S)
            await self._processes.start(scene.restart)
        sent = await sending
        outcomes = await asyncio.gather(*(self._outcome(scene, each) for each in sent))
        lines = {system: _by_exchange(self._city.journal(system)) for system in RECEIVERS}
        return [
            Observation(
                exchange=each.exchange,
                status=each.response.status_code,
                body=each.response.json(),
                outcome=outcome,
                lines={system: found.get(each.exchange, []) for system, found in lines.items()},
            )
            for each, outcome in zip(sent, outcomes, strict=True)
        ]

    async def _once(self, scene: Scene) -> _Sent:
        record = {**_example(self._city, scene.contract), **scene.send}
        key = secrets.token_urlsafe(12)
        async with self._slots:
            sent = await self._send(scene, key, record)
            if scene.repeat is not None:
                changed = {} if scene.repeat == "same" else scene.repeat
                again = await self._send(scene, key, {**record, **changed})
                return _Sent(sent.exchange, again.response)
        return sent

    async def _send(self, scene: Scene, key: str, record: Mapping[str, Any]) -> _Sent:
        headers = {
            **self._scenario.headers(scene),
            "authorization": f"Bearer {await self._token(scene.sender)}",
            "content-type": "application/json",
            "idempotency-key": key,
            "accept-language": "vi",
        }
        content = orjson.dumps(record)
        response = await self._client.post(f"/exchange/{scene.contract}", content=content, headers=headers)
        # Also what is turned away has an exchange, under which the journal knows it: it follows from sender and key.
        return _Sent(exchange_id(scene.sender, key), response)

    async def _outcome(self, scene: Scene, sent: _Sent) -> str | None:
        """The outcome in the answer or, where it was a receipt, the one that its exchange ended with."""
        body = sent.response.json()
        if sent.response.status_code != httpx.codes.ACCEPTED:
            outcome = body.get("outcome")
            return outcome if isinstance(outcome, str) else None
        loop = asyncio.get_running_loop()
        until = loop.time() + _SETTLED_S
        location = sent.response.headers["location"]
        while loop.time() < until:
            headers = {"authorization": f"Bearer {await self._token(scene.sender)}"}
            async with self._slots:
                answer = await self._client.get(location, params={"wait": "5"}, headers=headers)
            if answer.status_code == httpx.codes.OK and answer.json()["state"] == "settled":
                return str(answer.json()["outcome"])
            await asyncio.sleep(0.1)
        return None

    async def _token(self, system: str) -> str:
        if system not in self._tokens:
            response = await self._client.post(
                "/oauth2/token", data={"grant_type": "client_credentials"}, auth=self._city.credentials(system)
            )
            self._tokens[system] = response.raise_for_status().json()["access_token"]
        return self._tokens[system]


def _example(city: City, contract: str) -> dict[str, Any]:
    path = city.workspace / "contracts" / contract / "examples" / "request.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _by_exchange(journal: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    if journal.exists():
        for line in journal.read_text(encoding="utf-8").splitlines():
            record = orjson.loads(line)
            found.setdefault(record["exchange"], []).append(record)
    return found
