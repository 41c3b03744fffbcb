"""Every error that the bus can name has words in both languages, and every parameter that they speak of."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import contracts
from contracts.errors import FieldError, field_error
from contracts.speech import speech
from contracts.wording import WORDINGS, Language, Wording, worded

ROOT = Path(contracts.__file__).parents[1]
PACKAGES = ("contracts", "adapters", "gateway", "deploy")
MAKERS = {"field_error": 1, "FieldError": 1, "Misfit": 0, "CodeProblem": 0}
"""What makes an error that has words, and which of its arguments is the code."""

PASSED_ON = {
    ("contracts/errors.py", "FieldError"),
    ("contracts/records.py", "FieldError"),
    ("contracts/withdrawal.py", "FieldError"),
    ("contracts/codelists.py", "FieldError"),
    ("contracts/validation/misfit.py", "field_error"),
}
"""Where the code comes from another error, from the log, or from a constant that is compared too."""


class Use(NamedTuple):
    """A place in the sources where an error is made. `params` is None where they are not all written there."""

    place: str
    maker: str
    code: str | None
    params: frozenset[str] | None

    def name(self) -> str:
        """Of a test's case: the same in every process, as the text of a set is not."""
        return f"{self.place}-{self.code}"


def _uses() -> Iterator[Use]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    maker = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                    if maker in MAKERS:
                        yield _use(f"{name}:{node.lineno}", maker, node)


def _use(place: str, maker: str, call: ast.Call) -> Use:
    argument = call.args[MAKERS[maker]] if len(call.args) > MAKERS[maker] else None
    code = argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None
    names = [keyword.arg for keyword in call.keywords]
    whole = maker != "FieldError" and None not in names
    return Use(place, maker, code, frozenset(name for name in names if name) if whole else None)


USES = list(_uses())


def _fields(wording: Wording) -> set[str]:
    return {name for text in wording for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_sources_are_found() -> None:
    """Else the rest of this file says nothing."""
    assert len(USES) > 50
    assert {use.maker for use in USES} == MAKERS.keys()


def test_every_code_in_the_sources_has_words() -> None:
    """In the table; a code that is not written out where the error is made would escape this test."""
    without = [use for use in USES if use.code is not None and use.code not in WORDINGS]
    assert without == []
    unseen = [use for use in USES if use.code is None and (use.place.rpartition(":")[0], use.maker) not in PASSED_ON]
    assert unseen == []


def test_every_code_in_the_table_is_used() -> None:
    """Words that nobody says are taken out."""
    assert WORDINGS.keys() <= {use.code for use in USES} | _codes_named_elsewhere()


def _codes_named_elsewhere() -> set[str]:
    """Codes that are picked by an expression or named in a constant."""
    found = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            if file.name != "wording.py":
                for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        found.add(node.value)
    return found


@pytest.mark.parametrize("use", [use for use in USES if use.code in WORDINGS and use.params is not None], ids=Use.name)
def test_every_error_is_made_with_the_parameters_that_its_words_need(use: Use) -> None:
    """A sender must not read <name>."""
    assert _fields(WORDINGS[use.code or ""]) <= (use.params or set())


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_both_languages_say_the_same_things(code: str) -> None:
    """The same parameters, a remedy in each, and no language standing in for the other."""
    en = WORDINGS[code]
    vi = Wording(*map(speech(Language.VI).gettext, en))
    assert _fields(vi) == _fields(en)
    assert vi.remedy
    assert en.remedy
    assert vi.remedy != en.remedy


def test_an_error_reads_as_a_sentence_in_each_language() -> None:
    """With its parameters in place."""
    error = field_error("/grade", "out_of_range", minimum=1, maximum=12)
    assert worded(error, Language.VI) == ("Số nằm ngoài khoảng từ 1 đến 12.", "Gửi số trong khoảng này.")
    assert worded(error, Language.EN) == ("The number is outside 1 to 12.", "Send a number within that range.")


def test_what_a_sender_wrote_is_quoted_and_never_obeyed() -> None:
    """Braces in a value are text; so are those in a name."""
    error = field_error("/d", "date_format", value="{0.__class__} {expected} %s")
    assert worded(error, Language.EN).detail == "“{0.__class__} {expected} %s” is not a date."


def test_an_error_of_another_version_is_shown_as_it_is() -> None:
    """The log keeps errors for years: an unknown code with its parameters, an absent parameter by its name."""
    unknown = FieldError("/x", "no_such_code", (("a", "1"), ("b", "hai")))
    assert worded(unknown, Language.VI) == ("no_such_code a=1, b=hai", "")
    assert worded(FieldError("/x", "no_such_code"), Language.EN) == ("no_such_code", "")
    assert worded(FieldError("/x", "missing"), Language.EN).detail == "The required field “<name>” is missing."
