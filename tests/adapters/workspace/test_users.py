"""`users/*.yaml`: who signs in to the console."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.reading import load
from contracts.catalogue import User, UserRole
from tests.adapters.workspace.support import write

USERS = """users:
  - {id: vanhanh, name: Nguyễn Vận Hành, password: "file:secrets/vanhanh.hash", role: operator}
  - id: xem
    name: Trần Chỉ Xem
    password: env:XEM_HASH
    role: viewer
"""


def test_users_are_read_with_references_and_never_with_a_password(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, {"users/people.yaml": USERS}))
    assert loaded.workspace is not None
    assert loaded.workspace.users == {
        "vanhanh": User("vanhanh", "Nguyễn Vận Hành", "file:secrets/vanhanh.hash", UserRole.OPERATOR),
        "xem": User("xem", "Trần Chỉ Xem", "env:XEM_HASH", UserRole.VIEWER),
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "remedy"),
    [
        ("role: viewer", "role: admin", 6, "role cannot be this", "write one of: operator or viewer"),
        ("role: viewer", "rol: viewer", 6, "unknown key “rol”", "role"),
        ("    name: Trần Chỉ Xem\n", "", 3, "name is missing", "add: name"),
        ("id: xem", "id: vanhanh", 3, "the user vanhanh is there twice", "keep one of them"),
        ("id: xem", "id: Trần Xem", 3, "this name cannot be used", "small letters"),
        ("env:XEM_HASH", "bi-mat-123", 5, "a secret may not stand here in clear", "file:PATH or env:NAME"),
    ],
)
def test_a_fault_is_found_at_its_line_with_a_remedy(
    tmp_path: Path, old: str, new: str, line: int, message: str, remedy: str
) -> None:
    assert old in USERS
    findings = load(write(tmp_path, {"users/people.yaml": USERS.replace(old, new)})).findings
    found = [finding for finding in findings if finding.file == "users/people.yaml"]
    assert [finding.line for finding in found] == [line]
    assert message in found[0].message
    assert remedy in found[0].remedy
    assert "bi-mat-123" not in str(found[0])
