"""A bus with people who sign in, and a browser that is only HTTP."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from argon2 import PasswordHasher

from contracts.channels import inbox
from contracts.ports import Message
from tests.flows.support import GOOD, NOTE, FakeSystem, RunningBus, fine, hang, start_bus, status

PASSWORD: Final = "mat-khau-thu"
USERS: Final = """users:
  - {id: vanhanh, name: Nguyễn Vận Hành, password: "file:secrets/person.hash", role: operator}
  - {id: xem, name: Trần Chỉ Xem, password: "file:secrets/person.hash", role: viewer}
"""


def with_people(root: Path) -> None:
    """Add the users to a workspace."""
    (root / "users").mkdir(exist_ok=True)
    (root / "users/people.yaml").write_text(USERS, encoding="utf-8")
    hashed = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    (root / "secrets/person.hash").write_text(hashed, encoding="utf-8")


async def bus_with_people(root: Path) -> RunningBus:
    """A bus on the memory log with two systems, an operator and a viewer."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    return await start_bus(root, systems, change=with_people)


async def dead_letter(bus: RunningBus) -> str:
    """The id of an exchange that `memo` refuses for good."""
    bus.systems["memo"].behave = status(403)
    exchange: str = (await bus.send(NOTE, GOOD, to="memo")).json()["id"]
    async with asyncio.timeout(20):
        while exchange not in {each["id"] for each in (await bus.operate("GET", "dead")).json()["dead"]}:
            await asyncio.sleep(0.05)
    return exchange


async def doubtful(bus: RunningBus) -> str:
    """The id of an exchange whose end nobody saw."""
    bus.systems["twice"].behave = hang
    exchange: str = (await bus.send(NOTE, GOOD, to="twice")).json()["id"]
    await bus.settled(exchange)
    return exchange


@dataclass(slots=True)
class Visitor:
    """Somebody at the console, with cookies and no JavaScript."""

    client: httpx.AsyncClient
    origin: str

    @classmethod
    def at(cls, bus: RunningBus, **headers: str) -> Visitor:
        """A new visitor, closed with the bus."""
        origin = f"http://127.0.0.1:{bus.bus.port}"
        client = httpx.AsyncClient(base_url=origin, trust_env=False, timeout=60, headers=headers)
        bus.stack.push_async_callback(client.aclose)
        return cls(client, origin)

    async def sign_in(self, user: str = "vanhanh", password: str = PASSWORD, **headers: str) -> httpx.Response:
        """Fill the form in."""
        form = {"user": user, "password": password, "next": "/console/exchanges"}
        return await self.client.post("/console/sign-in", data=form, headers={"origin": self.origin, **headers})

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path, **options)

    async def post(self, path: str, form: Mapping[str, Any], **headers: str) -> httpx.Response:
        """Send a form of this session, from a page of this site."""
        token = await self.form_token()
        named = {"origin": self.origin, **headers}
        return await self.client.post(path, data={"form_token": token, **form}, headers=named)

    async def form_token(self) -> str:
        """The token in the forms of the pages."""
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', (await self.get("/console/in-doubt")).text)
        assert found is not None
        return found[1]


def text_of(page: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def unreadable(bus: RunningBus) -> str:
    """Where a stranger's message lay that has no envelope, once the bus has laid it down."""
    at = await bus.bus.core.transport.append(Message(inbox("memo"), b"?", b"?", (("who", b"a stranger"),)))
    place = f"{at.channel}/{at.partition}/{at.offset}"
    async with asyncio.timeout(20):
        while place not in {each["id"] for each in (await bus.operate("GET", "dead")).json()["dead"]}:
            await asyncio.sleep(0.05)
    return place
