"""What an integrator is told about a workspace that is not right yet, and what a right one becomes."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from adapters.workspace.reading import load
from contracts.findings import Severity
from contracts.outcome import Pattern
from contracts.validation import Extra
from tests.adapters.workspace.support import FILES, errors_of, spoilt, write

NORTH, SOUTH, GRANTS, NOTE = "systems/north.yaml", "systems/south.yaml", "grants/g.yaml", "contracts/test.note"
AVSC, AGENCIES, WARDS = f"{NOTE}/v1/request.avsc", "agencies/a.yaml", "codelists/wards.csv"

# file, what stands there, what stands there instead, the line of the finding, words of its message and of its remedy
SPOILT = [
    # keys and values of every file
    ("bus.yaml", "ledger:", "legder:", 3, "unknown key “legder”", "ledger"),
    ("bus.yaml", "memory:", "redis://x", 2, "the log cannot be this", "sqlite:PATH"),
    ("bus.yaml", "memory:", "kafka://host", 2, "the log cannot be this", "kafka://host:port"),
    ("bus.yaml", "[vi, en]", "[vi, fr]", 4, "cannot be this", "vi or en"),
    ("bus.yaml", "port: 8080", "port: eighty", 6, "port must be a whole number", "digits"),
    ("bus.yaml", "port: 8080", "port: 99999", 6, "65535", ""),
    ("bus.yaml", "name: test-bus", "name: Test Bus", 1, "this name cannot be used", "small letters"),
    ("bus.yaml", "languages", "time_zone: Asia/Saigon2\nlanguages", 4, "not a time zone", "Asia/Ho_Chi_Minh"),
    ("bus.yaml", "file:secrets/token.pem", "env:KEY", 5, "the token key is a file", "file:PATH"),
    ("bus.yaml", "name: test-bus", "name: a\nname: b", 2, "“name” is there twice", "keep one"),
    ("bus.yaml", "http: {host", "http: {host: x: y", 6, "not YAML", ""),
    ("bus.yaml", "http:", "\thttp:", 6, "not YAML", "spaces"),
    ("bus.yaml", "http:", "subscriptions: {retry: [30s, 5s]}\nhttp:", 6, "delays must grow", "shortest first"),
    ("bus.yaml", "http:", "subscriptions: {retry: [1h, 7d]}\nhttp:", 1, "longer together than the log", "retention"),
    ("bus.yaml", "http:", "subscriptions: {disable_after: 3}\nhttp:", 6, "not a length of time", "5m"),
    ("bus.yaml", "http:", "subscriptions: {most: -1}\nhttp:", 6, "0", ""),
    # agencies
    (AGENCIES, "parent: H17", "parent: H18", 11, "there is no agency H18", "H17"),
    (AGENCIES, "code: H17.10", "code: h17/10", 8, "not an agency's code", "H17.10"),
    (AGENCIES, "code: H17.10", "code: H17", 8, "there twice", "keep one"),
    (AGENCIES, "name: South}", "name: South}\n      - {id: north, name: X}", 15, "there twice", "keep one"),
    (AGENCIES, "kind: state\n    systems", "kind: stat\n    systems", 4, "cannot be this", "state"),
    (AGENCIES, "2025-07-01", "01/07/2025", 12, "not a date", "YYYY-MM-DD"),
    (AGENCIES, "2025-07-01", "2025-02-30", 12, "no such day", "YYYY-MM-DD"),
    (AGENCIES, "file:secrets/asker.hash", "hunter2", 6, "in clear", "file:PATH"),
    # contracts
    (f"{NOTE}/contract.yaml", "submission", "submision", 2, "cannot be this", "submission"),
    (f"{NOTE}/contract.yaml", "submission", "query", 0, "a query has a reply", "reply.avsc"),
    (f"{NOTE}/contract.yaml", "codelist: wards", "codelist: ward", 3, "there is no code list ward", "wards"),
    (f"{NOTE}/contract.yaml", "code: /ward,", "code: /wards,", 3, "no field /wards", "/ward"),
    (f"{NOTE}/contract.yaml", "on: /ward_on", "on: /text", 3, "/text is not a date", "date"),
    (f"{NOTE}/contract.yaml", "code: /ward,", "code: /text,", 3, "/text is not a code of wards", "codelist"),
    ("contracts/test.lookup/contract.yaml", "[end_user]", "[officer]", 3, "cannot be this", "end_user"),
    ("contracts/test.lookup/contract.yaml", "deadline_s: 3", "deadline_s: 3000", 4, "300", ""),
    (AVSC, '"default": 0', '"default": "0"', 5, "default", ""),
    (AVSC, '"int", "default": 0', '["int", "long"], "default": 0', 5, "", ""),
    (AVSC, ', "on": "/ward_on"', "", 6, "", "on"),
    (AVSC, '"on": "/ward_on"', '"on": "/ward_when"', 6, "ward_when", ""),
    (AVSC, '"codelist": "wards"', '"codelist": "ward"', 6, "there is no code list ward", "wards"),
    (AVSC, '"type": "string"},\n', '"type": "strin"},\n', 4, "strin", ""),
    (f"{NOTE}/examples/request.json", '"number": 7', '"number": "7"', 3, "/number", ""),
    (f"{NOTE}/examples/request.json", '"ward": "2"', '"ward": "9"', 4, "/ward", ""),
    (f"{NOTE}/examples/request.json", '"2025-08-01"\n}', '"2025-08-01"', 6, "not JSON", ""),
    # code lists
    (WARDS, "b,2,Hai cũ,,2025-07-01,c,n", "b,2,Hai cũ,,2025-07-01,x,n", 3, "x", ""),
    (WARDS, "d,3,Ba,2025-07-01", "d,3,Ba,2025-7-1", 5, "", ""),
    # adapters
    (NORTH, "kind: rest", "kind: soapy", 1, "no kind of provider “soapy”", "rest"),
    (NORTH, "allow_private", "alow_private", 2, "unknown key “alow_private”", "allow_private"),
    (NORTH, "http://127.0.0.1:9001", "127.0.0.1:9001", 2, "no address", "https://host"),
    (NORTH, ", allow_private: true", "", 2, "private address", "allow_private"),
    (NORTH, "contract: test.note", "contract: test.notes", 4, "there is no contract test.notes", "test.note"),
    (NORTH, "contract: test.note", "contract: test.note@4", 4, "no version 4", "test.note@1"),
    (NORTH, "idempotent: true\n    area", "area", 4, "idempotent is missing", "add: idempotent"),
    (NORTH, "idempotent: true\n    area", "idempotent: maybe\n    area", 5, "true or false", "true or false"),
    (NORTH, "{side: n}", "{sid: n}", 6, "no column sid", "side"),
    (NORTH, "{side: n}", "{side: w}", 6, "no row", ""),
    (NORTH, "where: {side: n}", 'codes: ["9"]', 6, "9 is not in force", ""),
    (NORTH, "where: {side: n}", 'codes: ["2", "3"]', 7, "both answer for test.note in: 3 Ba", "one system"),
    (NORTH, "area: {codelist: wards, as_of: 2025-07-01, where: {side: n}}\n", "\n", 4, "has no area", "area"),
    (NORTH, "noiDung: /text", "noiDung: /texts", 12, "", "text"),
    (NORTH, "phuong: /ward", "phuong: {from: /ward, trough: [trim]}", 13, "trough", ""),
    (NORTH, "name: {from: /ten", "nam: {from: /ten", 19, "nam", "name"),
    (NORTH, "so: {from", "sos: {from", 9, "no template has {sos}", "did you mean “so”?"),
    (NORTH, "/notes/{so}", "/notes/{so}/{lan}", 7, "nothing makes the value of {lan}", "parts"),
    (NORTH, "[dd/MM/yyyy, yyyy]", "[dd/mm/yyyy]", 20, "", ""),
    (NORTH, "record: {name", "body: {name", 24, "body is no result of a reply", "record"),
    (SOUTH, "retry: [5s, 5m]", "retry: [5m, 5s]", 3, "delays must grow", "shortest first"),
    (SOUTH, "retry: [5s, 5m]", "retry: [5]", 3, "not a length of time", "5s"),
    (SOUTH, "retry: [5s, 5m]", "retry: [9d]", 3, "longer than the log keeps", "retention_days"),
    (SOUTH, "retry:", "rate: {per_second: 0}\nretry:", 3, "per_second", "calls a second"),
    (SOUTH, "retry:", "rate: {burst: 2}\nretry:", 3, "per_second is missing", "add: per_second"),
    (SOUTH, "retry:", "rate: {per_second: 5, burst: few}\nretry:", 3, "burst must be a whole number", "digits"),
    (SOUTH, "retry:", "rate: {per_sec: 5}\nretry:", 3, "unknown key “per_sec”", "per_second"),
    (SOUTH, "https://south", "https://me:pass@south", 2, "", "auth"),
    (SOUTH, "retry:", "request_format: x\nretry:", 3, "unknown key", ""),
    # grants
    (GRANTS, "system: asker", "system: askr", 3, "there is no system askr", "asker"),
    (GRANTS, "contract: test.note", "contract: test.nota", 4, "there is no contract test.nota", "test.note"),
    (GRANTS, "providers: [north]", "providers: [south]", 15, "south does not provide test.lookup@1", "north"),
    (GRANTS, "providers: [north]", "providers: [west]", 15, "there is no system west", ""),
    (GRANTS, "to: 2030-01-01", "to: 2024-01-01", 9, "ends before it begins", "later"),
    (GRANTS, "view: [/name]", "view: [/nam]", 19, "no field /nam", "/name"),
    (GRANTS, "view: [/name]", "view: /name", 19, "what the receiver may see", "all"),
    (GRANTS, "    view: [/name]\n", "", 12, "view is missing", "add: view"),
    (GRANTS, "view: all", "view: [/text]", 11, "no reply to be seen", "all"),
    (GRANTS, "requests: 10", "requests: 0", 10, "", ""),
    (GRANTS, "id: g2", "id: g1", 12, "there twice", "keep one"),
]


def test_a_right_workspace_has_nothing_to_mend(tmp_path: Path) -> None:
    loaded = load(write(tmp_path))
    assert [str(finding) for finding in loaded.findings] == []
    assert loaded.workspace is not None


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "message", "remedy"), SPOILT, ids=[f"{row[0]}:{row[2][:30]}" for row in SPOILT]
)
def test_a_fault_is_found_at_its_line_with_a_remedy(
    tmp_path: Path, name: str, old: str, new: str, line: int, message: str, remedy: str
) -> None:
    found = errors_of(spoilt(tmp_path, name, old, new))
    said = "\n".join(map(str, found))
    assert {finding.file.rpartition("/")[0] for finding in found} <= {name.rpartition("/")[0], f"{NOTE}"}, said
    assert len(found) <= 2, said
    assert all(finding.remedy for finding in found)
    assert any(finding.line == line and message in finding.message and remedy in finding.remedy for finding in found), (
        said
    )


def test_every_error_is_found_in_one_run(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "bus.yaml": FILES["bus.yaml"].replace("port: 8080", "port: x"),
            AVSC: FILES[AVSC].replace('"string"},\n    {"name": "number"', '"strin"},\n    {"name": "number"'),
            GRANTS: FILES[GRANTS].replace("system: asker", "system: nobody"),
            NORTH: FILES[NORTH].replace("kind: rest", "kind: ftp").replace("/people", "/people?x"),
        },
    )
    files = {finding.file for finding in errors_of(list(load(tmp_path).findings))}
    assert files == {"bus.yaml", AVSC, GRANTS, NORTH}


def test_one_error_does_not_hide_another(tmp_path: Path) -> None:
    """An unknown key, a secret in clear or a broken contract: what stands beside it, or leans on it, is checked too."""
    write(
        tmp_path,
        {
            AGENCIES: FILES[AGENCIES].replace("file:secrets/asker.hash", "hunter2"),
            AVSC: FILES[AVSC].replace('"int", "default": 0', '"int", "default": "x"'),
            f"{NOTE}/examples/request.json": "{}",
            "contracts/test.lookup/examples/request.json": "{}",
            NORTH: FILES[NORTH]
            .replace("allow_private", "alow_private")
            .replace("name: {from: /ten", "nam: {from: /ten"),
            GRANTS: FILES[GRANTS]
            .replace("system: asker", "system: nobody", 1)
            .replace("providers: [north]", "providers: [south]")
            .replace("legal_basis", "legal_base", 1)
            .replace("view: [/name]", "view: [/nam]"),
        },
    )
    said = "\n".join(map(str, errors_of(list(load(tmp_path).findings))))
    for message in (
        "a secret may not stand here in clear",
        "the default of number",
        "the example is not valid",
        "unknown key “alow_private”",
        "nam",
        "there is no system nobody",
        "south does not provide test.lookup@1",
        "unknown key “legal_base”",
        "the reply has no field /nam",
    ):
        assert message in said, said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"int", "default": 0', '"int", "default": "x"', "the default of number"),
        ('"int", "default": 0', '["int", "double"]', "two branches of this union"),
        (', "on": "/ward_on"', "", "does not say on what date"),
        ('"codelist": "wards"', '"codelist": "ward"', "there is no code list ward"),
    ],
)
def test_a_mapping_is_checked_against_a_schema_that_is_wrong_elsewhere(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    write(
        tmp_path,
        {AVSC: FILES[AVSC].replace(old, new), NORTH: FILES[NORTH].replace("noiDung: /text", "noiDung: /texts")},
    )
    found = errors_of(list(load(tmp_path).findings))
    assert any(finding.file == AVSC and message in finding.message for finding in found)
    assert any(finding.file == NORTH and finding.line == 12 and "/texts" in finding.message for finding in found)


def test_a_broken_file_causes_no_errors_elsewhere(tmp_path: Path) -> None:
    """Who mends the one place sees no others vanish with it."""
    write(tmp_path, {WARDS: FILES[WARDS].replace("2025-07-01,c,n", "2025-07-01,zz,n")})
    assert {finding.file for finding in load(tmp_path).findings} == {WARDS}


def test_a_folder_without_bus_yaml_is_no_workspace(tmp_path: Path) -> None:
    (finding,) = load(tmp_path).findings
    assert "not a workspace" in finding.message


@pytest.mark.parametrize("name", ["bus.yaml", NORTH, AGENCIES, WARDS, AVSC])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 5000, b"- a\n- b\n", b"\x00", b"&a [*a, *a]\n"])
def test_no_content_of_a_file_is_too_much(tmp_path: Path, name: str, content: bytes) -> None:
    (write(tmp_path) / name).write_bytes(content)
    assert errors_of(list(load(tmp_path).findings))


def test_a_few_lines_of_yaml_cannot_fill_the_memory(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )
    found = errors_of(list(load(write(tmp_path, {"grants/bomb.yaml": bomb})).findings))
    assert [finding.message for finding in found] == ["the file has too many parts"]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "systems/south.yaml",
            'connection: {url: "https://a.vn", headers: {Authorization: "Bearer abcdefgh12345678"}}',
            2,
        ),
        ("systems/south.yaml", 'connection: {url: "https://a.vn", auth: {bearer: "s3cret-token"}}', 2),
        ("systems/south.yaml", 'connection: {url: "https://a.vn", auth: {basic: {user: u, password: p4ss}}}', 2),
        ("systems/south.yaml", 'connection: {url: "https://u:p4ss@a.vn"}', 2),
    ],
)
def test_a_secret_in_clear_is_an_error_that_does_not_repeat_it(tmp_path: Path, name: str, text: str, line: int) -> None:
    found = errors_of(spoilt(tmp_path, name, 'connection: {url: "https://south.example.vn/api"}', text))
    assert found
    assert {finding.line for finding in found} == {line}
    said = "\n".join(map(str, found))
    assert "p4ss" not in said
    assert "s3cret-token" not in said
    assert "abcdefgh" not in said


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "grants/more.yml": "grants: []",
            "contract/x/contract.yaml": "",
            f"{NOTE}/v1/Request.avsc": "{}",
            f"{NOTE}/examples/requests.json": "{}",
        },
    )
    warnings = {finding.file for finding in load(tmp_path).findings if finding.severity is Severity.WARNING}
    assert warnings == {"grants/more.yml", "contract/", f"{NOTE}/v1/Request.avsc", f"{NOTE}/examples/requests.json"}


def test_a_grant_of_a_system_that_cannot_sign_in_is_warned_of(tmp_path: Path) -> None:
    findings = spoilt(tmp_path, GRANTS, "system: asker", "system: north")
    assert [(finding.severity, finding.line) for finding in findings] == [(Severity.WARNING, 3)]


@pytest.mark.parametrize("missing", [f"{NOTE}/examples/request.json", AVSC, f"{NOTE}/contract.yaml"])
def test_a_contract_needs_its_files(tmp_path: Path, missing: str) -> None:
    found = errors_of(list(load(write(tmp_path, {missing: None})).findings))
    assert [
        finding.message for finding in found if missing.startswith(finding.file) and "has no" in finding.message
    ] or [finding.file for finding in found if finding.file == missing and finding.message == "this file is missing"]


def test_what_is_right_becomes_values(tmp_path: Path) -> None:
    workspace = load(write(tmp_path)).workspace
    assert workspace is not None
    assert (workspace.bus.prefix, workspace.bus.retention_days, workspace.bus.languages) == (
        "test-bus",
        7,
        ("vi", "en"),
    )
    north, south = workspace.adapters["north"], workspace.adapters["south"]
    assert (north.retry_s, south.retry_s) == ((5, 30, 300, 3600, 21600), (5, 300))
    note, lookup = north.services
    assert note.area is not None
    assert note.area.rows == {"c"}
    assert (note.extra, note.idempotent, south.services[0].idempotent) == (Extra.DROP_AND_REPORT, True, False)
    assert lookup.examples[0].expected == {"name": "A", "born": "2014"}
    assert workspace.contracts["test.lookup"].pattern is Pattern.QUERY
    assert workspace.contracts["test.lookup"].requires_end_user
    g1, g2 = workspace.grants
    assert (g1.view, g2.view, g2.major) == (None, ("/name",), 1)
    assert g1.valid_to == date(2030, 1, 1)
    assert {(service.contract, service.system) for service in workspace.services} == {
        ("test.note", "north"),
        ("test.note", "south"),
        ("test.lookup", "north"),
    }


def test_texts_stay_texts(tmp_path: Path) -> None:
    """`on`, `00634` and `1.10` are what they look like, in whatever place."""
    agencies = FILES[AGENCIES].replace("name: Một cơ quan", "name: on").replace("name: Một sở", "name: 00634")
    workspace = load(write(tmp_path, {AGENCIES: agencies})).workspace
    assert workspace is not None
    assert [agency.name for agency in workspace.agencies.values()] == ["on", "00634"]


def test_the_hash_follows_the_content_and_not_the_place(tmp_path: Path) -> None:
    first = load(write(tmp_path / "a")).workspace
    second = load(Path(shutil.copytree(tmp_path / "a", tmp_path / "b"))).workspace
    changed = load(write(tmp_path / "c", {"bus.yaml": FILES["bus.yaml"] + "retention_days: 8\n"})).workspace
    assert first is not None
    assert second is not None
    assert changed is not None
    assert first.hash == second.hash != changed.hash


def test_the_model_citys_workspace_has_nothing_to_mend() -> None:
    findings = load(Path(__file__).parents[3] / "deploy" / "demo" / "workspace").findings
    assert [str(finding) for finding in findings] == []
