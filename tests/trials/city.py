"""The workspace of the trial: a station that leaves files of two contracts, and ten subscribers to both.

`w1` to `w4` are pushed to by their own files in the workspace, `w5` to `w7` subscribe by themselves, `p1` to `p3` pull.
"""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher

from gateway.auth.keys import write_token_key

PLAIN: Final = "trial.reading"
ORDERED: Final = "trial.sequence"
CONTRACTS: Final = (PLAIN, ORDERED)
PUSHED: Final = ("w1", "w2", "w3", "w4")
SELF: Final = ("w5", "w6", "w7")
PULLING: Final = ("p1", "p2", "p3")
SUBSCRIBERS: Final = (*PUSHED, *SELF, *PULLING)
_SECRET: Final = "only-on-loopback"


def folder_of(root: Path, contract: str) -> Path:
    """Where the station leaves the files of a contract."""
    return root / "out" / contract


def write_workspace(root: Path, transport: str, port: int, receiver: int) -> None:
    """Write the whole workspace to `root`."""
    (root / "secrets").mkdir(parents=True)
    for contract in CONTRACTS:
        folder_of(root, contract).mkdir(parents=True)
    write_token_key(root / "secrets/token.pem")
    (root / "secrets/hash").write_text(PasswordHasher(time_cost=1, memory_cost=1024).hash(_SECRET))
    (root / "secrets/webhook").write_text("whsec_" + b64encode(bytes(32)).decode())
    accounts = "".join(f"{name.upper()}_CLIENT_ID={name}\n{name.upper()}_CLIENT_SECRET={_SECRET}\n" for name in PULLING)
    (root / "clients.env").write_text(f"LIENTHONG_URL=http://127.0.0.1:{port}\n{accounts}")
    files = {
        "bus.yaml": _BUS.format(transport=transport, port=port),
        "agencies/a.yaml": _AGENCIES + "".join(_AGENCY_SYSTEM.replace("NAME", name) for name in SUBSCRIBERS),
        "systems/station.yaml": f"publishes: [{', '.join(CONTRACTS)}]\nsources:\n"
        + "".join(_SOURCE.replace("CONTRACT", contract) for contract in CONTRACTS),
        "grants/g.yaml": "grants:\n"
        + "".join(
            _GRANT.replace("NAME", name).replace("CONTRACT", contract) for name in SUBSCRIBERS for contract in CONTRACTS
        ),
        **{f"systems/{name}.yaml": _SUBSCRIBER.replace("PORT", str(receiver)).replace("NAME", name) for name in PUSHED},
    }
    for contract in CONTRACTS:
        order = "ordered: {key: /station}\n" if contract == ORDERED else ""
        files[f"contracts/{contract}/contract.yaml"] = f"title: Reading\npattern: event\n{order}"
        files[f"contracts/{contract}/v1/event.avsc"] = json.dumps(_SCHEMA)
        files[f"contracts/{contract}/examples/request.json"] = json.dumps(_EXAMPLE)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


_BUS = """name: trial
prefix: trial-{port}
transport: "{transport}"
ledger: "sqlite:ledger.db"
languages: [en, vi]
token_key: "file:secrets/token.pem"
http: {{host: 127.0.0.1, port: {port}}}
channels: {{inbox: 4, reply: 4, other: 4}}
subscriptions: {{allow_private: true, retry: [1s, 5s]}}
"""
_AGENCIES = """agencies:
  - code: H17
    name: Trial
    kind: state
    systems:
      - {id: station, name: Station}
"""
_AGENCY_SYSTEM = '      - {id: NAME, name: Subscriber, credentials: [{client_id: NAME, secret: "file:secrets/hash"}]}\n'
_SCHEMA = {
    "type": "record",
    "name": "Reading",
    "namespace": "trial",
    "fields": [
        {"name": "station", "type": "string"},
        {"name": "number", "type": "int"},
        {"name": "pm25", "type": "double"},
        {"name": "level", "type": {"type": "enum", "name": "Level", "symbols": ["fine", "poor"]}},
    ],
}
_EXAMPLE = {"station": "A00", "number": 0, "pm25": 31.5, "level": "fine"}
_SOURCE = """  - kind: files
    contract: CONTRACT
    connection: {folder: out/CONTRACT, pattern: "*.csv", complete: renamed, format: csv}
    record:
      map:
        station: /station
        number: {from: /number, through: [integer]}
        pm25: {from: /pm25, through: [number]}
        level: /level
"""
_GRANT = (
    "  - {id: g-NAME-CONTRACT, system: NAME, contract: CONTRACT, providers: [station], purpose: Trial, "
    "legal_basis: none, from: 2025-01-01, view: all}\n"
)
_SUBSCRIBER = f"""kind: webhook
connection: {{url: "http://127.0.0.1:PORT/NAME", allow_private: true, secrets: ["file:secrets/webhook"]}}
concurrency: 32
retry: [1s, 5s]
services:
{"".join(f"  - {{contract: {contract}, idempotent: true, operation: {{}}}}{chr(10)}" for contract in CONTRACTS)}"""
