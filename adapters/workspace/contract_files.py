"""Reads `contracts/<name>/`: the contract, its schemas, its examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from json import loads
from typing import Final

from adapters.workspace.avsc_keys import check_avsc_keys
from adapters.workspace.contract_life import read_lives
from adapters.workspace.documents import WHOLE, Document, Loc, Place, Tree
from adapters.workspace.files import Files
from adapters.workspace.json_faults import Fault, place_of_fault
from adapters.workspace.models import ContractModel
from adapters.workspace.ordered_keys import fault_of_key
from adapters.workspace.report import Report
from contracts.avro_types import GOVERNING, FieldType, Primitive, without_null
from contracts.catalogue import ENDLESS, Contract, ContractVersion, EnglishWords, Life, Route, Schemas
from contracts.codelists import CodeList
from contracts.errors import Rejected
from contracts.json_types import JsonValue
from contracts.outcome import SENT_IN, Pattern
from contracts.reasons import known_reason
from contracts.said import said
from contracts.schema import Schema, SchemaError, parse_schema, records_in
from contracts.spelling import meant
from contracts.validation import Validator

NAMED: Final = {
    Pattern.QUERY: said("a query"),
    Pattern.SUBMISSION: said("a submission"),
    Pattern.EVENT: said("an event"),
}


@dataclass(slots=True)
class Contracts:
    """The contracts whose schemas can be read, and the names of all that there are.

    `unsound` are those in which something is wrong; `schemas` are request and reply of each version, None where not
    even the fields can be read, so that what leans on a broken contract can be checked as far as that goes.
    """

    found: dict[str, Contract] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    unsound: set[str] = field(default_factory=set)
    schemas: dict[str, dict[int, tuple[Schema | None, Schema | None]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What contracts are checked against. `list_names` also names lists that are broken."""

    lists: Mapping[str, CodeList]
    list_names: frozenset[str]
    zone: tzinfo
    now: datetime


@dataclass(frozen=True, slots=True)
class ReadSchema:
    """A schema file: the schema where it can be used, and at least its fields where they can be read."""

    schema: Schema | None
    draft: Schema | None


def read_schema(files: Files, report: Report, around: Surroundings, name: str) -> ReadSchema:
    """A schema file; what is wrong with it is reported."""
    text = files.text(name)
    if text is None:
        return ReadSchema(None, None)
    places = files.places(name, text)
    check_avsc_keys(report, places)
    try:
        schema = parse_schema(text)
    except SchemaError as error:
        broken = place_of_fault(text)
        if broken is not None:
            report.add(
                name,
                broken.place,
                said("this is not JSON: {value}", value=known_reason(broken.message)),
                said("correct it; a schema is JSON text"),
            )
            return ReadSchema(None, None)
        if places.repeated:
            return ReadSchema(None, error.draft)
        for problem in error.problems:
            report.add(name, places.place_of(problem.pointer), problem.message, problem.remedy)
        return ReadSchema(None, error.draft)
    known = True
    for record in records_in(schema.root):
        for each in record.fields:
            if each.codelist is not None and each.codelist not in around.list_names:
                known = False
                report.add(
                    name,
                    _place_of_list(places, each),
                    said(
                        "{name}.{name_2}: there is no code list {codelist}",
                        name=record.name,
                        name_2=each.name,
                        codelist=each.codelist,
                    ),
                    meant(each.codelist, around.list_names, said("code lists")),
                )
    return ReadSchema(schema if known else None, schema)


def read_contracts(files: Files, report: Report, around: Surroundings) -> Contracts:
    """Every contract."""
    contracts = Contracts()
    for name in files.folders("contracts"):
        contracts.names.add(name)
        reader = _Reader(files, report, around, name)
        contract = reader.read()
        contracts.schemas[name] = reader.schemas
        if contract is not None:
            contracts.found[name] = contract
        if contract is None or not reader.sound:
            contracts.unsound.add(name)
    return contracts


class _Reader:
    """Reads one contract."""

    def __init__(self, files: Files, report: Report, around: Surroundings, name: str) -> None:
        self._files = files
        self._report = report
        self._around = around
        self._name = name
        self._folder = f"contracts/{name}"
        self.sound = True
        self.schemas: dict[int, tuple[Schema | None, Schema | None]] = {}

    def read(self) -> Contract | None:
        document = self._files.document(f"{self._folder}/contract.yaml")
        model = None if document is None else self._report.read(ContractModel, document, document.tree)
        schemas = self._files.schemas_of(self._name)
        if not schemas:
            self._wrong(
                self._folder, said("the contract has no version"), said("write v1/request.avsc, or v1/event.avsc")
            )
        found_files = {
            major: {name.rpartition("/")[2]: self._schema(name) for name in names} for major, names in schemas.items()
        }
        drafts = {major: {name: each.draft for name, each in found.items()} for major, found in found_files.items()}
        read = {major: {name: each.schema for name, each in found.items()} for major, found in found_files.items()}
        sent_in = SENT_IN[Pattern.QUERY if model is None else model.pattern]
        self.schemas = {major: (each.get(f"{sent_in}.avsc"), each.get("reply.avsc")) for major, each in drafts.items()}
        if document is None or model is None:
            return None
        examples = {kind: self._example(kind) for kind in ("request.json", "reply.json")}
        versions: dict[int, ContractVersion] = {}
        lives = read_lives(self._report, document, model, read)
        for major, found in read.items():
            life = lives.get(major, ENDLESS)
            version = self._version(major, found, model.pattern, examples, life, latest=major == max(read))
            if version is not None:
                versions[major] = version
        route = None
        if model.route is not None:
            route = Route(model.route.codelist, model.route.code, model.route.on)
            for major, each in versions.items():
                self._check_route(document, route, major, each.request)
        if model.ordered is not None:
            self._check_ordered(document, model.ordered.key, model.pattern, versions)
        if len(versions) < len(schemas) or not versions:
            return None
        return Contract(
            name=self._name,
            title=model.title.vi,
            pattern=model.pattern,
            versions=versions,
            description=model.description.vi,
            requires_end_user="end_user" in model.requires,
            requires_case_ref="case_ref" in model.requires,
            deadline_s=model.deadline_s,
            max_bytes=model.max_bytes,
            route=route,
            ordered=None if model.ordered is None else model.ordered.key,
            english=_english(model),
            compatibility=model.compatibility,
        )

    def _wrong(self, file: str, message: str, remedy: str) -> None:
        self.sound = False
        self._report.add(file, WHOLE, message, remedy)

    def _schema(self, name: str) -> ReadSchema:
        found = read_schema(self._files, self._report, self._around, name)
        self.sound &= found.schema is not None
        return found

    def _example(self, kind: str) -> tuple[str, JsonValue] | None:
        name = f"{self._folder}/examples/{kind}"
        if not self._files.exists(name):
            return None
        text = self._files.text(name)
        if text is None:
            return None
        try:
            return text, loads(text)
        except (ValueError, RecursionError) as error:
            fault = place_of_fault(text) or Fault(WHOLE, str(error))
            self.sound = False
            self._report.add(
                name,
                fault.place,
                said("this is not JSON: {value}", value=known_reason(fault.message)),
                said("correct it"),
            )
            return None

    def _version(
        self,
        major: int,
        schemas: dict[str, Schema | None],
        pattern: Pattern,
        examples: dict[str, tuple[str, JsonValue] | None],
        life: Life,
        *,
        latest: bool,
    ) -> ContractVersion | None:
        folder = f"{self._folder}/v{major}"
        sent_in = SENT_IN[pattern]
        if f"{sent_in}.avsc" not in schemas:
            self._wrong(
                folder,
                said("the version has no {sent_in}.avsc", sent_in=sent_in),
                said("write {folder}/{sent_in}.avsc", folder=folder, sent_in=sent_in),
            )
        if pattern is Pattern.QUERY and "reply.avsc" not in schemas:
            self._wrong(
                folder,
                said("a query has a reply"),
                said("write {folder}/reply.avsc, or set pattern: submission", folder=folder),
            )
        if pattern is not Pattern.QUERY and "reply.avsc" in schemas:
            self._wrong(
                f"{folder}/reply.avsc",
                said("{named} has no reply", named=NAMED[pattern]),
                said("remove it, or set pattern: query"),
            )
        request, reply = schemas.get(f"{sent_in}.avsc"), schemas.get("reply.avsc")
        if latest:
            self._check_examples({"request.json": request, "reply.json": reply}, examples)
        if request is None or (pattern is Pattern.QUERY and reply is None):
            return None
        # Examples are of the latest version; older ones are published without.
        given = {kind: example[1] if latest and example else None for kind, example in examples.items()}
        earlier = self._earlier(major, pattern)
        return ContractVersion(major, request, reply, given["request.json"], given["reply.json"], life, earlier)

    def _earlier(self, major: int, pattern: Pattern) -> tuple[Schemas, ...]:
        """The minor versions before the present one, the oldest first."""
        found: list[Schemas] = []
        for minor, names in self._files.earlier_of(self._name, major).items():
            read = {name.rpartition("/")[2]: self._schema(name).schema for name in names}
            request, reply = read.get(f"{SENT_IN[pattern]}.avsc"), read.get("reply.avsc")
            if request is not None and (reply is not None) == (pattern is Pattern.QUERY):
                found.append(Schemas(request, reply))
            elif None not in read.values():
                folder = f"{self._folder}/v{major}/earlier/{minor}"
                message = said("an earlier version has the same schemas as the present one")
                self._wrong(folder, message, said("copy them from the version that it was"))
        return tuple(found)

    def _check_examples(
        self, schemas: dict[str, Schema | None], examples: dict[str, tuple[str, JsonValue] | None]
    ) -> None:
        for kind, schema in schemas.items():
            if schema is None:
                continue
            name = f"{self._folder}/examples/{kind}"
            example = examples[kind]
            if example is None:
                if not self._files.exists(name):
                    self._wrong(
                        name, said("the contract has no such example"), said("write one that is valid and realistic")
                    )
                continue
            self._check_example(name, schema, example[0])

    def _check_example(self, name: str, schema: Schema, text: str) -> None:
        if any(
            each.codelist is not None and each.codelist not in self._around.lists
            for record in records_in(schema.root)
            for each in record.fields
        ):
            return
        validator = Validator(schema, self._around.zone, self._around.lists)
        try:
            validator.from_json(text.encode(), now=self._around.now)
        except Rejected as rejected:
            self.sound = False
            self._report.fields(self._files.places(name, text), (), rejected.fields, said("the example is not valid"))

    def _check_route(self, document: Document, route: Route, major: int, request: Schema) -> None:
        if route.codelist not in self._around.list_names:
            remedy = meant(route.codelist, self._around.list_names, said("code lists"))
            self._route_wrong(
                document, "codelist", said("there is no code list {codelist}", codelist=route.codelist), remedy
            )
        code = self._field_at(document, "code", route.code, major, request)
        known = route.codelist in self._around.list_names
        if code is not None and known and code.codelist != route.codelist:
            self._route_wrong(
                document,
                "code",
                said(
                    "{code} is not a code of {codelist} in v{major}",
                    code=route.code,
                    codelist=route.codelist,
                    major=major,
                ),
                said('give the field "codelist": "{codelist}" and "on"', codelist=route.codelist),
            )
        on = self._field_at(document, "on", route.on, major, request)
        if on is not None:
            kind = without_null(on.type)
            if not isinstance(kind, Primitive) or kind.kind not in GOVERNING:
                self._route_wrong(
                    document,
                    "on",
                    said("{on} is not a date in v{major}", on=route.on, major=major),
                    said("name a date or timestamp"),
                )

    def _check_ordered(
        self, document: Document, pointer: str, pattern: Pattern, versions: Mapping[int, ContractVersion]
    ) -> None:
        if pattern is Pattern.QUERY:
            message = said("a query has no order: each is answered by itself, and in a hurry")
            self._ordered_wrong(document, ("ordered",), message, said("remove it"), of_key=True)
            return
        for major, version in versions.items():
            fault = fault_of_key(version.request, pointer)
            if fault is not None:
                self._ordered_wrong(
                    document,
                    ("ordered", "key"),
                    said("{value} in v{major}", value=fault.message, major=major),
                    fault.remedy,
                )

    def _ordered_wrong(self, document: Document, loc: Loc, message: str, remedy: str, *, of_key: bool = False) -> None:
        self.sound = False
        self._report.at(document, loc, message, remedy, of_key=of_key)

    def _field_at(self, document: Document, key: str, pointer: str, major: int, request: Schema) -> FieldType | None:
        found = request.field(pointer)
        if found is None:
            remedy = meant(pointer, request.pointers(), said("fields"))
            self._route_wrong(
                document, key, said("v{major} has no field {pointer}", major=major, pointer=pointer), remedy
            )
        return found

    def _route_wrong(self, document: Document, key: str, message: str, remedy: str) -> None:
        self.sound = False
        self._report.at(document, ("route", key), message, remedy)


def _english(model: ContractModel) -> EnglishWords:
    """What it says in English; a text that stands for both languages is kept once."""
    said_so = (each.en if each.en != each.vi else "" for each in (model.title, model.description))
    return EnglishWords(*said_so)


def _place_of_list(document: Document, coded: FieldType) -> Place:
    """Where a schema's text names the code list of a field."""
    found = _coded_fields(document.tree, ())
    return next(
        (document.place(loc) for loc, name, codes in found if (name, codes) == (coded.name, coded.codelist)), WHOLE
    )


def _coded_fields(tree: Tree, loc: Loc) -> Iterator[tuple[Loc, str, str]]:
    if isinstance(tree, dict):
        name, codes = tree.get("name"), tree.get("codelist")
        if isinstance(name, str) and isinstance(codes, str):
            yield (*loc, "codelist"), name, codes
        for key, value in tree.items():
            yield from _coded_fields(value, (*loc, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _coded_fields(value, (*loc, index))
