"""`lienthong top`: a running bus, live: rates, latencies, backlogs, and whatever waits for a person."""

from __future__ import annotations

import select
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console, RenderableType
from rich.live import Live

from contracts.languages import Language
from contracts.reasons import known_reason
from contracts.said import said
from contracts.speech import Speech
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json
from gateway.commands.speaking import Lang, speak, told
from gateway.commands.top_samples import Picture, Sample, picture, read_sample
from gateway.commands.top_view import away, view
from gateway.wiring.operator import NotDone, Watched, watched_bus

_WINDOW_S: Final = 10.0
_TIMEOUT_S: Final = 5.0
_PIPED_LINES: Final = 200


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("top", help="A running bus, live: rates, latencies, backlogs, what waits for a person.")(top)


def top(
    directory: InDir = Path(),
    url: Annotated[str | None, typer.Option(envvar="LIENTHONG_URL", help="The gateway, if elsewhere.")] = None,
    token: Annotated[
        str | None, typer.Option(envvar="LIENTHONG_TOKEN", help="An operator's token, where the key is elsewhere.")
    ] = None,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.2, max=60)] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="One picture, and end.")] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Exit 0: somebody pressed q or Ctrl-C, or the one picture was shown; 5: no bus; 6: no operator's token."""
    speak(lang)
    here = told()
    try:
        bus = Watched(url, lambda: token) if url and token else watched_bus(directory, url)
    except NotDone as error:
        fail(error, Exit(error.exit_code))
    with httpx.Client(base_url=bus.url, timeout=_TIMEOUT_S, trust_env=False) as client:
        look = _looker(client, bus.token, here.language)
        try:
            # A first look tells at once where there is no bus, or no way in.
            first = look()
            if once or json:
                _show_once(first, look, every, here, json=json)
            else:
                _Watch(look, bus.url, every, here, first).run()
        except _Away as error:
            fail(said("{url}: {why}", url=bus.url, why=known_reason(str(error))), Exit.UNREACHABLE)
        except KeyboardInterrupt:
            return


class _Away(Exception):
    """The bus cannot be reached, or does not answer as one."""


def _looker(client: httpx.Client, token: Callable[[], str | None], language: Language) -> Callable[[], Sample]:
    def look() -> Sample:
        try:
            headers = {"authorization": f"Bearer {token()}", "accept-language": language}
            status = client.get("/operate/status", headers=headers)
            if status.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
                fail(str(status.json().get("detail", status.status_code)), Exit.REFUSED)
            metrics, ready = client.get("/metrics"), client.get("/readyz")
            for response in (status, metrics):
                response.raise_for_status()
            told: dict[str, Any] = status.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _Away(str(error) or type(error).__name__) from None
        return read_sample(metrics.text, told, ready=ready.is_success, at_s=time.monotonic())

    return look


def _show_once(first: Sample, look: Callable[[], Sample], every: float, here: Speech, *, json: bool) -> None:
    time.sleep(every)
    found = picture(first, look())
    if json:
        print_json(asdict(found))
        return
    console = Console()
    height = console.height - 1 if console.is_terminal else _PIPED_LINES
    console.print(view(found, time.strftime("%H:%M:%S"), here, height))


class _Watch:
    """Looks again and again, and keeps showing what it saw last while the bus is away."""

    def __init__(self, look: Callable[[], Sample], url: str, every: float, here: Speech, first: Sample) -> None:
        self._look = look
        self._url = url
        self._every = every
        self._here = here
        # Rates over one second jump; over ten they can be read.
        self._samples = deque([first])
        self._console = Console()

    def run(self) -> None:
        """Until q, Escape or Ctrl-C."""
        with _keys() as pressed, Live(console=self._console, screen=True, auto_refresh=False) as live:
            live.update(self._render(picture(self._samples[0], self._samples[-1])), refresh=True)
            while pressed(self._every) not in {"q", "Q", "\x1b"}:
                live.update(self._next(), refresh=True)

    def _next(self) -> RenderableType:
        try:
            now = self._look()
        except _Away as error:
            return away(self._url, time.monotonic() - self._samples[-1].at_s, str(error), self._here)
        self._samples.append(now)
        while len(self._samples) > 2 and now.at_s - self._samples[0].at_s > _WINDOW_S:
            self._samples.popleft()
        return self._render(picture(self._samples[0], now))

    def _render(self, found: Picture) -> RenderableType:
        return view(found, time.strftime("%H:%M:%S"), self._here, self._console.height)


@contextmanager
def _keys() -> Iterator[Callable[[float], str]]:
    """A function that waits for a key, so many seconds at most; "" where none came."""
    if not sys.stdin.isatty():
        yield _sleep
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield _key
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _sleep(wait_s: float) -> str:
    time.sleep(wait_s)
    return ""


def _key(wait_s: float) -> str:
    found, _, _ = select.select([sys.stdin], [], [], wait_s)
    return sys.stdin.read(1) if found else ""
