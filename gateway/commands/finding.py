"""How findings are shown: in colours to people, whole to programs."""

from __future__ import annotations

from typing import Any

import typer

from contracts.findings import Finding, Severity
from contracts.languages import Language
from contracts.speech import Speech, speech


def coloured(finding: Finding, here: Speech) -> None:
    """Print it: errors in red."""
    colour = typer.colors.RED if finding.severity is Severity.ERROR else typer.colors.YELLOW
    typer.secho(here.say(finding.words()), fg=colour)


def finding_document(finding: Finding, here: Speech) -> dict[str, Any]:
    """A finding for programs: what it says in the language spoken here, and in each of them."""
    parts = {"message": finding.message, "remedy": finding.remedy}
    words = {
        language.value: {name: speech(language).say(text) for name, text in parts.items()} for language in Language
    }
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "severity": finding.severity,
        **words[here.language.value],
        "words": words,
    }
