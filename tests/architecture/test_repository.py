"""Nothing in the repository depends on, or tells of, the machine that it was written on."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        # In parts, for this file is one of those that it reads.
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("conda", "anaconda", "org"),
        ("hub", "docker", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    )
)
_REGISTRY = re.compile("|".join(rf"(?<![\w.-]){re.escape(host)}(?![\w-])" for host in REGISTRIES), re.IGNORECASE)
_INDEX_OPTION = re.compile(r"(?:--(?:extra-)?index-url|--find-links|PIP_INDEX_URL)[ =]\S*//")
_MACHINE_PATH = re.compile(
    r"(?<![\w.$}~])(?:/(?:home|Users)/[\w.-]+/[\w.-]|/(?:root|work|private|workspaces?|builds?)/[\w.-]|/tmp/\w/)"
    r"|(?<![\w])[A-Za-z]:\\+(?:Users|home|src|dev|work)\\"
)


def wrong_in(text: str) -> Iterator[tuple[int, str]]:
    """Each line that names a registry or a developer's folder, with its number."""
    for number, line in enumerate(text.splitlines(), 1):
        for rule in (_REGISTRY, _INDEX_OPTION, _MACHINE_PATH):
            found = rule.search(line)
            if found is not None:
                yield number, found.group()


def files() -> list[Path]:
    """Every file under version control; without git, every file that is not made by a tool."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=30).stdout
        return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]
    made = {".venv", "build", "dist", "__pycache__"}
    return [
        file
        for file in ROOT.rglob("*")
        if file.is_file() and not any(part in made or part.endswith(("_cache", ".egg-info")) for part in file.parts)
    ]


def test_no_file_names_a_package_registry_or_a_developers_folder() -> None:
    """Where packages come from is said by whoever installs; paths are relative, or given."""
    read = files()
    assert len(read) > 100
    found = [
        f"{file.relative_to(ROOT)}:{number}: {part}"
        for file in read
        for number, part in wrong_in(file.read_text("utf-8", errors="ignore"))
    ]
    assert found == []


@pytest.mark.parametrize("host", REGISTRIES)
def test_a_registry_would_be_found(host: str) -> None:
    """In an address, in a command, alone."""
    for line in (f"https://{host}/simple", f"pip install -i http://user@{host.upper()}:443/x", f"  {host}"):
        assert list(wrong_in(f"first\n{line}\n")), line


@pytest.mark.parametrize(
    "parts",
    [
        ("", "home", "lan", "lienthong"),
        ("", "Users", "lan", "src"),
        ("", "root", ".ssh"),
        ("", "work", "main"),
        ("", "tmp", "t", "v"),
    ],
)
def test_a_developers_folder_would_be_found(parts: tuple[str, ...]) -> None:
    """In code, in text, in quotes."""
    path = "/".join(parts)
    for line in (path, f'open("{path}")', f"see {path}.", f"PYTHON={path}/bin/python", f"file://{path}"):
        assert list(wrong_in(line)), line
    assert list(wrong_in("C:" + "\\".join(("", "Users", "lan")) + "\\x"))


@pytest.mark.parametrize(
    "line",
    ["/home/ward", "~/lienthong", "/tmp/city", "https://example.org/work/1", "pypi", "docs/work/x", "docker.iota"],
)
def test_what_is_neither_is_let_be(line: str) -> None:
    """JSON Pointers, placeholders, words."""
    assert not list(wrong_in(line))
