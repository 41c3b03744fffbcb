"""`lienthong password`: a hash in a file, and nothing in clear anywhere."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher
from typer.testing import CliRunner, Result

from gateway.commands import build

PASSWORD = "mật khẩu đủ dài"


def typed(path: Path, *options: str, given: str = f"{PASSWORD}\n{PASSWORD}\n") -> Result:
    """The command, with what somebody types."""
    return CliRunner().invoke(build(), ["password", str(path), *options], input=given)


def test_the_file_has_a_hash_that_its_owner_alone_reads(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "vanhanh.hash"
    told = typed(path)
    assert told.exit_code == 0
    assert PasswordHasher().verify(path.read_text(encoding="utf-8").strip(), PASSWORD)
    assert path.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in told.output


def test_a_password_is_replaced_only_on_purpose(tmp_path: Path) -> None:
    path = tmp_path / "vanhanh.hash"
    assert typed(path).exit_code == 0
    before = path.read_text(encoding="utf-8")
    assert typed(path).exit_code == 2
    assert path.read_text(encoding="utf-8") == before
    assert typed(path, "--replace").exit_code == 0
    assert path.read_text(encoding="utf-8") != before


def test_a_short_password_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "vanhanh.hash"
    assert typed(path, given="ngắn\nngắn\n").exit_code == 2
    assert not path.exists()
