"""What every act has at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from contracts.codelists import CodeList
from deploy.demo.city import City
from deploy.demo.player import Player
from deploy.demo.processes import BusProcess, SystemProcesses
from deploy.demo.scenario import Scenario, Scene
from deploy.demo.story.account import Account
from deploy.demo.story.screen import Screen
from deploy.demo.verdict import Observation


@dataclass(frozen=True, slots=True)
class Stage:
    """A city, those who play in it, and the screen that shows it. `written_before` is where the visit begins in the
    school register's file; `command` is how `lienthong` is typed here."""

    city: City
    scenario: Scenario
    wards: CodeList
    processes: SystemProcesses
    bus: BusProcess
    client: httpx.AsyncClient
    player: Player
    screen: Screen
    command: str
    written_before: int
    account: Account = field(default_factory=Account)

    async def play(self, name: str, **changed: Any) -> Observation:  # noqa: ANN401 - any field of a scene
        """Play a scene of one exchange, with these fields changed, and take it into the account."""
        return await self.play_scene(self.scenario.scene(name).model_copy(update=changed))

    async def play_scene(self, scene: Scene) -> Observation:
        """The same of a scene that is at hand."""
        seen = await self.player.play_scene(scene)
        self.screen.differences(self.account.add(scene, seen))
        return seen[0]
