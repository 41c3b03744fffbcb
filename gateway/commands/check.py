"""`lienthong check DIR` and `lienthong test DIR`: everything that can be known of a workspace without running it."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from contracts.findings import Finding, Severity
from contracts.said import said
from contracts.spelling import meant
from gateway.commands.check_ahead import look_ahead
from gateway.commands.completion import kinds_of_files
from gateway.commands.finding import coloured, finding_document
from gateway.commands.options import Json, WorkspaceDir
from gateway.commands.output import Exit, fail, print_json
from gateway.commands.speaking import Lang, speak, told
from gateway.wiring.applying import breaking, read_disk
from gateway.wiring.offline import (
    KINDS_OF_FILES,
    check_workspace,
    schema_of,
    test_workspace,
    write_schemas,
)
from gateway.wiring.operator import NotDone, open_desk


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("check", help="Report every error in a workspace, with file, line and remedy.")(check)
    app.command("test", help="Run the adapters' examples offline.")(test)
    app.command("schema", help="Print the JSON Schema of a kind of file, for your editor.")(schema)


On = Annotated[
    str | None,
    typer.Option("--on", help="What of it will not work on a day to come (YYYY-MM-DD): grants, contracts, routes."),
]


AgainstApplied = Annotated[
    bool, typer.Option("--against-applied", help="Also find what contracts change that breaks what was applied.")
]


def check(
    directory: WorkspaceDir,
    on: On = None,
    against_applied: AgainstApplied = False,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Exit 0: no errors (there may be warnings); 3: errors. With --on, 1: something will not work on that day. With
    --against-applied, 4: nothing was applied; 5: the bus cannot be reached."""
    speak(lang)
    here = told()
    if on is not None:
        look_ahead(directory, on, json=json)
    findings = check_workspace(directory)
    if against_applied and not any(finding.severity is Severity.ERROR for finding in findings):
        findings = [*findings, *_since_applied(directory)]
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if json:
        print_json([finding_document(finding, here) for finding in findings])
    else:
        for finding in findings:
            coloured(finding, here)
        verdict = said(
            "{directory}: {errors} errors, {warnings} warnings",
            directory=directory,
            errors=errors,
            warnings=len(findings) - errors,
        )
        typer.secho(here.say(verdict), fg=typer.colors.RED if errors else typer.colors.GREEN)
    raise typer.Exit(Exit.INVALID if errors else Exit.OK)


def _since_applied(directory: Path) -> Sequence[Finding]:
    try:
        with open_desk(directory, told().language) as desk:
            return breaking(desk, read_disk(directory))
    except NotDone as error:
        fail(error, Exit(error.exit_code))


def test(directory: WorkspaceDir, json: Json = False, lang: Lang = None) -> None:
    """Exit 0: all examples came out as expected; 1: some did not; 3: the workspace has errors."""
    speak(lang)
    here = told()
    findings, results = test_workspace(directory)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        for finding in errors:
            typer.secho(here.say(finding.words()), fg=typer.colors.RED, err=True)
        raise typer.Exit(Exit.INVALID)
    failed = [result for result in results if not result.ok]
    if json:
        for result in results:
            detail = here.say(result.detail)
            print_json({"system": result.system, "example": result.name, "ok": result.ok, "detail": detail})
    else:
        for result in results:
            mark, colour = ("✓", typer.colors.GREEN) if result.ok else ("✗", typer.colors.RED)
            typer.secho(f"{mark} {result.system}: {result.name}", fg=colour)
            if not result.ok:
                typer.echo("    " + here.say(result.detail).replace("\n", "\n    "))
        passed = len(results) - len(failed)
        typer.echo(here.say(said("{passed} of {all} examples came out as expected", passed=passed, all=len(results))))
    raise typer.Exit(Exit.FAILED if failed else Exit.OK)


Kind = Annotated[str | None, typer.Argument(help=", ".join(KINDS_OF_FILES), autocompletion=kinds_of_files)]
Into = Annotated[
    Path | None, typer.Option(help="Write those of all kinds into this folder, as DIR/.schemas.", file_okay=False)
]


def schema(kind: Kind = None, into: Into = None) -> None:
    """Exit 0; 2: there is no such kind."""
    if (kind is None) == (into is None):
        kinds = ", ".join(KINDS_OF_FILES)
        fail(said("give a KIND ({kinds}), or --into DIR for all of them", kinds=kinds), Exit.USAGE)
    if into is not None:
        _write_schemas(into)
    elif kind not in KINDS_OF_FILES:
        remedy = meant(str(kind), KINDS_OF_FILES, said("kinds"))
        fail(said("there is no kind of file “{kind}”: {remedy}", kind=kind, remedy=remedy), Exit.USAGE)
    else:
        typer.echo(dumps(schema_of(str(kind)), ensure_ascii=False, indent=2))


def _write_schemas(into: Path) -> None:
    try:
        written = write_schemas(into)
    except OSError as error:
        fail(said("{into} cannot be written: {strerror}", into=into, strerror=error.strerror))
    for path in written:
        typer.echo(path)
