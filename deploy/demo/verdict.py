"""Judging a scene: by the HTTP answer, and by what the receiving systems wrote down themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.said import said
from deploy.demo.scenario import Expect

PROBLEM_PREFIX = "urn:lienthong:problem:"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one exchange: the answer, its final outcome, and the lines of each receiving system."""

    exchange: str
    status: int
    body: Mapping[str, Any]
    outcome: str | None
    lines: Mapping[str, Sequence[Mapping[str, Any]]]


def differences(expect: Expect, seen: Observation) -> list[str]:
    """Where what was seen is not what was expected; empty where all is well."""
    found = [_compare("status", expect.status, seen.status)]
    if expect.outcome is not None:
        found.append(_compare("outcome", expect.outcome, seen.outcome))
    if expect.problem is not None:
        found.append(_compare("problem", PROBLEM_PREFIX + expect.problem, seen.body.get("type")))
    if expect.ground is not None:
        found.append(_compare("ground", expect.ground, seen.body.get("ground")))
    if expect.withheld is not None:
        paths = [each["path"] for each in seen.body.get("withheld", [])]
        found.append(_compare("withheld", sorted(expect.withheld), sorted(paths)))
    found += _errors(expect, seen) + _fields("record", expect.record or {}, seen.body.get("record") or {})
    found += _received(expect, seen)
    return [difference for difference in found if difference]


def _errors(expect: Expect, seen: Observation) -> list[str]:
    errors = seen.body.get("errors", [])
    found = []
    if expect.pointers is not None:
        pointers = [error["pointer"] for error in errors]
        found.append(_compare("pointers", sorted(expect.pointers), sorted(pointers)))
    if expect.candidates is not None:
        candidates = [each for error in errors for each in error.get("candidates", [])]
        found.append(_compare("candidates", sorted(expect.candidates), sorted(candidates)))
    return found


def _received(expect: Expect, seen: Observation) -> list[str]:
    found = []
    for system, count in expect.received.items():
        effects = [line for line in seen.lines.get(system, []) if not line.get("repeat")]
        found.append(_compare(said("received by {system}", system=system), count, len(effects)))
    for system, fields in expect.wrote.items():
        lines = seen.lines.get(system, [])
        found += _fields(said("written by {system}", system=system), fields, lines[0] if lines else {})
    return found


def _fields(what: str, expected: Mapping[str, Any], got: Mapping[str, Any]) -> list[str]:
    return [
        _compare(said("{what}.{name}", what=what, name=name), value, got.get(name)) for name, value in expected.items()
    ]


def _compare(what: str, expected: object, got: object) -> str:
    if expected == got:
        return ""
    return said("{what}: expected {expected}, saw {got}", what=what, expected=repr(expected), got=repr(got))
