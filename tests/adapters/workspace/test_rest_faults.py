"""What an integrator is told about the logins, pages and rates of a system that are not right yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.reading import load
from tests.adapters.workspace.support import FILES, errors_of, write

NORTH, SOUTH = "systems/north.yaml", "systems/south.yaml"

TOKENS = """kind: rest
connection:
  url: https://north.example.vn/api
  headers: {X-Unit: H17}
  auth:
    oauth2:
      token_url: https://sso.example.vn/token
      client_id: lgsp
      client_secret: "env:SSO_SECRET"
      client_in: form
      scope: read
    json_header:
      header: lgspaccesstoken
      values: {AccessKey: "env:ACCESS", AppName: hoi-an}
rate: {per_second: 5, burst: 10}
services:
  - contract: test.lookup
    idempotent: true
    operation:
      path: /people
      query: {q: x}
      paging:
        items: /body/data
        page: {send: {query: trang}, first: 0}
        size: {send: {body: /soDong}, items: 100}
        total: /body/tong
        max_pages: 10
        max_items: 500
    reply:
      map:
        name: {from: /ten, default: A}
        born: {from: /sinh, default: "2000"}
"""
SESSIONS = """kind: rest
connection:
  url: https://south.example.vn/api
  auth:
    session:
      login:
        path: /login
        headers: {dstcode: "VN:GOV:1"}
        body: {username: lgsp, password: "env:PASSWORD"}
      success: {path: /body/error_code, equals: "0"}
      detail: /body/message
      value: /body/session
      send: {body: /session}
      lives_s: 1200
      over: {path: /body/error_code, equals: "9"}
services:
  - contract: test.note
    idempotent: false
    area: {codelist: wards, as_of: 2025-07-01, codes: ["3"]}
    operation:
      method: PUT
      path: /notes
"""

# file, what stands there, what stands there instead, the line of the finding, words of its message and of its remedy
SPOILT = [
    # a token
    (NORTH, "token_url: https://sso.example.vn/token", "token_url: sso.example.vn", 7, "no address", "https://host"),
    (NORTH, "https://sso.example.vn/token", "http://10.0.0.1/token", 3, "10.0.0.1 is a private address", "allow_private"),
    (NORTH, "      client_id: lgsp\n", "", 7, "client_id is missing", "add: client_id"),
    (NORTH, '"env:SSO_SECRET"', "hunter2", 9, "never written here", "env:NAME"),
    (NORTH, "client_in: form", "client_in: body", 10, "client_in cannot be this", "basic or form"),
    (NORTH, "scope: read", "scopes: read", 11, "unknown key “scopes”", "scope"),
    (NORTH, "scope: read", 'scope: ""', 11, "scope", "scopes to ask for"),
    (NORTH, "    oauth2:", '    bearer: "env:X"\n    oauth2:', 6, "one credential", "write one of"),
    # an object in a header
    (NORTH, 'AccessKey: "env:ACCESS"', "AccessKey: hunter2", 14, "none of the values is a secret", "env:"),
    (NORTH, "AppName: hoi-an", "SecretKey: hunter2", 14, "in clear", "env:NAME"),
    (NORTH, '"env:ACCESS"', '"env:"', 14, "never written here", "env:NAME"),
    (NORTH, "header: lgspaccesstoken", "header: Authorization", 6, "in one header", "another header"),
    (NORTH, "X-Unit: H17", "lgspaccesstoken: H17", 3, "set by auth already", "leave it out"),
    (NORTH, "query: {q: x}", "headers: {LgspAccessToken: x}", 21, "set by auth already", "leave it out"),
    # pages
    (NORTH, "        items: /body/data\n", "", 23, "items is missing", "like /body/data"),
    (NORTH, "items: /body/data", "items: /data", 23, "no place in an answer's body", "/body"),
    (NORTH, "page: {send", "pages: {send", 24, "unknown key “pages”", "page"),
    (NORTH, "        page: {send", "        link: {}\n        page: {send", 23, "one way", "page, offset, cursor, link"),
    (NORTH, "page: {send: {query: trang}, first: 0}", "link: {}", 23, "total means nothing beside link", "leave total out"),
    (NORTH, "{query: trang}", "{query: trang, body: /trang}", 24, "goes to one place", "query, body"),
    (NORTH, "{query: trang}", "{}", 24, "goes to one place", "query, body"),
    (NORTH, "{query: trang}", "{header: X-Trang}", 24, "unknown key “header”", ""),
    (NORTH, "{query: trang}", "{body: trang}", 24, "“trang” is no path", "/home/ward"),
    (NORTH, "{query: trang}", "{query: q}", 20, "the parameter q is set by paging", "leave it out of query"),
    (NORTH, "first: 0", "first: 2", 24, "less than or equal to 1", "the first page"),
    (NORTH, "path: /people", "path: /people\n      method: GET", 20, "has no body for /soDong", "query"),
    (NORTH, "path: /people", "path: /people\n      record: /body/found", 20, "would not be in the record", "record"),
    (NORTH, "path: /people", "path: /people\n      answer_body: text", 20, "only an answer in JSON", "answer_body"),
    (NORTH, "total: /body/tong", "total: /tong", 26, "no place in an answer", "/body"),
    (NORTH, "max_pages: 10", "max_pages: all", 27, "max_pages must be a whole number", "digits"),
    (NORTH, "max_items: 500", "max_items: 0", 28, "max_items", "more are an error"),
    # a rate
    (NORTH, "per_second: 5", "per_second: many", 15, "per_second must be a number", "digits"),
    # a session
    (SOUTH, "        path: /login\n", "", 7, "path is missing", "after the connection"),
    (SOUTH, "path: /login", "path: login", 7, "“login” is no path", "/students"),
    (SOUTH, "path: /login", "path: /login/{so}", 7, "a login knows no parts", "value itself"),
    (SOUTH, 'dstcode: "VN:GOV:1"', "Authorization: x", 8, "carries a secret", "auth"),
    (SOUTH, '"env:PASSWORD"', "hunter2", 9, "in clear", "env:NAME"),
    (SOUTH, '"env:PASSWORD"', '"file:"', 9, "never written here", "env:NAME"),
    (SOUTH, "success: {path: /body/error_code", "success: {path: /error_code", 10, "no place in an answer", "/body"),
    (SOUTH, "value: /body/session", "value: session", 12, "“session” is no path", ""),
    (SOUTH, "      value: /body/session\n", "", 6, "value is missing", "/body/session"),
    (SOUTH, "      send: {body: /session}\n", "", 6, "send is missing", "header, query, cookie or body"),
    (SOUTH, "{body: /session}", "{body: /session, cookie: s}", 13, "goes to one place", "cookie"),
    (SOUTH, "{body: /session}", '{cookie: "a b"}', 13, "no name of a cookie", "JSESSIONID"),
    (SOUTH, "{body: /session}", "{header: Host}", 13, "the bus's own", "leave it out"),
    (SOUTH, "lives_s: 1200", "lives_s: 20m", 14, "lives_s must be a number", "digits"),
    (SOUTH, 'equals: "9"', 'equal: "9"', 15, "unknown key “equal”", "equals"),
    (SOUTH, "method: PUT", "method: DELETE", 20, "a DELETE has no body", "header, a cookie or the query"),
    (SOUTH, "path: /notes", "path: /notes\n      paging: {items: /body, link: {}}", 23, "no reply", "remove paging"),
]  # fmt: skip


def written(root: Path, name: str = "", old: str = "", new: str = "") -> Path:
    """The workspace with these systems, and one text replaced in one of them."""
    files = {NORTH: TOKENS, SOUTH: SESSIONS}
    if name:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)
    note = "contracts/test.note/contract.yaml"
    grants = FILES["grants/g.yaml"].replace("providers: [north, south]", "providers: [south]")
    return write(root, {**files, "grants/g.yaml": grants, note: FILES[note]})


def test_systems_with_logins_pages_and_rates_have_nothing_to_mend(tmp_path: Path) -> None:
    loaded = load(written(tmp_path))
    assert [str(finding) for finding in loaded.findings] == []
    assert loaded.workspace is not None
    rate = loaded.workspace.adapters["north"].rate
    assert rate is not None
    assert (rate.per_second, rate.burst) == (5, 10)
    assert loaded.workspace.adapters["south"].rate is None


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "message", "remedy"), SPOILT, ids=[f"{row[1][:30]}→{row[2][:30]}" for row in SPOILT]
)
def test_a_fault_is_found_at_its_line_with_a_remedy(
    tmp_path: Path, name: str, old: str, new: str, line: int, message: str, remedy: str
) -> None:
    found = errors_of(list(load(written(tmp_path, name, old, new)).findings))
    said = "\n".join(map(str, found))
    assert {finding.file for finding in found} == {name}, said
    assert len(found) <= 2, said
    assert "hunter2" not in said
    assert any(finding.line == line and message in finding.message and remedy in finding.remedy for finding in found), (
        said
    )
