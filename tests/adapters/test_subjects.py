"""The subjects of the registry as a fold: the same in every process, whoever writes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.subjects import SubjectFold
from adapters.transport.memory import MemoryTransport
from contracts.channels import REGISTRY
from contracts.ports import Message
from contracts.registry.own import OwnSubject
from contracts.registry.reading import read_schema
from contracts.registry.records import Act, RegistryRecord
from contracts.registry.written import Reference, SchemaType, Written
from contracts.schema import parse_schema

NOTE = json.dumps(
    {"type": "record", "name": "Note", "fields": [{"name": "text", "type": "string"}]}, separators=(",", ":")
)


class Processes:
    """Processes that share a log."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.log = MemoryTransport(clock=lambda: 1)
        self._stack = stack

    async def another(self) -> SubjectFold:
        """One more, that has read what there is."""
        registry = SchemaRegistry(self.log)
        own = OwnRecords(registry)
        await registry.start()
        await own.start()
        fold = SubjectFold(self.log, registry, own, lambda: 1)
        await fold.start()
        self._stack.push_async_callback(registry.close)
        self._stack.push_async_callback(fold.close)
        return fold


@pytest.fixture
async def processes() -> AsyncIterator[Processes]:
    """A log that nobody has open yet."""
    async with AsyncExitStack() as stack:
        made = Processes(stack)
        await made.log.start()
        stack.push_async_callback(made.log.close)
        yield made


async def registered(fold: SubjectFold, subject: str, text: str, after: int) -> RegistryRecord:
    """The record that registers a schema, decided on what is known after so many acts."""
    fit = read_schema(SchemaType.AVRO, text)
    return RegistryRecord(
        Act.REGISTERED, after, "a", 1, subject, registered=fit.as_version(await fold.number(fit.written))
    )


async def test_of_two_acts_decided_on_the_same_state_the_first_counts_everywhere(processes: Processes) -> None:
    one, other = await processes.another(), await processes.another()
    first = await registered(one, "s", NOTE, one.state.revision)
    second = await registered(other, "s", '"string"', other.state.revision)
    assert [await one.put(first), await other.put(second)] == [True, False]
    late = await processes.another()
    await one.caught_up()
    told = [[(each.number, each.schema.id) for each in fold.state.versions("s")] for fold in (one, other, late)]
    assert told == [told[0]] * 3
    assert len(told[0]) == 1


async def test_two_that_give_one_schema_an_id_at_once_give_it_the_same(processes: Processes) -> None:
    one, other = await processes.another(), await processes.another()
    plain = Written(SchemaType.AVRO, NOTE)
    referring = Written(SchemaType.AVRO, '"Note"', (Reference("Note", "s", 1),))
    for written in (plain, referring, Written(SchemaType.JSON, "true")):
        ids = {await one.number(written), await other.number(written)}
        assert len(ids) == 1
        assert (await processes.another()).schema(ids.pop()) == written
    assert await one.number(plain) != await one.number(referring)


async def test_what_was_deleted_for_good_has_no_id_but_where_the_bus_writes_with_it(processes: Processes) -> None:
    fold = await processes.another()
    schema = parse_schema(NOTE)
    await fold.put(await registered(fold, "s", '"string"', 0))
    await fold._registry.register([schema])
    await fold.ensure([OwnSubject("own", schema, "c", 1), OwnSubject("own", schema, "c", 1)])
    await fold.put(await registered(fold, "s", NOTE, fold.state.revision))
    ids = [each.schema.id for each in fold.state.versions("s")]
    for permanent in (False, True):
        record = RegistryRecord(Act.DELETED, fold.state.revision, "a", 1, "s", permanent=permanent)
        assert await fold.put(record)
    assert [fold.schema(each) is None for each in ids] == [True, False]
    assert [each.number for each in fold.state.versions("own")] == [1]
    assert fold.state.of_the_bus("own")


async def test_what_is_no_act_is_passed_over(processes: Processes) -> None:
    fold = await processes.another()
    await processes.log.append(Message(REGISTRY, b"s", b"nothing that anybody knows"))
    assert await fold.put(await registered(fold, "s", NOTE, 0))
