"""Systems whose work another system goes on with: what was granted to one, or by one, counts for the other too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from contracts.catalogue import Grant, System


def holder_of(systems: Mapping[str, System], system: str) -> str:
    """Who goes on with the work of `system`: itself, where it was handed over to nobody."""
    seen = {system}
    while (known := systems.get(system)) is not None and known.handed_over is not None:
        system = known.handed_over.to
        if system in seen:
            break
        seen.add(system)
    return system


def formerly(systems: Mapping[str, System]) -> dict[str, tuple[str, ...]]:
    """The systems that each holder goes on for, by the holder's id."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for system in systems:
        holder = holder_of(systems, system)
        if holder != system:
            found[holder].append(system)
    return {holder: tuple(before) for holder, before in found.items()}


def with_former_providers(grants: Iterable[Grant], systems: Mapping[str, System]) -> tuple[Grant, ...]:
    """Grants that also cover what their providers were handed: events that were published under the old name."""
    before = formerly(systems)
    if not before:
        return tuple(grants)
    return tuple(
        replace(grant, providers=(*grant.providers, *(each for of in grant.providers for each in before.get(of, ()))))
        for grant in grants
    )


def with_former_holders(grants: Iterable[Grant], systems: Mapping[str, System]) -> tuple[Grant, ...]:
    """Those, and for each system that was handed over the grants of who goes on for it: for its subscriptions."""
    before = formerly(systems)
    known = with_former_providers(grants, systems)
    return (*known, *(replace(grant, system=each) for grant in known for each in before.get(grant.system, ())))
