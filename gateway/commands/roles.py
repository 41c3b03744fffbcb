"""`lienthong serve|gateway|worker|ledger DIR`: run a bus, in one process or in its roles."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from contracts.said import said
from gateway.commands.options import Json, WorkspaceDir
from gateway.commands.output import Exit, fail, print_json, say
from gateway.wiring.run import Address, CannotRun, Role, rebuild_ledger, run_roles

Host = Annotated[str | None, typer.Option(help="Where to listen; else as bus.yaml says.")]
Port = Annotated[int | None, typer.Option(help="Where to listen; else as bus.yaml says.", min=0, max=65535)]


class _RunByDefault(TyperGroup):
    """`ledger DIR` runs the role; `ledger rebuild DIR` is a command of its own."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        if args and args[0] not in self.commands:
            args = ["run", *args]
        return super().resolve_command(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve", help="Gateway, worker and ledger in one process.")(serve)
    app.command("gateway", help="The gateway alone, on Kafka.")(gateway)
    app.command("worker", help="A worker alone, on Kafka.")(worker)
    group = typer.Typer(cls=_RunByDefault, no_args_is_help=True)
    group.command("run", help="The ledger alone, on Kafka: `lienthong ledger DIR`.")(ledger)
    group.command("rebuild", help="Read the log anew into the ledger.")(rebuild)
    app.add_typer(group, name="ledger", help="The ledger: `ledger DIR` runs it, `ledger rebuild DIR` makes it anew.")


def serve(directory: WorkspaceDir, host: Host = None, port: Port = None) -> None:
    """Run everything until SIGTERM or Ctrl-C."""
    _run(directory, frozenset(Role), host, port)


def gateway(directory: WorkspaceDir, host: Host = None, port: Port = None) -> None:
    """Run the gateway."""
    _run(directory, frozenset({Role.GATEWAY}), host, port)


def worker(directory: WorkspaceDir) -> None:
    """Run a worker."""
    _run(directory, frozenset({Role.WORKER}), None, None)


def ledger(directory: WorkspaceDir) -> None:
    """Run the projector of the ledger."""
    _run(directory, frozenset({Role.LEDGER}), None, None)


def rebuild(directory: WorkspaceDir, json: Json = False) -> None:
    """Make the ledger anew from the log; what the log no longer holds is kept."""
    try:
        told = rebuild_ledger(directory)
    except CannotRun as error:
        fail(error, Exit.FAILED)
    if json:
        print_json({"read": told})
    else:
        say(said("ledger rebuilt: {told} messages read", told=told))


def _run(directory: WorkspaceDir, roles: frozenset[Role], host: str | None, port: int | None) -> None:
    try:
        run_roles(directory, roles, Address(host, port))
    except CannotRun as error:
        fail(error, Exit.INVALID)
