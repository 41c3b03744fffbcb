"""Reads `codelists/*.csv`."""

from __future__ import annotations

from pathlib import PurePosixPath

from adapters.workspace.documents import Place
from adapters.workspace.files import Files
from adapters.workspace.report import Report
from contracts.codelists import CodeList, read_code_list
from contracts.coderows import BrokenCodeList


def read_lists(files: Files, report: Report) -> tuple[dict[str, CodeList], frozenset[str]]:
    """Every code list that can be used, and the names of all that there are."""
    found: dict[str, CodeList] = {}
    names: set[str] = set()
    for file in files.names("codelists", ".csv"):
        name = PurePosixPath(file).stem
        names.add(name)
        text = files.text(file)
        if text is None:
            continue
        try:
            found[name] = read_code_list(name, text)
        except BrokenCodeList as broken:
            for line, message, remedy in broken.errors:
                report.add(file, Place(line, 1), message, remedy)
    return found, frozenset(names)
