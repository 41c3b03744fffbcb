"""The workspace that is measured: a 1 KiB submission, and a query that is mapped both ways."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

from argon2 import PasswordHasher

from gateway.auth.keys import write_token_key

SUBMISSION: Final = "bench.report"
QUERY: Final = "bench.person-lookup"
SECRET: Final = "only-on-loopback"

_TEXT_FIELDS: Final = ("facility", "officer", "district", "subject", "method", "remark")


def record() -> dict[str, Any]:
    """A submission of about 1 KiB of JSON."""
    fields: dict[str, Any] = {name: f"{name} " + "đo đạc hiện trường " * 5 for name in _TEXT_FIELDS}
    return {
        **fields,
        "code": "H17.61-251120-0007",
        "measured_at": "2025-11-20T08:15:30.250+07:00",
        "day": "2025-11-20",
        "amount": "1250.50",
        "count": 42,
        "ratio": 0.375,
        "valid": True,
        "tags": ["a", "b", "c"],
        "kind": "routine",
    }


def schema() -> dict[str, Any]:
    """Its Avro schema."""
    return {
        "type": "record",
        "name": "Report",
        "namespace": "bench",
        "fields": [
            *({"name": name, "type": "string"} for name in _TEXT_FIELDS),
            {"name": "code", "type": "string"},
            {"name": "measured_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
            {"name": "count", "type": "long"},
            {"name": "ratio", "type": "double"},
            {"name": "valid", "type": "boolean"},
            {"name": "tags", "type": {"type": "array", "items": "string"}},
            {"name": "kind", "type": {"type": "enum", "name": "ReportKind", "symbols": ["routine", "urgent"]}},
            {"name": "note", "type": ["null", "string"], "default": None},
        ],
    }


def write_workspace(root: Path, transport: str, port: int, provider_port: int) -> None:
    """Write the whole workspace to `root`."""
    (root / "secrets").mkdir(parents=True)
    write_token_key(root / "secrets" / "token.pem")
    (root / "secrets" / "sender.hash").write_text(PasswordHasher().hash(SECRET))
    files = {
        "bus.yaml": _bus(transport, port),
        "agencies/a.yaml": _AGENCIES,
        f"contracts/{SUBMISSION}/contract.yaml": "title: Report\npattern: submission\n",
        f"contracts/{SUBMISSION}/v1/request.avsc": json.dumps(schema()),
        f"contracts/{SUBMISSION}/examples/request.json": json.dumps(record()),
        f"contracts/{QUERY}/contract.yaml": "title: Person\npattern: query\ndeadline_s: 20\n",
        f"contracts/{QUERY}/v1/request.avsc": json.dumps(_QUERY_REQUEST),
        f"contracts/{QUERY}/v1/reply.avsc": json.dumps(_QUERY_REPLY),
        f"contracts/{QUERY}/examples/request.json": json.dumps({"person_id": "999314000017"}),
        f"contracts/{QUERY}/examples/reply.json": json.dumps(_REPLY_EXAMPLE),
        "systems/target.yaml": _SYSTEM.replace("PORT", str(provider_port)),
        "grants/g.yaml": _GRANTS.replace("TODAY", date(2025, 1, 1).isoformat()),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _bus(transport: str, port: int) -> str:
    return (
        f'name: bench\nprefix: bench-{port}\ntransport: "{transport}"\nledger: "sqlite:ledger.db"\n'
        f'languages: [en, vi]\ntoken_key: "file:secrets/token.pem"\nhttp: {{host: 127.0.0.1, port: {port}}}\n'
    )


_AGENCIES = """agencies:
  - code: H17
    name: Bench
    kind: state
    systems:
      - {id: sender, name: Sender, credentials: [{client_id: sender, secret: "file:secrets/sender.hash"}]}
      - {id: target, name: Target}
"""
_QUERY_REQUEST = {
    "type": "record",
    "name": "Lookup",
    "namespace": "bench",
    "fields": [{"name": "person_id", "type": "string"}],
}
_QUERY_REPLY = {
    "type": "record",
    "name": "Person",
    "namespace": "bench",
    "fields": [
        {"name": "person_id", "type": "string"},
        {"name": "full_name", "type": "string"},
        {"name": "birth_date", "type": {"type": "string", "logicalType": "partial-date"}},
        {"name": "gender", "type": {"type": "enum", "name": "Gender", "symbols": ["male", "female"]}},
    ],
}
_REPLY_EXAMPLE = {"person_id": "999314000017", "full_name": "NGUYEN", "birth_date": "2014-05-12", "gender": "female"}
_SYSTEM = """kind: rest
connection: {url: "http://127.0.0.1:PORT", allow_private: true, timeout_s: 5}
concurrency: 128
services:
  - contract: bench.report
    idempotent: true
    operation: {method: POST, path: /report}
  - contract: bench.person-lookup
    idempotent: true
    operation:
      method: POST
      path: /lookup
      answers:
        - {when: {path: /body/ketQua, equals: "00"}, is: data}
      record: /body/congDan
    request:
      map: {so: /person_id}
    reply:
      map:
        person_id: /so
        full_name: {from: /ten, through: [trim]}
        birth_date: {from: /sinh, through: [{read_partial_date: ["dd/MM/yyyy", "MM/yyyy", "yyyy"]}]}
        gender: {from: /gt, through: [{table: {"1": male, "0": female}}]}
"""
_GRANTS = """grants:
  - {id: g1, system: sender, contract: bench.report, providers: [target], purpose: Bench, legal_basis: none, from: TODAY, view: all}
  - {id: g2, system: sender, contract: bench.person-lookup, providers: [target], purpose: Bench, legal_basis: none, from: TODAY, view: all}
"""
