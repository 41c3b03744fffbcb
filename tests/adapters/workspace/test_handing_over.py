"""What a hand-over makes of the files of a workspace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.workspace.handing_over import CannotHandOver, HandOver, files_after
from adapters.workspace.reading import Loaded, load
from tests.adapters.workspace.support import FILES, errors_of, write

SOUTH, NORTH, AGENCIES = "systems/south.yaml", "systems/north.yaml", "agencies/a.yaml"
EVENT = {
    "contracts/test.event/contract.yaml": "title: Event\npattern: event\n",
    "contracts/test.event/v1/event.avsc": (
        '{"type": "record", "name": "Event", "namespace": "test", "fields": [{"name": "text", "type": "string"}]}'
    ),
    "contracts/test.event/examples/request.json": '{"text": "xin chào"}',
    SOUTH: FILES[SOUTH] + "publishes: [test.event]\n",
    "grants/events.yaml": "grants:\n  - {id: g-event, system: asker, contract: test.event, providers: [south], "
    "purpose: Thử, legal_basis: không, from: 2025-01-01, view: all}\n",
}
WITH_CREDENTIALS = """      - id: south   # by the river
        name: South
        credentials:
          - client_id: "00634"
            secret: "file:secrets/south.hash"
          - {client_id: south-2, secret: "env:SOUTH_HASH"}
        subjects: ["south-*"]
"""


def _after(root: Path, changes: dict[str, str], heirs: dict[str, str]) -> Loaded:
    """The workspace once H17 goes on with the work of H17.10."""
    loaded = load(write(root / "before", {**changes}))
    assert loaded.workspace is not None, errors_of(list(loaded.findings))
    agencies = loaded.workspace.agencies
    plan = HandOver(agencies["H17.10"], agencies["H17"], heirs, date(2026, 1, 1), date(2026, 7, 1))
    for name, content in files_after(loaded.files, loaded.workspace, plan).items():
        path = root / "after" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    after = load(root / "after")
    assert after.workspace is not None, errors_of(list(after.findings))
    return after


def test_an_heir_answers_for_its_own_area_and_for_what_was_handed_to_it(tmp_path: Path) -> None:
    after = _after(tmp_path, {}, {"south": "north"}).workspace
    assert after is not None
    areas = {
        (each.system, each.contract): None if each.area is None else set(each.area.rows) for each in after.services
    }
    assert areas == {("north", "test.note"): {"c", "d"}, ("north", "test.lookup"): None}
    assert next(each for each in after.grants if each.id == "g1").providers == ("north",)


def test_areas_of_different_days_are_not_joined_by_themselves(tmp_path: Path) -> None:
    later = {SOUTH: FILES[SOUTH].replace("as_of: 2025-07-01", "as_of: 2025-08-01")}
    with pytest.raises(CannotHandOver, match=r"areas of south and north for test\.note cannot be joined"):
        _after(tmp_path, later, {"south": "north"})


@pytest.mark.parametrize("written", ["      - {id: south, name: South}\n", ""])
def test_a_system_that_is_not_named_moves_with_all_that_it_has(tmp_path: Path, written: str) -> None:
    """Alone, or beside another of its agency."""
    systems = WITH_CREDENTIALS + written.replace("south", "west").replace("South", "West")
    text = FILES[AGENCIES].replace("      - {id: south, name: South}\n", systems)
    before = load(write(tmp_path / "as-it-was", {AGENCIES: text})).workspace
    loaded = _after(tmp_path, {AGENCIES: text}, {})
    after = loaded.workspace
    assert before is not None
    assert after is not None
    was, moved = before.systems["south"], after.systems["south"]
    assert (was.agency, moved.agency) == ("H17.10", "H17")
    assert [each.client_id for each in moved.credentials] == ["00634", "south-2"]
    assert (moved.credentials, moved.subjects, moved.handed_over) == (was.credentials, was.subjects, None)
    assert loaded.files[SOUTH].decode() == FILES[SOUTH]
    assert not [each for each in after.systems.values() if each.agency == "H17.10"]
    assert (after.agencies["H17.10"].successors, after.agencies["H17.10"].valid_to) == (("H17",), date(2026, 1, 1))


def test_who_publishes_in_the_place_of_a_publisher_has_to_publish_it_first(tmp_path: Path) -> None:
    with pytest.raises(CannotHandOver, match=r"north does not publish test\.event@1"):
        _after(tmp_path, EVENT, {"south": "north"})


def test_a_publisher_ends_and_what_was_granted_of_it_is_granted_of_its_heir(tmp_path: Path) -> None:
    both = {**EVENT, NORTH: FILES[NORTH] + "publishes: [test.event]\n"}
    loaded = _after(tmp_path, both, {"south": "north"})
    assert loaded.workspace is not None
    assert [(each.system, each.contract) for each in loaded.workspace.publishers] == [("north", "test.event")]
    assert next(each for each in loaded.workspace.grants if each.id == "g-event").providers == ("north",)
    handed = loaded.workspace.systems["south"].handed_over
    assert handed is not None
    assert (handed.to, handed.on, handed.until) == ("north", date(2026, 1, 1), date(2026, 7, 1))
    assert SOUTH not in loaded.files
