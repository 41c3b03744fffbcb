"""What the bus tells of its hops to a tracing system: one span each, under the ids that its messages carry.

So a trace there agrees with what `lienthong trace` shows. A span has ids, names and outcomes; never a body, nor who the
officer or what the dossier was.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, Protocol, Self

from contracts.envelope import Envelope
from contracts.ports import Position, Stored
from contracts.trace import TraceContext


class OpenSpan(Protocol):
    """A hop under way, as a context manager: it ends with the block, as an error where the block raises."""

    @property
    def context(self) -> TraceContext:
        """What the hop's own messages hang under."""

    def stored(self, position: Position) -> None:
        """Where the log has the message."""

    def answered(self, status: int | None) -> None:
        """The status of HTTP, where there was one."""

    def ended(self, how: str, *, well: bool) -> None:
        """How it ended, in the bus's own word for it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


class Spans(Protocol):
    """Where spans go. Nothing here blocks, and nothing raises: a collector that is away costs the spans alone."""

    @property
    def on(self) -> bool:
        """Whether anybody wants them."""

    def serve(self, method: str, route: str, parent: TraceContext | None) -> OpenSpan:
        """A request over HTTP that is answered; `parent` is the client's own span, if it told of one."""

    def send(
        self, told: Envelope, channel: str, under: TraceContext | None, *, link: TraceContext | None = None
    ) -> OpenSpan:
        """An append to `channel`. The message's own context is the span; `link` is what it was copied from."""

    def process(self, stored: Stored, envelope: Envelope, group: str) -> OpenSpan:
        """What a member of `group` does with a message: a span below that of its append."""

    def call(
        self, envelope: Envelope, context: TraceContext, service: str, address: tuple[str, int] | None
    ) -> OpenSpan:
        """A call to a system. `context` is what the system is sent; `address` its host and port, where it has one."""


class _Silent:
    """A hop that nobody asks about."""

    __slots__ = ("_context",)

    def __init__(self, context: TraceContext) -> None:
        self._context = context

    @property
    def context(self) -> TraceContext:
        """As it was."""
        return self._context

    def stored(self, position: Position) -> None:
        """Nothing."""

    def answered(self, status: int | None) -> None:
        """Nothing."""

    def ended(self, how: str, *, well: bool) -> None:
        """Nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        return None


_NOWHERE: Final = TraceContext("0" * 32, "0" * 16, "00")


class NoSpans:
    """Nobody wants any. Contexts stay as they are, and nothing is made."""

    on: Final = False

    def serve(self, method: str, route: str, parent: TraceContext | None) -> OpenSpan:  # noqa: ARG002
        """Nothing."""
        return _Silent(parent or _NOWHERE)

    def send(
        self,
        told: Envelope,
        channel: str,  # noqa: ARG002
        under: TraceContext | None,  # noqa: ARG002
        *,
        link: TraceContext | None = None,  # noqa: ARG002
    ) -> OpenSpan:
        """Nothing."""
        return _Silent(told.trace)

    def process(self, stored: Stored, envelope: Envelope, group: str) -> OpenSpan:  # noqa: ARG002
        """Nothing."""
        return _Silent(envelope.trace)

    def call(
        self,
        envelope: Envelope,  # noqa: ARG002
        context: TraceContext,
        service: str,  # noqa: ARG002
        address: tuple[str, int] | None,  # noqa: ARG002
    ) -> OpenSpan:
        """Nothing."""
        return _Silent(context)


NO_SPANS: Final[Spans] = NoSpans()
