"""The scenario as it is written: scenes and what is expected of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expect(_Strict):
    """What has to come of a scene; what is None is not looked at."""

    status: int
    outcome: str | None = None
    problem: str | None = None
    pointers: list[str] | None = None
    candidates: list[str] | None = None
    record: dict[str, Any] | None = None
    withheld: list[str] | None = None
    ground: str | None = None
    received: dict[str, int] = Field(default_factory=dict)
    wrote: dict[str, dict[str, Any]] = Field(default_factory=dict)


class Scene(_Strict):
    """One thing to play. `times` exchanges; `restart` stops and starts a system under them.

    `title` is what the catalogue says, under the context of the story. `play` is how: by sending; by having the sender
    send straight, with no bus between; by a day of readings in the station's folder, seen event by event or by its
    account; or by pulling what was published. A crowd of `times` has pupils of its own.

    `repeat` sends each request a second time under the same key, the same or with these fields changed; the second
    answer is the one that is judged.
    """

    name: str
    title: str
    contract: str
    sender: str = "motcua-hoi-an"
    headers: dict[str, str] | None = None
    send: dict[str, Any] = Field(default_factory=dict)
    times: int = 1
    restart: str | None = None
    play: Literal["send", "direct", "station", "station-account", "pull"] = "send"
    repeat: Literal["same"] | dict[str, Any] | None = None
    expect: Expect


class Defaults(_Strict):
    """What all scenes of a contract share."""

    headers: dict[str, str] = Field(default_factory=dict)


class Scenario(_Strict):
    """All scenes, in the order in which they are played."""

    defaults: dict[str, Defaults]
    scenes: list[Scene]

    def headers(self, scene: Scene) -> dict[str, str]:
        """The headers that a scene sends: its own, else its contract's."""
        if scene.headers is not None:
            return scene.headers
        return self.defaults.get(scene.contract, Defaults()).headers

    def scene(self, name: str) -> Scene:
        """The scene of that name. KeyError."""
        for scene in self.scenes:
            if scene.name == name:
                return scene
        raise KeyError(name)


class _TextDates(yaml.SafeLoader):
    """YAML whose dates stay text: 2014-09 is not a day, and 2025-07-01 is what the record says."""


_TextDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_scenario(path: Path | None = None) -> Scenario:
    """The scenario in `path`, or the one that ships."""
    source = path or Path(__file__).with_name("scenario.yaml")
    return Scenario.model_validate(yaml.load(source.read_bytes(), _TextDates))  # noqa: S506 - a SafeLoader
