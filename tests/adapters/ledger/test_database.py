"""The ledger's tables come by migrations, which ship with the package."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from adapters.ledger.database import open_reader, open_writer
from adapters.ledger.tables import metadata
from contracts.errors import LedgerUnavailable


def test_the_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    engine = open_writer(tmp_path / "l.sqlite")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        made = {index["name"] for table in metadata.tables for index in inspect(connection).get_indexes(table)}
    assert made == {index.name for table in metadata.tables.values() for index in table.indexes}
    engine.dispose()


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a folder with 100% of a name" / "l.sqlite"
    for _ in range(2):
        engine = open_writer(path)
        with engine.connect() as connection:
            version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
        assert version == ["0004"]
        engine.dispose()


def test_a_ledger_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    engine = open_writer(tmp_path / "l.sqlite")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(LedgerUnavailable, match="newer version"):
        open_writer(tmp_path / "l.sqlite")


def test_the_ledger_is_written_ahead_so_that_others_can_read(tmp_path: Path) -> None:
    engine = open_writer(tmp_path / "l.sqlite")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
    reader = open_reader(tmp_path / "l.sqlite")
    with reader.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
    reader.dispose()
    engine.dispose()


def test_the_tables_can_be_told_to_postgresql() -> None:
    dialect = make_url("postgresql+psycopg://").get_dialect()()
    for table in metadata.sorted_tables:
        told = str(CreateTable(table).compile(dialect=dialect))
        assert "WITHOUT ROWID" not in told
        for index in table.indexes:
            assert table.name in str(CreateIndex(index).compile(dialect=dialect))


def test_the_wheel_has_the_migrations() -> None:
    root = Path(__file__).parents[3]
    shipped = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["adapters"]
    found = {path for pattern in shipped for path in (root / "adapters").glob(pattern)}
    migrations = root / "adapters" / "ledger" / "migrations"
    assert {migrations / "env.py", *(migrations / "versions").glob("v*.py")} <= found
