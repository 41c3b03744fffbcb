"""Reads `codelists/*.csv`, with what is said of a list in `<name>.yaml` and its boundaries in `<name>.geojson`."""

from __future__ import annotations

from pathlib import PurePosixPath

from adapters.workspace.boundaries import read_boundaries
from adapters.workspace.documents import WHOLE, Place
from adapters.workspace.files import Files
from adapters.workspace.models import CodeListModel
from adapters.workspace.report import Report
from contracts.codelists import About, CodeList
from contracts.coderows import BrokenCodeList, read_rows
from contracts.positions import Boundaries
from contracts.said import said
from contracts.spelling import meant

_FOLDER = "codelists"


def read_lists(files: Files, report: Report) -> tuple[dict[str, CodeList], frozenset[str]]:
    """Every code list that can be used, and the names of all that there are."""
    found: dict[str, CodeList] = {}
    names: set[str] = set()
    about = _abouts(files, report)
    for file in files.names(_FOLDER, ".csv", beside=(".yaml", ".geojson")):
        name = PurePosixPath(file).stem
        names.add(name)
        text = files.text(file)
        if text is None:
            continue
        try:
            rows = read_rows(text)
        except BrokenCodeList as broken:
            for line, message, remedy in broken.errors:
                report.add(file, Place(line, 1), message, remedy)
            continue
        boundaries = _boundaries(files, report, name, {row.id for row in rows})
        found[name] = CodeList(name, rows, about.get(name), boundaries)
    for suffix in (".yaml", ".geojson"):
        for file in files.names(_FOLDER, suffix, beside=(".csv", ".yaml", ".geojson")):
            if PurePosixPath(file).stem not in names:
                message = said("there is no code list {name} beside it", name=PurePosixPath(file).stem)
                report.add(file, WHOLE, message, meant(PurePosixPath(file).stem, names, said("code lists")))
    return found, frozenset(names)


def _abouts(files: Files, report: Report) -> dict[str, About]:
    """What is said of lists, by their names."""
    found: dict[str, About] = {}
    for file in files.names(_FOLDER, ".yaml", beside=(".csv", ".geojson")):
        document = files.document(file)
        model = None if document is None else report.read(CodeListModel, document, document.tree)
        if model is not None:
            found[PurePosixPath(file).stem] = About(model.title, model.title_en, model.source)
    return found


def _boundaries(files: Files, report: Report, name: str, rows: set[str]) -> Boundaries | None:
    file = f"{_FOLDER}/{name}.geojson"
    text = files.text(file) if files.exists(file) else None
    return None if text is None else read_boundaries(report, file, text, rows)
