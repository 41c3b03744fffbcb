"""What an integrator is told about a subscriber's webhook that is not right yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.systems.webhook.connection import WebhookConnection
from adapters.workspace.reading import load
from tests.adapters.workspace.support import errors_of, write

SUBSCRIBER, ROTATING = "systems/north.yaml", "systems/south.yaml"
CONTRACT = "contracts/test.reading/contract.yaml"

FILES = {
    SUBSCRIBER: """kind: webhook
connection:
  url: https://north.example.vn/hooks
  secrets: ["env:NORTH_HOOK"]
  timeout_s: 15
retry: [5s, 1m]
services:
  - contract: test.reading
    idempotent: true
    operation: {}
    request:
      map: {tram: /station}
""",
    ROTATING: """kind: webhook
connection:
  url: https://south.example.vn
  secrets:
    - env:SOUTH_NEW
    - file:secrets/south.old
services:
  - contract: test.reading
    idempotent: true
    operation:
      path: /air
""",
    "systems/asker.yaml": "publishes: [test.reading]\n",
    CONTRACT: "title: Reading\npattern: event\n",
    "contracts/test.reading/v1/event.avsc": json.dumps(
        {
            "type": "record",
            "name": "Reading",
            "namespace": "test",
            "fields": [{"name": "station", "type": "string"}],
        }
    ),
    "contracts/test.reading/examples/request.json": '{"station": "A1"}',
    "grants/g.yaml": "grants:\n"
    + "".join(
        f"  - {{id: g-{system}, system: {system}, contract: test.reading, providers: [asker], purpose: x, "
        "legal_basis: x, from: 2025-01-01, view: all}\n"
        for system in ("north", "south")
    ),
}

WHSEC = "whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg=="

# file, what stands there, what stands there instead, the line of the finding, words of its message and of its remedy
SPOILT = [
    (SUBSCRIBER, "https://north.example.vn/hooks", "north.example.vn", 3, "no address", "https://host"),
    (SUBSCRIBER, "north.example.vn/hooks", "north.example.vn/hooks?k=1", 3, "ends with its path", "leave out"),
    (SUBSCRIBER, "https://north", "https://bus:pw@north", 3, "name or password", "what is pushed is signed"),
    (SUBSCRIBER, "https://north.example.vn", "http://192.168.1.9", 3, "192.168.1.9 is a private", "allow_private"),
    (SUBSCRIBER, '  secrets: ["env:NORTH_HOOK"]\n', "", 3, "secrets is missing", "add: secrets"),
    (SUBSCRIBER, '["env:NORTH_HOOK"]', "[]", 4, "nothing here", "at least one"),
    (SUBSCRIBER, '"env:NORTH_HOOK"', WHSEC, 4, "never written here", "file:PATH"),
    (SUBSCRIBER, '["env:NORTH_HOOK"]', WHSEC, 4, "secrets", ""),
    (SUBSCRIBER, "15", WHSEC, 5, "timeout_s", ""),
    (CONTRACT, "title: Reading", f"title: {WHSEC}", 1, "a secret stands here in clear", "file:PATH"),
    (SUBSCRIBER, "timeout_s: 15", "timeout: 15", 5, "unknown key “timeout”", "timeout_s"),
    (SUBSCRIBER, "operation: {}", "operation: {method: PUT}", 10, "unknown key “method”", "path"),
    (ROTATING, "    - env:SOUTH_NEW\n", "    - env:SOUTH_NEW\n    - env:C\n", 5, "there are 3 secrets", "keep two"),
    (ROTATING, "file:secrets/south.old", "env:SOUTH_NEW", 5, "there twice", "keep one"),
    (ROTATING, "path: /air", "path: air", 11, "“air” is no path", "write it like /air"),
    (ROTATING, "path: /air", 'path: "/air/{id}"', 11, "no path of a webhook", "the same for each event"),
    (ROTATING, "test.reading", "test.lookup", 10, "a webhook gives no data", "kind: rest"),
]  # fmt: skip


def written(root: Path, name: str = "", old: str = "", new: str = "") -> Path:
    """The workspace with these subscribers, and one text replaced in one file."""
    files = dict(FILES)
    if name:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)
    return write(root, {**files})


def test_subscribers_by_webhook_have_nothing_to_mend(tmp_path: Path) -> None:
    loaded = load(written(tmp_path))
    assert errors_of(list(loaded.findings)) == []
    assert loaded.workspace is not None
    connections = {name: adapter.connection for name, adapter in loaded.workspace.adapters.items()}
    south = connections["south"]
    assert isinstance(south, WebhookConnection)
    assert south.secrets == ("env:SOUTH_NEW", "file:secrets/south.old")
    assert loaded.workspace.adapters["north"].retry_s == (5, 60)


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "message", "remedy"), SPOILT, ids=[f"{row[1][:30]}→{row[2][:30]}" for row in SPOILT]
)
def test_a_fault_is_found_at_its_line_with_a_remedy(
    tmp_path: Path, name: str, old: str, new: str, line: int, message: str, remedy: str
) -> None:
    found = [each for each in errors_of(list(load(written(tmp_path, name, old, new)).findings)) if each.file == name]
    said = "\n".join(map(str, found))
    assert "aHVudGVy" not in said
    assert any(finding.line == line and message in finding.message and remedy in finding.remedy for finding in found), (
        said
    )
