"""Every message that a person can meet is in one catalogue, in both languages; none is hard-coded.

See docs/decisions/0013-one-catalogue.md.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from string import Formatter

import pytest

from contracts.languages import Language
from contracts.reasons import REASONS
from contracts.speech import catalogue
from deploy.demo.story.texts import CONTEXT
from tests.words import PACKAGES, ROOT, descriptions, helps, marked, story

PLACES = re.compile(r"%\(\w+\)s|\{\w*\}")
TAKES_WORDS = {
    "mistake": (0, 1),
    "Misuse": (0, 1),
    "Unreadable": (1, 2),
    "Clash": (1, 2),
    "MapProblem": (1, 2),
    "SchemaProblem": (1, 2),
    "Finding": (3, 4),
    "add": (2, 3),
    "at": (2, 3),
    "warn": (2, 3),
    "_wrong": (1, 2),
    "_unread": (1,),
    "_problem": (1, 2),
    "_error": (1, 2),
    "meant": (2,),
    "fail": (0,),
    "say": (0,),
    "_say": (2,),
    "echo": (0,),
    "secho": (0,),
    "print": (0,),
    "prompt": (0,),
    "confirm": (0,),
    "write": (0,),
    "exit": (0,),
    "add_column": (0,),
    "Table": (0,),
    "Text": (0,),
    "CannotMake": (0,),
    "CannotSetUp": (0,),
    "CannotBuild": (0,),
    "_named": (2,),
    "print_table": (0,),
    "BadParameter": (0,),
    "NotDone": (0,),
    "SecretMissing": (0,),
    "CannotRun": (0,),
    "InvalidWorkspace": (0,),
    "NoSuchSystem": (0,),
    "NoSuchList": (0,),
    "BadTable": (0,),
    "CannotImport": (0,),
    "NsoError": (0,),
}
"""What makes or says a message, and which of its arguments are words. A `why=` is words wherever it stands."""
REASONED = {"Transient", "Indeterminate", "Permanent", "Gone", "Rejected", "Withheld"}
"""What becomes the reason of an outcome; `contracts.reasons` knows it by its wording."""

NAMES_AND_TERMS = frozenset(
    {
        "contracts/publish/openapi.py",
        "contracts/testkit/provider.py",
        "contracts/testkit/transport.py",
        "adapters/workspace/grant_files.py",
        "adapters/workspace/models.py",
        "gateway/commands/__init__.py",
        "gateway/commands/operate.py",
        "gateway/commands/trace.py",
        "deploy/local/certificates.py",
        "deploy/local/nso.py",
        "deploy/demo/station.py",
        "deploy/demo/systems/dancu.py",
        "deploy/demo/systems/gddt.py",
    }
)
"""Where Vietnamese is a name, a term of law beside its English, or what a made-up system answers: data, in short."""
IN_ENGLISH = frozenset(
    {"gateway/routes/oauth.py", "deploy/demo/wards/generate.py", "deploy/local/kafka.py", "deploy/local/nso.py"}
)
"""RFC 6749 allows ASCII only in `error_description`; tools of those who develop the bus speak as its sources do."""


def first(message: str | tuple[str, ...] | list[str] | None) -> str:
    """The id that a message is kept under; the one form of a translation that has several."""
    return (message or "") if isinstance(message, str | None) else message[0]


@cache
def said() -> frozenset[tuple[str, str | None]]:
    """Every message with its context."""
    in_code = {(message, context) for _, message, context in marked()}
    in_story = {(message, CONTEXT) for message in story()}
    return frozenset(in_code | in_story | {(message, None) for message in descriptions() | helps()})


def test_every_message_has_vietnamese_words() -> None:
    """Nobody falls back to English because somebody forgot a line."""
    vietnamese = catalogue(Language.VI)
    known = {key for key in said() if (found := vietnamese.get(*key)) is not None and first(found.string)}
    assert said() - known == set()


def test_the_catalogue_has_nothing_that_nobody_says() -> None:
    kept = {(first(message.id), message.context) for message in catalogue(Language.VI) if message.id}
    assert kept - said() == set()


def test_a_translation_has_the_places_of_its_message() -> None:
    for message in catalogue(Language.VI):
        if message.id:
            assert set(PLACES.findall(first(message.string))) == set(PLACES.findall(first(message.id))), message.id


@cache
def trees() -> dict[str, ast.Module]:
    """The sources of the product."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text("utf-8")) for file in files}


def test_no_source_has_vietnamese_of_its_own() -> None:
    """It is in the catalogue, where all of it can be read and mended at once."""
    found = {file for file, tree in trees().items() for text in _literals(tree) if _is_vietnamese(text)}
    assert found - NAMES_AND_TERMS == set()


def test_no_message_is_hard_coded() -> None:
    """What is raised, reported or printed for people is marked for the catalogue where it is written."""
    found = {file: sorted({*_hard_coded(tree)}) for file, tree in trees().items()}
    hard_coded = {file: lines for file, lines in found.items() if lines and not _is_testkit(file)}
    assert {file: lines for file, lines in hard_coded.items() if file not in IN_ENGLISH} == {}


def test_every_reason_of_the_bus_is_known() -> None:
    """So that whoever reads it years later reads it in his language."""
    known = {_skeleton(message) for message in REASONS}
    made = {
        f"{file}: {skeleton}"
        for file, tree in trees().items()
        if file.startswith("adapters/")
        for skeleton in _reasons(tree)
        if skeleton not in known
    }
    assert made == set()


@pytest.mark.parametrize(
    "source", ["mistake(f'no {x} here', y)", "fail('not so')", "def f():\n  r = 'not so'\n  fail(r)"]
)
def test_this_sees_a_hard_coded_message(source: str) -> None:
    assert list(_hard_coded(ast.parse(source)))


def _is_testkit(file: str) -> bool:
    return file.startswith("contracts/testkit/")


def _literals(tree: ast.Module) -> Iterator[str]:
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def _is_vietnamese(text: str) -> bool:
    """Whether it has letters that only Vietnamese has, in words: a pattern of letters is none."""
    marks = sum(unicodedata.category(each) == "Mn" for each in unicodedata.normalize("NFD", text))
    return " " in text and (marks > 1 or "đ" in text)


def _hard_coded(tree: ast.Module) -> Iterator[int]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            yield from _hard_coded_in(function)


def _hard_coded_in(scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Module) -> Iterator[int]:
    written: dict[str, ast.expr] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_words(node.value):
            written[node.targets[0].id] = node.value
    for node in ast.walk(scope):
        if isinstance(node, ast.Call):
            for argument in _words_given(node):
                if _is_words(argument) or (isinstance(argument, ast.Name) and argument.id in written):
                    yield argument.lineno


def _words_given(call: ast.Call) -> list[ast.expr]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    given = [call.args[index] for index in TAKES_WORDS.get(name, ()) if index < len(call.args)]
    if name == "Problem":
        given += [keyword.value for keyword in call.keywords if keyword.arg == "why"]
    return given


def _is_words(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_words(node.body) or _is_words(node.orelse)
    if isinstance(node, ast.BinOp):
        return _is_words(node.left) or _is_words(node.right)
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    own = " ".join(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return re.search(r"[^\W\d_]{2,}[ :]+[^\W\d_]|[ :][^\W\d_]{3,}|[^\W\d_]{3,}[ :]", own) is not None


def _reasons(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REASONED and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and argument.value:
                yield str(argument.value)
            if isinstance(argument, ast.JoinedStr):
                yield "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in argument.values)


def _skeleton(message: str) -> str:
    return "".join(own + ("{}" if name is not None else "") for own, name, _, _ in Formatter().parse(message))
