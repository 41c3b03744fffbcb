"""Act 4: what cannot be known is not guessed. An officer chooses, and the case is seen from three sides."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from contracts.trace import TraceContext
from deploy.demo.scenario import Scene
from deploy.demo.story.acts.disease import FORMER_WARD
from deploy.demo.story.keyboard import ENTER
from deploy.demo.story.screen import ACCENT, BAD, GOOD
from deploy.demo.story.stage import Stage
from deploy.demo.story.three_sides import Attempt, hops, three_sides
from deploy.demo.story.wards import BEFORE, name_on
from deploy.demo.verdict import Observation

_CONSOLE: Final = "/console/exchanges/"
_NOT_FOUND: Final = 404


async def play(stage: Stage) -> None:
    """Send the code of today, be refused, choose, send again; then both attempts beside each other."""
    screen = stage.screen
    trace = TraceContext.start(secrets.token_bytes)
    case = f"H17.61-{datetime.now().astimezone():%y%m%d}-{secrets.randbelow(10_000):04d}"
    refused_scene = _of_a_case(stage, "ambiguous-ward", trace, case)
    sent = stage.player.record(refused_scene)
    screen.say(
        "guess.sends", name=sent["full_name"], code=sent["home_ward"], day=screen.texts.day(sent["home_ward_on"])
    )
    refused = await stage.play_scene(refused_scene)
    chosen = await _choose(stage, refused, sent)
    screen.turn_page()
    screen.say("guess.chose", ward=f"{chosen} {name_on(stage.wards, chosen, BEFORE)}")
    chosen_scene = _with_ward(_of_a_case(stage, "chosen-ward", trace, case), chosen)
    delivered = await stage.play_scene(chosen_scene)
    if not screen.is_low:
        screen.space()
    await _show(stage, case, (refused_scene, refused), (chosen_scene, delivered))
    await screen.pause()


def _of_a_case(stage: Stage, name: str, trace: TraceContext, case: str) -> Scene:
    """A scene whose request belongs to `case`, and to `trace`: what was refused and what was sent then are one."""
    scene = stage.scenario.scene(name)
    parent = trace.child(secrets.token_bytes).traceparent
    headers = {**stage.scenario.headers(scene), "Case-Ref": case, "traceparent": parent}
    return scene.model_copy(update={"headers": headers})


def _with_ward(scene: Scene, ward: str) -> Scene:
    """The scene with another ward, and what is to be written of it."""
    wrote = {"gddt": {"maXa": ward}}
    expect = scene.expect.model_copy(update={"wrote": wrote})
    return scene.model_copy(update={"send": {**scene.send, "home_ward": ward}, "expect": expect})


async def _choose(stage: Stage, refused: Observation, sent: Mapping[str, Any]) -> str:
    screen = stage.screen
    error: dict[str, Any] = next(iter(refused.body.get("errors", [])), {})
    candidates = [str(each) for each in error.get("candidates", [])] or [FORMER_WARD]
    table = Table.grid(padding=(0, 2))
    table.add_column(style=ACCENT, justify="right")
    for number, code in enumerate(candidates, start=1):
        own = code == FORMER_WARD
        name = Text(name_on(stage.wards, code, BEFORE), style="bold" if own else "")
        table.add_row(str(number), Text(code, style="bold" if own else ""), name)
    asked = screen.text("guess.choices", code=sent["home_ward"], count=len(candidates))
    title = screen.texts("guess.refused")
    screen.space()
    screen.frame(Text(str(error.get("remedy", ""))), Text(), asked, table, title=title, style=BAD)
    default = name_on(stage.wards, FORMER_WARD, BEFORE)
    with screen.asking("guess.choose", count=len(candidates), name=default):
        while True:
            key = await screen.keyboard.key()
            if key in ENTER:
                return FORMER_WARD
            if key.isascii() and key.isdigit() and 1 <= int(key) <= len(candidates):
                return candidates[int(key) - 1]


async def _show(stage: Stage, case: str, *sent: tuple[Scene, Observation]) -> None:
    screen, texts = stage.screen, stage.screen.texts
    attempts = [await Attempt.read(stage, scene, seen) for scene, seen in sent]
    last = attempts[-1]
    ways = [hops(stage, number, attempt) for number, attempt in enumerate(attempts, start=1)]
    screen.frame(
        three_sides(stage, attempts),
        *([] if screen.is_low else [Text()]),
        *ways,
        screen.text("guess.linked", case=case, trace=last.trace_id),
        title=texts("guess.one_exchange"),
        style=GOOD,
    )
    ward = last.received.get("tenXa", "—")
    screen.say("guess.delivered", ward=f"{ward} ({last.received.get('maXa', '—')})")
    answer = await stage.client.get(f"{_CONSOLE}{last.exchange}", headers={"accept": "text/html"})
    if answer.status_code != _NOT_FOUND:
        name, password = stage.city.operator
        screen.say("guess.console", url=f"{stage.city.url}{_CONSOLE}{last.exchange}", name=name, password=password)
