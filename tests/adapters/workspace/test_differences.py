"""What would change is said in words, by what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.difference_words import worded
from adapters.workspace.differences import differences
from adapters.workspace.reading import load
from contracts.speech import speech
from contracts.wording import Language
from tests.adapters.workspace.support import FILES, write


def said(tmp_path: Path, changes: dict[str, str | None], language: Language = Language.EN) -> list[str]:
    """What is said of a workspace with these changes."""
    old, new = load(write(tmp_path / "old")), load(write(tmp_path / "new", changes))
    assert old.workspace is not None
    assert new.workspace is not None, new.findings
    return [
        speech(language).say(worded(each)) for each in differences(old.workspace, old.files, new.workspace, new.files)
    ]


def changed(name: str, old: str, new: str) -> dict[str, str | None]:
    assert old in FILES[name]
    return {name: FILES[name].replace(old, new)}


def test_two_workspaces_that_are_the_same_differ_in_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            changed("grants/g.yaml", "    purpose: Thử nghiệm\n    legal_basis: Nghị định\n    from: 2025-01-01\n    to", "    purpose: Vận hành\n    legal_basis: Nghị định\n    from: 2025-01-01\n    to"),
            ["grant g1: purpose: Thử nghiệm → Vận hành"],
        ),
        (changed("grants/g.yaml", "view: [/name]", "view: [/name, /born]"), ["grant g2: view: /born added"]),
        (changed("grants/g.yaml", "view: [/name]", "view: all"), ["grant g2: view: /name → all"]),
        (changed("systems/south.yaml", "retry: [5s, 5m]", "retry: [5s]"), ["adapter south: retries: 5 s, 5 min → 5 s"]),
        (
            changed("systems/north.yaml", "read_partial_date: [dd/MM/yyyy, yyyy]", "read_partial_date: [yyyy]"),
            ["service north → test.lookup@1: reply mapping: changed"],
        ),
        (
            changed("systems/south.yaml", "https://south.example.vn/api", "https://south.example.vn/v2"),
            ["adapter south: connection: url: https://south.example.vn/api → https://south.example.vn/v2"],
        ),
        (changed("contracts/test.lookup/contract.yaml", "deadline_s: 3", "deadline_s: 5"), ["contract test.lookup: deadline (s): 3.0 → 5.0"]),
        (
            changed("contracts/test.note/v1/request.avsc", '"type": "int", "default": 0', '"type": "long", "default": 1'),
            ["contract test.note: schema of request@1 /number: type: int → long", "contract test.note: schema of request@1 /number: default: 0 → 1"],
        ),
        (
            changed("contracts/test.note/v1/request.avsc", '    {"name": "ward",', '    {"name": "count", "type": "int", "default": 0},\n    {"name": "ward",'),
            ["contract test.note: fields of request@1: /count added"],
        ),
        (changed("codelists/wards.csv", "d,3,Ba,", "d,3,Bốn,"), ["code list wards: row d: 3 Ba, 2025-07-01 – …, side: s → 3 Bốn, 2025-07-01 – …, side: s"]),
        (changed("bus.yaml", "http: {host: 127.0.0.1, port: 8080}", "http: {host: 127.0.0.1, port: 8081}"), ["bus test-bus: http: 127.0.0.1:8080 → 127.0.0.1:8081"]),
        (changed("systems/south.yaml", "retry: [5s, 5m]", "retry: [5s, 5m]  # as agreed"), ["file systems/south.yaml: written in another way, with the same meaning"]),
    ],
)  # fmt: skip
def test_a_change_is_said_by_what_it_means(tmp_path: Path, changes: dict[str, str | None], words: list[str]) -> None:
    assert said(tmp_path, changes) == words


def test_a_new_version_of_a_contract_and_a_new_grant_are_said_as_such(tmp_path: Path) -> None:
    schema = FILES["contracts/test.lookup/v1/reply.avsc"]
    grant = FILES["grants/g.yaml"].split("  - id: g2")[1]
    changes: dict[str, str | None] = {
        "contracts/test.lookup/v2/request.avsc": FILES["contracts/test.lookup/v1/request.avsc"],
        "contracts/test.lookup/v2/reply.avsc": schema,
        "systems/north.yaml": FILES["systems/north.yaml"].replace(
            "contract: test.lookup\n", "contract: test.lookup@1\n"
        ),
        "grants/g.yaml": FILES["grants/g.yaml"] + "  - id: g3" + grant,
    }
    assert said(tmp_path, changes) == ["contract test.lookup: versions: 2 added", "grant g3: newly added"]


def test_code_that_travels_is_never_said_to_mean_the_same(tmp_path: Path) -> None:
    """What a plug-in does is not read: that it is another one is said."""
    system = (
        "kind: python\nconnection: {file: plugins/p.py, class: P}\nservices:\n"
        "  - {contract: test.note, idempotent: false, operation: {}, "
        'area: {codelist: wards, as_of: 2025-07-01, codes: ["3"]}}\n'
    )
    files: dict[str, str | None] = {"systems/south.yaml": system, "plugins/p.py": "class P: pass\n"}
    old = load(write(tmp_path / "old", files))
    new = load(write(tmp_path / "new", {**files, "plugins/p.py": "class P: other = 1\n"}))
    assert old.workspace is not None
    assert new.workspace is not None
    (told,) = differences(old.workspace, old.files, new.workspace, new.files)
    assert worded(told) == "file plugins/p.py: changed"
    assert old.workspace.hash != new.workspace.hash


def test_it_is_said_in_vietnamese_too(tmp_path: Path) -> None:
    changes = changed("grants/g.yaml", "view: [/name]", "view: [/name, /born]")
    assert said(tmp_path, changes, Language.VI) == ["quyền khai thác g2: phạm vi dữ liệu: thêm /born"]
