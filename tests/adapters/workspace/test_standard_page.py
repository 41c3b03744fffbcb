"""The page about the standard contracts lists those that there are, and what their field tables say."""

from __future__ import annotations

from pathlib import Path

from adapters.workspace.standard_contracts import (
    FollowedStandard,
    StandardContract,
    standard_contract,
    standard_lists,
    standard_names,
)

PAGE = Path(__file__).parents[3] / "docs/standard-contracts.md"


def row_of(of: StandardContract) -> str:
    """The line of the page's table that says what the files say."""
    titles = of.model.title.by_language()
    follows = "; ".join(followed(each) for each in of.standards)
    return f"| `{of.name}` | {titles['vi']} · {titles['en']} | {of.model.pattern} | {follows} |"


def followed(standard: FollowedStandard) -> str:
    """A standard, and how many of its fields are mapped, mapped without having been confirmed, and left out."""
    mapped = {row.standard_field: row.confirmed for row in standard.rows if row.pointer and row.standard_field}
    left_out = sum(not row.pointer for row in standard.rows)
    unconfirmed = sum(not confirmed for confirmed in mapped.values())
    return f"{standard.model.name}: {len(mapped)} / {unconfirmed} / {left_out}"


def test_the_page_lists_every_standard_contract_with_what_it_follows() -> None:
    listed = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `") and " / " in line]
    assert listed == [row_of(standard_contract(name)) for name in standard_names()]


def test_the_page_names_every_code_list_that_comes_with_them() -> None:
    text = PAGE.read_text("utf-8")
    assert [name for name in standard_lists() if f"`{name}`" not in text] == []
