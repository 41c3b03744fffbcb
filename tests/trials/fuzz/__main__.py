"""Feeds the schema readers and the wire decoder what atheris thinks of; it stops at any exception but the declared ones.

`pip install atheris`, which the project itself does not need, then `python -m tests.trials.fuzz TARGET [OPTIONS]`, where
TARGET is `schemas` or `bytes` and the options are libFuzzer's: `-max_total_time=600`, `-runs=100000`, a folder of
samples. What it finds is written to a file `crash-…`; giving that file as an option runs it once more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import atheris

with atheris.instrument_imports(include=["contracts"]):
    from contracts.avro_any import any_schema
    from contracts.canonical import to_json
    from contracts.codec import Malformed, decode, split
    from contracts.schema import Schema, SchemaError, parse_schema

from tests.benchmarks.validation import HANOI
from tests.contracts.avsc import array, field, logical, map_of, record

_SAID: Final = (
    "type name fields items values symbols size default aliases logicalType precision record enum fixed array map string "
    "int null R decimal pattern codelist on"
)
_WORDS: Final = _SAID.split()
_DEEPEST: Final = 6
_SCHEMA: Final[Schema] = parse_schema(
    json.dumps(
        record(
            "R",
            field("again", ["null", "R"], default=None),
            field("list", array("string")),
            field("map", map_of("double")),
            field("at", logical("long", "timestamp-micros")),
            field("on", logical("int", "date")),
            field("sum", logical("bytes", "decimal", precision=8, scale=2)),
        )
    )
)


def schemas(data: bytes) -> None:
    """Texts as they come, and JSON of a schema's own words."""
    provider = atheris.FuzzedDataProvider(data)
    text = provider.ConsumeUnicode(200) if provider.ConsumeBool() else json.dumps(_json(provider, 0))
    for read in (parse_schema, any_schema):
        with suppress(SchemaError):
            read(text)


def wire(data: bytes) -> None:
    """Bytes with the prefix of the wire format, and without."""
    with suppress(Malformed):
        to_json(_SCHEMA, decode(data, _SCHEMA), HANOI)
    with suppress(Malformed):
        decode(split(data)[1], _SCHEMA)


def _json(provider: atheris.FuzzedDataProvider, level: int) -> object:
    sort = provider.ConsumeIntInRange(0, 6 if level < _DEEPEST else 3)
    if sort == 0:
        return provider.ConsumeInt(4)
    if sort == 1:
        return provider.ConsumeUnicode(4)
    if sort <= 3:
        return provider.PickValueInList(_WORDS)
    count = provider.ConsumeIntInRange(0, 5)
    if sort == 4:
        return [_json(provider, level + 1) for _ in range(count)]
    return {provider.PickValueInList(_WORDS): _json(provider, level + 1) for _ in range(count)}


_TARGETS: Final[dict[str, Callable[[bytes], None]]] = {"schemas": schemas, "bytes": wire}


def main(arguments: Sequence[str]) -> None:
    """Fuzz one target."""
    if len(arguments) < 2 or arguments[1] not in _TARGETS:
        sys.exit(f"give one of: {', '.join(_TARGETS)}")
    atheris.Setup([arguments[0], *arguments[2:]], _TARGETS[arguments[1]])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
