"""Playing the scenario against a running bus, as the systems of the city would."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from contracts.envelope import exchange_id
from deploy.demo.air import AirStation
from deploy.demo.city import RECEIVERS, City
from deploy.demo.journals import by_exchange, length_of, lines_of
from deploy.demo.processes import SystemProcesses
from deploy.demo.pupils import pupil
from deploy.demo.scenario import Scenario, Scene
from deploy.demo.verdict import Observation

_SETTLED_S: Final = 120.0
_AT_A_TIME: Final = 16
_AWAY_S: Final = 1.5
_AGAIN_S: Final = 0.3
_LEDGER_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Played:
    """A scene with what was seen of each of its exchanges."""

    scene: Scene
    seen: list[Observation]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was sent, and the first answer to it."""

    exchange: str
    response: httpx.Response


@dataclass(frozen=True, slots=True)
class _Token:
    """A token, and until when it is used, by the clock of the event loop."""

    text: str
    until_s: float


class Player:
    """Plays scenes one after the other. Answers are asked for in `language`."""

    def __init__(
        self,
        city: City,
        scenario: Scenario,
        processes: SystemProcesses,
        client: httpx.AsyncClient,
        language: str = "vi",
    ) -> None:
        self._city = city
        self._language = language
        self._scenario = scenario
        self._processes = processes
        self._client = client
        self._tokens: dict[str, _Token] = {}
        self._slots = asyncio.Semaphore(_AT_A_TIME)
        self._station = AirStation(city, processes, client, self.token)

    @property
    def station(self) -> AirStation:
        """The air station."""
        return self._station

    async def play(self) -> AsyncIterator[Played]:
        """Each scene as it has been played."""
        for scene in self._scenario.scenes:
            yield Played(scene, await self.play_scene(scene))

    async def play_scene(self, scene: Scene) -> list[Observation]:
        """What was seen of each exchange of one scene."""
        if scene.play == "direct":
            return [await self._straight(scene)]
        if scene.play != "send":
            return await self._station.play(scene)
        sending = asyncio.gather(*(self.send(scene, number) for number in range(scene.times)))
        if scene.restart is not None:
            await self._processes.stop(scene.restart)
            await asyncio.sleep(_AWAY_S)
            await self._processes.start(scene.restart)
        return await self.observe(scene, await sending)

    async def send(self, scene: Scene, number: int = 0) -> Sent:
        """Send the `number`th request of a scene, as its sender would.

        Where the bus is gone, or says that it cannot know, the request is repeated under its key until it is answered,
        for two minutes. TimeoutError.
        """
        record = self.record(scene, number)
        key = secrets.token_urlsafe(12)
        async with self._slots, asyncio.timeout(_SETTLED_S):
            sent = await self._send_until_answered(scene, key, record)
            if scene.repeat is None:
                return sent
            changed = {} if scene.repeat == "same" else scene.repeat
            return await self._send_until_answered(scene, key, {**record, **changed})

    def record(self, scene: Scene, number: int = 0) -> dict[str, Any]:
        """What the `number`th request of a scene says."""
        crowd = pupil(number) if scene.times > 1 else {}
        return {**_example(self._city, scene.contract), **scene.send, **crowd}

    async def observe(self, scene: Scene, sent: Sequence[Sent]) -> list[Observation]:
        """What became of each request: its answer, its outcome, and the lines of those who received it."""
        outcomes = await asyncio.gather(*(self._outcome(scene, each) for each in sent))
        lines = {system: by_exchange(lines_of(self._city.journal(system))) for system in RECEIVERS}
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

    async def receipt(self, scene: Scene, sent: Sent) -> dict[str, Any]:
        """What the bus says now of a request that it has given a receipt for."""
        headers = {"authorization": f"Bearer {await self.token(scene.sender)}"}
        async with self._slots:
            answer = await self._client.get(sent.response.headers["location"], headers=headers)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    async def answered(self, scene: Scene, exchange: str) -> None:
        """Wait a little until the ledger has all of an exchange that was waited for, up to its reply."""
        headers = {"authorization": f"Bearer {await self.token(scene.sender)}"}
        until = asyncio.get_running_loop().time() + _LEDGER_S
        while asyncio.get_running_loop().time() < until:
            answer = await self._client.get(f"/exchanges/{exchange}", params={"wait": "5"}, headers=headers)
            if answer.is_success and any(step["kind"] == "replied" for step in answer.json()["steps"]):
                return
            await asyncio.sleep(0.05)

    async def _straight(self, scene: Scene) -> Observation:
        """One system sends to another by itself; the bus has no part in it, and no number for it."""
        written = {system: length_of(self._city.journal(system)) for system in RECEIVERS}
        url = f"http://127.0.0.1:{self._city.ports[scene.sender]}/ChuyenTruong"
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            answer = await client.post(url, json=scene.send)
        lines = {system: lines_of(self._city.journal(system), since) for system, since in written.items()}
        return Observation("", answer.status_code, answer.json(), None, lines)

    async def _send_until_answered(self, scene: Scene, key: str, record: Mapping[str, Any]) -> Sent:
        while True:
            sent = await self._send(scene, key, record)
            if sent is not None and sent.response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return sent
            await asyncio.sleep(_AGAIN_S)

    async def _send(self, scene: Scene, key: str, record: Mapping[str, Any]) -> Sent | None:
        """The answer; None where the bus is gone and nobody knows what it has done."""
        try:
            headers = {
                **self._scenario.headers(scene),
                "authorization": f"Bearer {await self.token(scene.sender)}",
                "content-type": "application/json",
                "idempotency-key": key,
                "accept-language": self._language,
            }
            content = orjson.dumps(record)
            response = await self._client.post(f"/exchange/{scene.contract}", content=content, headers=headers)
        except httpx.TransportError:
            return None
        # Also what is turned away has an exchange, under which the journal knows it: it follows from sender and key.
        return Sent(exchange_id(scene.sender, key), response)

    async def _outcome(self, scene: Scene, sent: Sent) -> str | None:
        """The outcome in the answer or, where it was a receipt, the one that its exchange ended with."""
        body = sent.response.json()
        if sent.response.status_code != httpx.codes.ACCEPTED:
            outcome = body.get("outcome")
            return outcome if isinstance(outcome, str) else None
        loop = asyncio.get_running_loop()
        until = loop.time() + _SETTLED_S
        location = sent.response.headers["location"]
        while loop.time() < until:
            headers = {"authorization": f"Bearer {await self.token(scene.sender)}"}
            async with self._slots:
                answer = await self._client.get(location, params={"wait": "5"}, headers=headers)
            if answer.status_code == httpx.codes.OK and answer.json()["state"] == "settled":
                return str(answer.json()["outcome"])
            await asyncio.sleep(0.1)
        return None

    async def token(self, system: str) -> str:
        """A token of that system: the last one, for as long as it is sure to be good."""
        now_s = asyncio.get_running_loop().time()
        found = self._tokens.get(system)
        if found is None or found.until_s < now_s:
            response = await self._client.post(
                "/oauth2/token", data={"grant_type": "client_credentials"}, auth=self._city.credentials(system)
            )
            told = response.raise_for_status().json()
            found = self._tokens[system] = _Token(told["access_token"], now_s + told["expires_in"] / 2)
        return found.text


def _example(city: City, contract: str) -> dict[str, Any]:
    path = city.workspace / "contracts" / contract / "examples" / "request.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
