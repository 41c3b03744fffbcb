"""`lienthong check DIR` and `lienthong test DIR`: everything that can be known of a workspace without running it."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from contracts.findings import Severity
from contracts.spelling import meant
from gateway.commands.completion import kinds_of_files
from gateway.commands.options import Json, WorkspaceDir
from gateway.commands.output import Exit, fail, print_json
from gateway.wiring.offline import KINDS_OF_FILES, check_workspace, schema_of, test_workspace, write_schemas


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("check", help="Report every error in a workspace, with file, line and remedy.")(check)
    app.command("test", help="Run the adapters' examples offline.")(test)
    app.command("schema", help="Print the JSON Schema of a kind of file, for your editor.")(schema)


def check(directory: WorkspaceDir, json: Json = False) -> None:
    """Exit 0: no errors (there may be warnings); 3: errors."""
    findings = check_workspace(directory)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if json:
        print_json(
            [
                {
                    "file": finding.file,
                    "line": finding.line,
                    "column": finding.column,
                    "severity": finding.severity,
                    "message": finding.message,
                    "remedy": finding.remedy,
                }
                for finding in findings
            ]
        )
    else:
        for finding in findings:
            colour = typer.colors.RED if finding.severity is Severity.ERROR else typer.colors.YELLOW
            typer.secho(str(finding), fg=colour)
        warnings = len(findings) - errors
        verdict = f"{directory}: {errors} errors, {warnings} warnings"
        typer.secho(verdict, fg=typer.colors.RED if errors else typer.colors.GREEN)
    raise typer.Exit(Exit.INVALID if errors else Exit.OK)


def test(directory: WorkspaceDir, json: Json = False) -> None:
    """Exit 0: all examples came out as expected; 1: some did not; 3: the workspace has errors."""
    findings, results = test_workspace(directory)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        for finding in errors:
            typer.secho(str(finding), fg=typer.colors.RED, err=True)
        raise typer.Exit(Exit.INVALID)
    failed = [result for result in results if not result.ok]
    if json:
        for result in results:
            print_json({"system": result.system, "example": result.name, "ok": result.ok, "detail": result.detail})
    else:
        for result in results:
            mark, colour = ("✓", typer.colors.GREEN) if result.ok else ("✗", typer.colors.RED)
            typer.secho(f"{mark} {result.system}: {result.name}", fg=colour)
            if not result.ok:
                typer.echo("    " + result.detail.replace("\n", "\n    "))
        typer.echo(f"{len(results) - len(failed)} of {len(results)} examples came out as expected")
    raise typer.Exit(Exit.FAILED if failed else Exit.OK)


Kind = Annotated[str | None, typer.Argument(help=", ".join(KINDS_OF_FILES), autocompletion=kinds_of_files)]
Into = Annotated[
    Path | None, typer.Option(help="Write those of all kinds into this folder, as DIR/.schemas.", file_okay=False)
]


def schema(kind: Kind = None, into: Into = None) -> None:
    """Exit 0; 2: there is no such kind."""
    if (kind is None) == (into is None):
        fail(f"give a KIND ({', '.join(KINDS_OF_FILES)}), or --into DIR for all of them", Exit.USAGE)
    if into is not None:
        _write_schemas(into)
    elif kind not in KINDS_OF_FILES:
        fail(f"there is no kind of file “{kind}”: {meant(str(kind), KINDS_OF_FILES, 'kinds')}", Exit.USAGE)
    else:
        typer.echo(dumps(schema_of(str(kind)), ensure_ascii=False, indent=2))


def _write_schemas(into: Path) -> None:
    try:
        written = write_schemas(into)
    except OSError as error:
        fail(f"{into} cannot be written: {error.strerror}")
    for path in written:
        typer.echo(path)
