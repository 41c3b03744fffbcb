"""Who misspells a name is told where, to the column, and which one was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.reading import load
from tests.adapters.workspace.support import FILES, errors_of, spoilt, write

NORTH, SOUTH, GRANTS, AGENCIES = "systems/north.yaml", "systems/south.yaml", "grants/g.yaml", "agencies/a.yaml"
NOTE, LOOKUP = "contracts/test.note/contract.yaml", "contracts/test.lookup/contract.yaml"
AVSC, EXAMPLE = "contracts/test.note/v1/request.avsc", "contracts/test.note/examples/request.json"
REPLY = "contracts/test.lookup/v1/reply.avsc"

# file, what stands there, what stands there instead, what of that is pointed at, what was meant
MISSPELT = [
    # unknown keys, at the top and nested, in files of every kind
    ("bus.yaml", "ledger:", "legder:", "legder", "ledger"),
    ("bus.yaml", "{host:", "{hots:", "hots", "host"),
    ("bus.yaml", "http:", "kafka: {tsl: {}}\nhttp:", "tsl", "tls"),
    ("bus.yaml", "http:", "kafka: {sasl: {mechanism: PLAIN, usrname: a, password: env:A}}\nhttp:", "usrname", "username"),
    ("bus.yaml", "http:", "subscriptions: {allow_privat: true}\nhttp:", "allow_privat", "allow_private"),
    (AGENCIES, "agencies:", "agencys:", "agencys", "agencies"),
    (AGENCIES, "valid_from", "valid_form", "valid_form", "valid_from"),
    (AGENCIES, "credentials", "credential", "credential", "credentials"),
    (AGENCIES, "client_id", "clientid", "clientid", "client_id"),
    (NOTE, "pattern:", "patern:", "patern", "pattern"),
    (NOTE, "codelist:", "codelsit:", "codelsit", "codelist"),
    (LOOKUP, "deadline_s", "deadline", "deadline", "deadline_s"),
    (NORTH, "services:", "servics:", "servics", "services"),
    (NORTH, "idempotent", "indempotent", "indempotent", "idempotent"),
    (NORTH, "as_of", "asof", "asof", "as_of"),
    (NORTH, "allow_private", "alow_private", "alow_private", "allow_private"),
    (NORTH, "{path: /people}", "{paht: /people}", "paht", "path"),
    (NORTH, "{path: /people}", "{path: /people, answers: [{whn: {path: /status, equals: a}, is: data}]}", "whn", "when"),
    (NORTH, "phuong: /ward", "phuong: {from: /ward, trough: [trim]}", "trough", "through"),
    (NORTH, "phuong: /ward", "phuong: {form: /ward}", "{form", "from"),
    (NORTH, "record: {name", "recrod: {name", "recrod", "record"),
    (SOUTH, "retry:", "breaker: {failure: 3}\nretry:", "failure", "failures"),
    (SOUTH, "retry:", "rate: {per_sec: 3}\nretry:", "per_sec", "per_second"),
    (GRANTS, "legal_basis", "legal_bases", "legal_bases", "legal_basis"),
    (GRANTS, "{requests:", "{request:", "request", "requests"),
    # keys of schemas
    (AVSC, '"default": 0', '"defualt": 0', '"defualt"', "default"),
    (AVSC, '"codelist"', '"codelst"', '"codelst"', "codelist"),
    (AVSC, '"logicalType"', '"logicaltype"', '"logicaltype"', "logicalType"),
    (REPLY, '"fields"', '"feilds"', '"feilds"', "fields"),
    # words of which there are a few
    (AGENCIES, "kind: state\n    systems", "kind: stat\n    systems", "stat\n", "state"),
    (NOTE, "submission", "submision", "submision", "submission"),
    (LOOKUP, "[end_user]", "[enduser]", "enduser", "end_user"),
    ("bus.yaml", "http:", "log: jsn\nhttp:", "jsn", "json"),
    (NORTH, "kind: rest", "kind: rset", "rset", "rest"),
    (SOUTH, "idempotent: false", "idempotent: false\n    extra: strickt", "strickt", "strict"),
    (SOUTH, "services:", "sources: [{kind: file, contract: test.note, connection: {}}]\nservices:", "file,", "files"),
    (NORTH, "through: [text]", "through: [tekst]", "tekst", "text"),
    (NORTH, "{read_partial_date:", "{read_partial_dat:", "{read_partial_dat", "read_partial_date"),
    # names of what stands in other files
    (AGENCIES, "parent: H17", "parent: H71", "H71", "H17"),
    (NORTH, "contract: test.note", "contract: test.notes", "test.notes", "test.note"),
    (NORTH, "contract: test.note", "contract: test.note@11", "test.note@11", "test.note@1"),
    (NORTH, "codelist: wards", "codelist: ward", "ward", "wards"),
    (NORTH, "{side: n}", "{sid: n}", "n}", "side"),
    (SOUTH, "services:", "publishes: [test.not]\nservices:", "test.not]", "test.note"),
    (NOTE, "codelist: wards", "codelist: ward", "ward", "wards"),
    (AVSC, '"codelist": "wards"', '"codelist": "ward"', '"ward"', "wards"),
    (GRANTS, "system: asker", "system: askr", "askr", "asker"),
    (GRANTS, "contract: test.lookup@1", "contract: test.lokup", "test.lokup", "test.lookup"),
    (GRANTS, "contract: test.lookup@1", "contract: test.lookup@12", "test.lookup@12", "test.lookup@1"),
    (GRANTS, "providers: [north]", "providers: [nort]", "nort]", "north"),
    # fields
    (NOTE, "code: /ward,", "code: /wards,", "/wards", "/ward"),
    (NOTE, "route:", "ordered: {key: /txt}\nroute:", "/txt", "/text"),
    (GRANTS, "view: [/name]", "view: [/nam]", "/nam", "/name"),
    (NORTH, "noiDung: /text", "noiDung: /texts", "/texts", "text"),
    (NORTH, "name: {from: /ten", "nam: {from: /ten", "{from: /ten", "name"),
    (NORTH, "so: {from", "sos: {from", "sos", "so"),
    (NORTH, "noiDung: /text", "noiDung: $exchang", "$exchang", "$exchange"),
    (AVSC, '"on": "/ward_on"', '"on": "/ward_onn"', '"/ward_onn"', "/ward_on"),
    (AVSC, '"type": "string"},\n', '"type": "strin"},\n', '"strin"', "string"),
    (AVSC, '"logicalType": "date"', '"logicalType": "dat"', '"dat"', "date"),
    (NORTH, 'record: {name: A, born: "2014"}', "error: {pointer: /sinh, code: map_formt}", "map_formt", "map_format"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "wrong", "meant"), MISSPELT, ids=[f"{row[0]}:{row[2][:40]}" for row in MISSPELT]
)
def test_a_misspelt_name_is_pointed_at_and_the_right_one_named(
    tmp_path: Path, name: str, old: str, new: str, wrong: str, meant: str
) -> None:
    found = errors_of(spoilt(tmp_path, name, old, new))
    said = "\n".join(map(str, found))
    before = FILES[name].replace(old, new, 1).partition(new)[0] + new.partition(wrong)[0]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    here = [each for each in found if str(each).startswith(f"{name}:{line}:{column}: error: ")]
    assert any(each.remedy.startswith(f"did you mean “{meant}”") for each in here), f"{name}:{line}:{column}\n{said}"


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        (AVSC, FILES[AVSC].replace('"int", ', '"int" '), (5, 38)),
        (EXAMPLE, FILES[EXAMPLE].replace("7,", "7"), (4, 3)),
        (AVSC, FILES[AVSC].replace("  ", "\t").replace('"strin', '"strim'), (4, 28)),
        (AVSC, FILES[AVSC].replace('"default": 0', '"default": 0, "type": "int"'), (5, 53)),
        ("bus.yaml", FILES["bus.yaml"].replace("8080}", "8080"), (7, 1)),
    ],
    ids=["a comma in a schema", "a comma in an example", "tabs", "a key twice", "a bracket"],
)
def test_what_cannot_be_read_has_a_column_too(tmp_path: Path, name: str, text: str, place: tuple[int, int]) -> None:
    found = errors_of(list(load(write(tmp_path, {name: text})).findings))
    assert place in {(each.line, each.column) for each in found if each.file == name}, "\n".join(map(str, found))


def test_where_nothing_is_near_all_that_there_is_is_shown(tmp_path: Path) -> None:
    (found,) = errors_of(spoilt(tmp_path, GRANTS, "system: asker", "system: xyz"))
    assert found.remedy == "systems that there are: asker, north, south"


def test_a_schemas_own_properties_are_let_be(tmp_path: Path) -> None:
    """Avro lets a schema carry what only others understand."""
    more = '"default": 0, "unit": "µg/m³", "doc_vi": "Số", "connect.name": "n"'
    assert load(write(tmp_path, {AVSC: FILES[AVSC].replace('"default": 0', more)})).findings == []
