"""What contracts and their fields mean: `check` reads it, and says where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.reading import load
from contracts.languages import Language
from tests.adapters.workspace.support import FILES, errors_of, write

NOTE = "contracts/test.note/contract.yaml"
SCHEMA = "contracts/test.note/v1/request.avsc"


def test_a_contract_has_its_words_in_both_languages(tmp_path: Path) -> None:
    words = "title: {vi: Ghi chú, en: Note}\ndescription: {vi: Một ghi chú., en: A note.}"
    write(tmp_path, {NOTE: FILES[NOTE].replace("title: Note", words)})
    loaded = load(tmp_path)
    assert errors_of(list(loaded.findings)) == []
    assert loaded.workspace is not None
    contract = loaded.workspace.contracts["test.note"]
    assert (contract.title, contract.title_in(Language.EN)) == ("Ghi chú", "Note")
    assert contract.description_in(Language.EN) == "A note."


def test_one_text_stands_for_both(tmp_path: Path) -> None:
    write(tmp_path, {})
    workspace = load(tmp_path).workspace
    assert workspace is not None
    assert workspace.contracts["test.note"].title_in(Language.EN) == "Note"


@pytest.mark.parametrize("title", ["{vi: Ghi chú}", "{vi: Ghi chú, en: ' '}", "{vi: a, en: b, fr: c}", "[a]"])
def test_words_in_one_language_only_are_refused(tmp_path: Path, title: str) -> None:
    write(tmp_path, {NOTE: FILES[NOTE].replace("title: Note", f"title: {title}")})
    (found,) = errors_of(list(load(tmp_path).findings))
    assert (found.file, found.line) == (NOTE, 1)
    assert "both" in found.remedy


@pytest.mark.parametrize(
    ("written", "column", "message", "remedy"),
    [
        ('"patern": "[0-9]+"', 40, "unknown key “patern”", "pattern"),
        ('"titel": "Chữ"', 40, "unknown key “titel”", "title"),
        ('"persona": "basic"', 40, "unknown key “persona”", "personal"),
        ('"pattern": "(a+)+"', 51, "leaves open how to go on", "next character"),
        ('"title": {"vi": "Chữ"}', 49, "“en” is missing", '"en"'),
        ('"unit": 7', 48, "no unit", "UCUM"),
    ],
)
def test_what_is_misspelt_or_wrong_is_reported_at_its_place(
    tmp_path: Path, written: str, column: int, message: str, remedy: str
) -> None:
    schema = FILES[SCHEMA].replace('"name": "text", "type": "string"', f'"name": "text", "type": "string", {written}')
    write(tmp_path, {SCHEMA: schema})
    found = errors_of(list(load(tmp_path).findings))[0]
    assert (found.file, found.line, found.column) == (SCHEMA, 4, column), found
    assert message in found.message
    assert remedy in found.remedy


def test_an_example_that_is_not_of_the_form_is_reported(tmp_path: Path) -> None:
    text = '"name": "text", "type": "string", "pattern": "[0-9]{12}"'
    write(tmp_path, {SCHEMA: FILES[SCHEMA].replace('"name": "text", "type": "string"', text)})
    (found,) = errors_of(list(load(tmp_path).findings))
    assert (found.file, found.line) == ("contracts/test.note/examples/request.json", 2)
    assert "[0-9]{12}" in found.remedy
