"""However exchanges are looked for, an index leads to them in the order in which they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from adapters.ledger.database import open_writer
from adapters.ledger.queries import _EXCHANGES
from adapters.ledger.searching import searching
from contracts.ledger import ExchangePlace, ExchangeSearch
from contracts.outcome import Outcome, State

PLACE = ExchangePlace(1_800_000_000_000, "80000000-0000-8000-8000-000000000000")
SEARCHES = {
    "all": ExchangeSearch(),
    "contract": ExchangeSearch(contract="c"),
    "sender": ExchangeSearch(sender="s"),
    "receiver": ExchangeSearch(receiver="r"),
    "sender and receiver and contract": ExchangeSearch(sender="s", receiver="r", contract="c"),
    "outcome": ExchangeSearch(outcomes=frozenset({Outcome.FAILED})),
    "outcomes": ExchangeSearch(outcomes=frozenset({Outcome.FAILED, Outcome.EXPIRED}), waits_for_person=True),
    "receiver and outcome": ExchangeSearch(receiver="r", outcomes=frozenset({Outcome.FAILED})),
    "open": ExchangeSearch(states=frozenset({State.RETRYING, State.IN_PROGRESS})),
    "person": ExchangeSearch(waits_for_person=True),
    "time": ExchangeSearch(from_ms=1, until_ms=2),
}


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("after", [None, PLACE], ids=["first page", "next page"])
def test_a_list_is_read_from_an_index_and_never_sorted(tmp_path: Path, name: str, after: ExchangePlace | None) -> None:
    engine = open_writer(tmp_path / "ledger.db")
    with engine.connect() as connection:
        for query in searching(_EXCHANGES, SEARCHES[name], 51, after):
            told = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
            plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {told}"))]
            assert "USING INDEX" in plan[0]
            assert not any("TEMP B-TREE" in step for step in plan)
    engine.dispose()


def test_the_beginning_of_an_id_and_a_dossier_are_found_by_their_own_indexes(tmp_path: Path) -> None:
    engine = open_writer(tmp_path / "ledger.db")
    with engine.connect() as connection:
        for wanted, index in ((ExchangeSearch(id="80ab"), "autoindex"), (ExchangeSearch(case_key="k"), "case_key")):
            (query,) = searching(_EXCHANGES, wanted, 51, None)
            told = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
            plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {told}"))]
            assert index in plan[0]
    engine.dispose()
