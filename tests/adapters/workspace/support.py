"""A small workspace on disk, to be spoilt in one place at a time."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.workspace.reading import load
from contracts.findings import Finding, Severity

FILES = {
    "bus.yaml": """name: test-bus
transport: "memory:"
ledger: "sqlite:ledger.db"
languages: [vi, en]
token_key: "file:secrets/token.pem"
http: {host: 127.0.0.1, port: 8080}
""",
    "agencies/a.yaml": """agencies:
  - code: H17
    name: Một cơ quan
    kind: state
    systems:
      - {id: asker, name: Asker, credentials: [{client_id: asker, secret: "file:secrets/asker.hash"}]}
      - {id: north, name: North}
  - code: H17.10
    name: Một sở
    kind: state
    parent: H17
    valid_from: 2025-07-01
    systems:
      - {id: south, name: South}
""",
    "contracts/test.note/contract.yaml": """title: Note
pattern: submission
route: {codelist: wards, code: /ward, on: /ward_on}
""",
    "contracts/test.note/v1/request.avsc": """{
  "type": "record", "name": "Note", "namespace": "test",
  "fields": [
    {"name": "text", "type": "string"},
    {"name": "number", "type": "int", "default": 0},
    {"name": "ward", "type": "string", "codelist": "wards", "on": "/ward_on"},
    {"name": "ward_on", "type": {"type": "int", "logicalType": "date"}}
  ]
}
""",
    "contracts/test.note/examples/request.json": """{
  "text": "xin chào",
  "number": 7,
  "ward": "2",
  "ward_on": "2025-08-01"
}
""",
    "contracts/test.lookup/contract.yaml": """title: Lookup
pattern: query
requires: [end_user]
deadline_s: 3
""",
    "contracts/test.lookup/v1/request.avsc": json.dumps(
        {
            "type": "record",
            "name": "Lookup",
            "namespace": "test",
            "fields": [{"name": "person_id", "type": "string"}],
        }
    ),
    "contracts/test.lookup/v1/reply.avsc": json.dumps(
        {
            "type": "record",
            "name": "Found",
            "namespace": "test",
            "fields": [
                {"name": "name", "type": "string"},
                {"name": "born", "type": {"type": "string", "logicalType": "partial-date"}},
            ],
        }
    ),
    "contracts/test.lookup/examples/request.json": '{"person_id": "999314000017"}',
    "contracts/test.lookup/examples/reply.json": '{"name": "A", "born": "2014-05"}',
    "codelists/wards.csv": """id,code,name,valid_from,valid_to,successors,side
a,1,Một,,2025-07-01,c,n
b,2,Hai cũ,,2025-07-01,c,n
c,2,Hai,2025-07-01,,,n
d,3,Ba,2025-07-01,,,s
""",
    "systems/north.yaml": """kind: rest
connection: {url: "http://127.0.0.1:9001", allow_private: true}
services:
  - contract: test.note
    idempotent: true
    area: {codelist: wards, as_of: 2025-07-01, where: {side: n}}
    operation: {path: "/notes/{so}"}
    parts:
      so: {from: /number, through: [text]}
    request:
      map:
        noiDung: /text
        phuong: /ward
  - contract: test.lookup
    idempotent: true
    operation: {path: /people}
    reply:
      map:
        name: {from: /ten, optional: false, default: A}
        born: {from: /sinh, default: "2000", through: [{read_partial_date: [dd/MM/yyyy, yyyy]}]}
    examples:
      - name: a year stays a year
        reply: {ten: A, sinh: "2014"}
        record: {name: A, born: "2014"}
""",
    "systems/south.yaml": """kind: rest
connection: {url: "https://south.example.vn/api"}
retry: [5s, 5m]
services:
  - contract: test.note
    idempotent: false
    area: {codelist: wards, as_of: 2025-07-01, codes: ["3"]}
    operation: {method: PUT, path: /notes}
""",
    "grants/g.yaml": """grants:
  - id: g1
    system: asker
    contract: test.note
    providers: [north, south]
    purpose: Thử nghiệm
    legal_basis: Nghị định
    from: 2025-01-01
    to: 2030-01-01
    quota: {requests: 10, per_s: 1}
    view: all
  - id: g2
    system: asker
    contract: test.lookup@1
    providers: [north]
    purpose: Thử nghiệm
    legal_basis: Nghị định
    from: 2025-01-01
    view: [/name]
""",
}


def write(root: Path, changes: dict[str, str | None] | None = None) -> Path:
    """The workspace, with some files replaced (None: left out)."""
    for name, text in {**FILES, **(changes or {})}.items():
        if text is not None:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return root


def spoilt(root: Path, name: str, old: str, new: str) -> list[Finding]:
    """The findings where `old` stands as `new` in one file."""
    assert old in FILES[name], old
    write(root, {name: FILES[name].replace(old, new, 1)})
    return list(load(root).findings)


def errors_of(findings: list[Finding]) -> list[Finding]:
    """Without the warnings."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
