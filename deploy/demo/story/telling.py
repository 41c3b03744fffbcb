"""Telling the story: the city in a folder, its processes, the acts one after the other, and a clean end."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys
from contextlib import AsyncExitStack

import httpx
from rich.console import Console

from contracts.errors import BusError
from contracts.wording import Language
from deploy.demo.city import City
from deploy.demo.journals import length_of
from deploy.demo.player import Player
from deploy.demo.processes import BusProcess, SystemProcesses
from deploy.demo.scenario import read_scenario
from deploy.demo.story.acts import ACTS, STARTS_THE_BUS, Act
from deploy.demo.story.acts.plug import RECEIVER
from deploy.demo.story.keyboard import Keyboard, Left
from deploy.demo.story.paths import as_typed
from deploy.demo.story.screen import Screen
from deploy.demo.story.stage import Stage
from deploy.demo.story.texts import Texts, read_sentences
from deploy.demo.story.wards import read_wards


class Interrupted(Exception):
    """Something that the story needs does not answer; the message says what, in the person's language."""


async def tell(city: City, language: Language, command: str) -> bool:
    """Tell it to whoever sits at the terminal; whether all that was seen was as expected. CannotRun, Interrupted.

    The person may leave at any moment, by Ctrl-C: every process that was started is stopped.
    """
    texts = Texts(language, read_sentences())
    console = Console(highlight=False)
    screen = Screen(console, Keyboard(sys.stdin.fileno()), texts)
    said = city.data / "story.log"
    async with AsyncExitStack() as stack:
        stack.callback(_farewell, console, texts, command)
        processes, bus = SystemProcesses(city, said), BusProcess(city, said)
        stack.push_async_callback(processes.stop)
        stack.push_async_callback(bus.stop)
        stack.enter_context(screen.keyboard.listening())
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=city.url, timeout=90, trust_env=False))
        scenario = read_scenario()
        stage = Stage(
            city=city,
            scenario=scenario,
            wards=read_wards(city.workspace),
            processes=processes,
            bus=bus,
            client=client,
            player=Player(city, scenario, processes, client, str(language)),
            screen=screen,
            command=command,
            written_before=length_of(city.journal(RECEIVER)),
        )
        try:
            await _until_left(stage)
        except (httpx.HTTPError, BusError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise Interrupted(texts("story.gone", why=why, log=as_typed(said))) from error
    return not stage.account.wrong


async def _until_left(stage: Stage) -> None:
    """Play the acts; come back when they are over, or when the person leaves."""
    acts = asyncio.create_task(_play(stage))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, acts.cancel)
    try:
        await acts
    except (Left, asyncio.CancelledError):
        stage.screen.space()


async def _play(stage: Stage) -> None:
    for number, (name, act) in enumerate(ACTS.items(), start=1):
        stage.screen.open_act(number, len(ACTS), name)
        await (act(stage) if name in STARTS_THE_BUS else _while_the_bus_lives(stage, act))


async def _while_the_bus_lives(stage: Stage, act: Act) -> None:
    """Play an act; httpx.TransportError once the bus is gone: who waits for it would wait for nothing."""
    playing, death = asyncio.ensure_future(act(stage)), asyncio.create_task(stage.bus.ended())
    try:
        await asyncio.wait((playing, death), return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            raise httpx.TransportError(f"bus, signal {death.result()}")
        await playing
    finally:
        death.cancel()
        playing.cancel()
        await asyncio.wait((playing,))


def _farewell(console: Console, texts: Texts, command: str) -> None:
    console.print()
    console.print(texts("story.left", command=f"{command} {shlex.join(sys.argv[1:])}"), soft_wrap=True)
