"""`lienthong demo`: the story, with a person at the terminal; with `--once`, the scenario played through and judged."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import httpx
import typer
import uvloop
from rich.console import Console

from contracts.said import said
from contracts.wording import Language
from deploy.demo.air import AirAccount
from deploy.demo.city import CannotSetUp, City, set_up
from deploy.demo.played_table import PlayedTable
from deploy.demo.player import Played, Player
from deploy.demo.processes import SystemProcesses, until_ready
from deploy.demo.scenario import read_scenario
from deploy.demo.story.paths import as_typed, command_as_typed
from deploy.demo.story.telling import Interrupted, tell
from deploy.demo.story.texts import Texts, read_sentences
from deploy.demo.verdict import differences
from deploy.ports import is_free
from gateway.commands.output import Exit, fail, print_json, say
from gateway.commands.speaking import Lang, speak, stated_in, told
from gateway.logs import set_up_logging
from gateway.wiring.embedded import Bus
from gateway.wiring.run import CannotRun


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help="A model city: six made-up systems on one bus, and a story of five minutes.")(demo)


def demo(
    data: Annotated[Path, typer.Option(help="Where the city lives; the next start goes on from there.")] = Path(
        "demo-data"
    ),
    port: Annotated[int, typer.Option(help="Where the gateway listens.", min=1, max=65535)] = 8080,
    log: Annotated[str, typer.Option(help="memory, sqlite or kafka://HOST:PORT.")] = "sqlite",
    once: Annotated[bool, typer.Option("--once", help="Play the scenario, judge it, and end.")] = False,
    only_city: Annotated[bool, typer.Option("--city", help="Only run the city, until Ctrl-C: no story.")] = False,
    lang: Lang = None,
    json: Annotated[bool, typer.Option("--json", help="With --once: one line an exchange.")] = False,
    air: Annotated[
        Path | None,
        typer.Option(
            help="With --once: let the air station bring in the CSV files of this folder too.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Exit 0: all as expected; 1: something else happened; 2: there is nobody at the terminal, and neither --once nor
    --city was asked for; 5: the city could not be started, or does not answer any more."""
    speak(lang or stated_in(os.environ) or Language.VI)
    if air is not None and not once:
        fail(said("--air goes with --once"), Exit.USAGE)
    files = () if air is None else tuple(sorted(air.resolve().glob("*.csv")))
    if air is not None and not files:
        fail(said("--air: there is no *.csv in {folder}", folder=air), Exit.USAGE)
    is_story = not once and not only_city
    command = command_as_typed(sys.argv[0])
    if is_story:
        _fit_for_a_story(log, port, Texts(told().language, read_sentences()), command)
    set_up_logging(logging.WARNING)
    try:
        city = set_up(data.resolve(), port, log)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if is_story:
                good = runner.run(tell(city, told().language, command))
            else:
                good = runner.run(_run(city, once=once, json=json, air=files))
    except (CannotSetUp, CannotRun, Interrupted) as error:
        fail(error, Exit.UNREACHABLE)
    raise typer.Exit(Exit.OK if good else Exit.FAILED)


def _fit_for_a_story(log: str, port: int, texts: Texts, command: str) -> None:
    """End the command where nobody is there to press Enter, where the bus could not be killed, or could not listen."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail(texts("story.no_terminal", command=command), Exit.USAGE)
    if log != "sqlite":
        fail(texts("story.log_is_a_file", log=log, command=command), Exit.USAGE)
    if not is_free(port):
        fail(texts("story.port_is_taken", port=port, other=port + 1, command=command), Exit.UNREACHABLE)


async def _run(city: City, *, once: bool, json: bool, air: Sequence[Path]) -> bool:
    async with AsyncExitStack() as stack:
        processes = SystemProcesses(city)
        stack.push_async_callback(processes.stop)
        await processes.start()
        await Bus.start(city.workspace, stack)
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=city.url, timeout=90, trust_env=False))
        await until_ready(client)
        if once:
            player = Player(city, read_scenario(), processes, client)
            good = await _play(player, json=json)
            return (await _play_files(player, air, json=json)) and good if air else good
        _greet(city, json=json)
        await _told_to_stop()
    return True


async def _play(player: Player, *, json: bool) -> bool:
    shown = PlayedTable(told())
    all_good = True
    async for played in player.play():
        wrong = _judge(played, json=json)
        all_good = all_good and not wrong
        shown.add(played, wrong)
    if not json:
        Console().print(shown.table)
        verdict = said("All as expected.") if all_good else said("Not all was as expected.")
        say(verdict, colour=typer.colors.GREEN if all_good else typer.colors.RED)
    return all_good


async def _play_files(player: Player, files: Sequence[Path], *, json: bool) -> bool:
    """The station's own files, and the account of their rows: the events are counted where they arrive."""
    account = await player.station.play_files(files)
    if json:
        print_json({"air": asdict(account), "ok": account.adds_up})
        return account.adds_up
    say(_words_of(account), colour=typer.colors.GREEN if account.adds_up else typer.colors.RED)
    return account.adds_up


def _words_of(account: AirAccount) -> str:
    counts = {"files": account.files, "rows": account.rows, "events": account.events, "rejected": account.rejected}
    if account.repeated:
        return said(
            "{files} files ({repeated} read before): {rows} rows = {events} events + {rejected} rejected",
            repeated=account.repeated,
            **counts,
        )
    return said("{files} files: {rows} rows = {events} events + {rejected} rejected", **counts)


def _judge(played: Played, *, json: bool) -> list[str]:
    expect = played.scene.expect
    wrong: list[str] = []
    for seen in played.seen:
        found = differences(expect, seen)
        wrong += found
        if json:
            print_json(
                {
                    "exchange": seen.exchange,
                    "contract": played.scene.contract,
                    "sender": played.scene.sender,
                    "outcome": _said(seen.outcome, seen.body.get("type"), seen.status),
                    "expected": expect.outcome or expect.problem or str(expect.status),
                    "ok": not found,
                    "scene": played.scene.name,
                    "differences": found,
                }
            )
    return wrong


def _said(outcome: str | None, problem: str | None, status: int) -> str:
    """What an exchange came to: its outcome, else the kind of problem it was turned away with."""
    return outcome or (problem or str(status)).rpartition(":")[2]


def _greet(city: City, *, json: bool) -> None:
    if json:
        print_json({"url": city.url, "data": str(city.data)})
        return
    name, password = city.operator
    command, data = command_as_typed(sys.argv[0]), as_typed(city.data)
    for line in (
        said("The model city is running: {url}", url=city.url),
        said("  the console: {url}/console/  ({name} / {password})", url=city.url, name=name, password=password),
        said("  credentials: {file}", file=f"{data}/demo.env"),
        said("  what each system received: {files}", files=f"{data}/systems/*.jsonl"),
        said("Try in another terminal:"),
    ):
        say(line)
    exchange = told().gettext("EXCHANGE")
    lines = (
        f"  {command} send population.person-lookup \\",
        f"    {data}/workspace/contracts/population.person-lookup/examples/request.json \\",
        f"    --as motcua-hoi-an --env-file {data}/demo.env \\",
        "    --end-user canbo.01 --case-ref H17.61-251120-0007",
        f"  {command} trace {exchange} -C {data}/workspace",
        f"  curl -s {city.url}/openapi.json",
        told().gettext("Ctrl-C stops it; the next start goes on where it was."),
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
