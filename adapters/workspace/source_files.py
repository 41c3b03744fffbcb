"""Reads the `sources` of `systems/<system>.yaml`: what a system brings in by itself."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from adapters.mapping.check import check_mapping
from adapters.sources.files.model import FilesConnection
from adapters.sources.kinds import SOURCE_KINDS
from adapters.sources.records import columns_of
from adapters.workspace.adapter_models import SourceExampleModel, SourceModel
from adapters.workspace.contract_files import Contracts, Surroundings
from adapters.workspace.documents import Document, Loc
from adapters.workspace.expected_errors import expected_error
from adapters.workspace.report import Report
from adapters.workspace.snapshot import SourceConfig, SourceExample
from adapters.workspace.values import split_version
from contracts.catalogue import Contract
from contracts.outcome import Pattern
from contracts.said import said
from contracts.spelling import meant


def read_source(
    report: Report,
    document: Document,
    loc: Loc,
    system: str,
    model: SourceModel,
    contracts: Contracts,
    around: Surroundings,
) -> SourceConfig | None:
    """One source; None, and everything that is wrong with it reported, where it cannot be used."""
    connection = _connection(report, document, loc, model)
    named = _contract(report, document, (*loc, "contract"), model, contracts)
    if named is not None and model.record is not None:
        contract, major = named
        target = contract.versions[major].request
        for problem in check_mapping(model.record, source=None, target=target, codelists=around.lists):
            report.at(document, (*loc, "record", *problem.loc), problem.message, problem.remedy)
    if isinstance(connection, FilesConnection):
        _check_columns(report, document, loc, model, connection)
    examples = [
        example
        for index, each in enumerate(model.examples)
        if (example := _example(report, document, (*loc, "examples", index), each)) is not None
    ]
    if connection is None or named is None or len(examples) < len(model.examples):
        return None
    return SourceConfig(
        system=system,
        name=model.name or named[0].name,
        kind=model.kind,
        contract=named[0].name,
        major=named[1],
        connection=connection,
        key=model.key,
        record_map=model.record,
        examples=tuple(examples),
        ordered=named[0].ordered,
    )


def check_sources(report: Report, sources: Sequence[tuple[SourceConfig, Document, Loc]]) -> None:
    """Report sources that cannot be told apart, or would read the same files."""
    names: set[str] = set()
    folders: dict[tuple[str, str], str] = {}
    for source, document, loc in sources:
        if source.id in names:
            message = said("{system} has another source called {name}", system=source.system, name=source.name)
            report.at(document, loc, message, said("add: name: … (a name of its own)"))
        names.add(source.id)
        form = source.connection
        if isinstance(form, FilesConnection):
            watched = (form.folder_path.as_posix(), form.pattern)
            other = folders.setdefault(watched, source.id)
            if other != source.id:
                message = said("{other} reads the same files", other=other)
                report.at(
                    document, (*loc, "connection", "folder"), message, said("give each source a folder of its own")
                )


def _connection(report: Report, document: Document, loc: Loc, model: SourceModel) -> BaseModel | None:
    kind = SOURCE_KINDS.get(model.kind)
    if kind is None:
        message = said("there is no kind of source “{kind}”", kind=model.kind)
        report.at(document, (*loc, "kind"), message, meant(model.kind, SOURCE_KINDS, said("kinds")))
        return None
    return report.read(kind.connection, document, model.connection, (*loc, "connection"))


def _contract(
    report: Report, document: Document, loc: Loc, model: SourceModel, contracts: Contracts
) -> tuple[Contract, int] | None:
    name, major = split_version(model.contract)
    if name not in contracts.names:
        report.at(
            document,
            loc,
            said("there is no contract {name}", name=name),
            meant(name, contracts.names, said("contracts")),
        )
        return None
    contract = contracts.found.get(name)
    if contract is None:
        return None
    chosen = contract.latest if major is None else major
    if chosen not in contract.versions:
        remedy = meant(f"{name}@{chosen}", [f"{name}@{each}" for each in contract.versions], said("versions"))
        report.at(document, loc, said("{name} has no version {chosen}", name=name, chosen=chosen), remedy)
        return None
    if contract.pattern is Pattern.QUERY:
        report.at(
            document,
            loc,
            said("{name} is a query: a source brings in, it does not ask", name=name),
            said("name another contract"),
        )
        return None
    return contract, chosen


def _check_columns(
    report: Report, document: Document, loc: Loc, model: SourceModel, connection: FilesConnection
) -> None:
    """Where the columns are named in the YAML, the mapping and the key can name no others."""
    form = connection.csv if connection.format == "csv" else connection.xlsx
    if form is None or form.columns is None:
        return
    known = frozenset(form.columns)
    for part, names in (("record", columns_of(model.record) if model.record else ()), ("key", model.key)):
        for name in sorted({*names} - known):
            report.at(
                document,
                (*loc, part),
                said("there is no column “{name}”", name=name),
                meant(name, known, said("columns")),
            )


def _example(report: Report, document: Document, loc: Loc, model: SourceExampleModel) -> SourceExample | None:
    given = model.model_fields_set
    if ("record" in given) == ("error" in given):
        report.at(
            document,
            loc,
            said("the example does not say what is to come of it"),
            said("give record or error, one of them"),
        )
        return None
    error = expected_error(report, document, loc, model.error)
    return SourceExample(model.name, model.row, model.record, error)
