"""`lienthong check DIR` and `lienthong test DIR`: everything that can be known of a workspace without running it."""

from __future__ import annotations

import typer

from contracts.findings import Severity
from gateway.commands.options import Json, WorkspaceDir
from gateway.commands.output import Exit, print_json
from gateway.wiring.offline import check_workspace, test_workspace


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("check", help="Report every error in a workspace, with file, line and remedy.")(check)
    app.command("test", help="Run the adapters' examples offline.")(test)


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
