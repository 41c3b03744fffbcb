"""Whoever changes a contract hears, before anybody is broken, who would be."""

from __future__ import annotations

import json
from pathlib import Path

from tests.flows.support import LOOKUP, RunningBus
from tests.flows.test_commands import lienthong

REPLY = f"contracts/{LOOKUP}/v1/reply.avsc"


def changed(bus: RunningBus) -> str:
    """Give the reply's first text another type; answers the field's name."""
    path: Path = bus.root / REPLY
    schema = json.loads(path.read_text("utf-8"))
    field = next(each for each in schema["fields"] if each["type"] == "string")
    field["type"] = ["null", "string"]
    path.write_text(json.dumps(schema), "utf-8")
    return str(field["name"])


async def test_what_breaks_against_what_was_applied_is_an_error_before_it_is_applied(bus: RunningBus) -> None:
    """Against the versions and the grants on the log, whatever lies on disk."""
    first = await lienthong(bus, "check", str(bus.root), "--against-applied", "--lang", "en")
    assert first.exit_code == 4, first.output
    assert (await lienthong(bus, "apply", "-m", "the first", "--lang", "en")).exit_code == 0
    same = await lienthong(bus, "check", str(bus.root), "--against-applied", "--lang", "en")
    assert same.exit_code == 0, same.output
    name = changed(bus)
    assert (await lienthong(bus, "check", str(bus.root), "--lang", "en")).exit_code == 0
    found = await lienthong(bus, "check", str(bus.root), "--against-applied", "--lang", "en")
    assert found.exit_code == 3
    assert REPLY in found.stdout
    assert f"{name}: string → string | null, which breaks asker" in found.stdout


async def test_two_versions_beside_each_other_are_compared_in_words(bus: RunningBus) -> None:
    """Field by field, for people and for programs."""
    earlier = bus.root / f"contracts/{LOOKUP}/v1/earlier/0"
    earlier.mkdir(parents=True)
    for part in ("request", "reply"):
        (earlier / f"{part}.avsc").write_bytes((bus.root / f"contracts/{LOOKUP}/v1/{part}.avsc").read_bytes())
    contract = bus.root / f"contracts/{LOOKUP}/contract.yaml"
    contract.write_text(contract.read_text("utf-8") + "compatibility: BACKWARD\n", "utf-8")
    name = changed(bus)
    told = await lienthong(bus, "contract", "diff", f"{LOOKUP}@1.0", f"{LOOKUP}@1", "--lang", "en")
    assert told.exit_code == 1
    assert f"reply: {name}: string → string | null, which breaks asker" in told.stdout
    (document,) = json.loads(
        (await lienthong(bus, "contract", "diff", f"{LOOKUP}@1.0", f"{LOOKUP}@1", "--json")).stdout
    )
    assert (document["pointer"], document["breaks"], document["systems"]) == (f"/{name}", ["readers"], ["asker"])
    none = await lienthong(bus, "contract", "diff", f"{LOOKUP}@1.0", f"{LOOKUP}@9", "--lang", "en")
    assert none.exit_code == 4
    assert f"{LOOKUP}@1.1" in none.output
