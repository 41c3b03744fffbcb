"""Who may do what in the registry of schemas.

Whoever can sign in may read: schemas say how data looks, and none of what it says. A system may write the subjects that
its agency's file names under `subjects`; operators may write all, and what holds for all. Nobody writes the subjects of
the bus's own topics: those follow from the contracts.
"""

from __future__ import annotations

from collections.abc import Collection

from contracts.registry.faults import denied, read_only
from contracts.registry.state import RegistryState
from gateway.intake import Principal


def may_write(principal: Principal, subject: str, subjects: Collection[str]) -> bool:
    """Whether `subject` is one of those given to a system; a name that ends in “*” is a beginning."""
    if principal.operator:
        return True
    return any(subject.startswith(each[:-1]) if each.endswith("*") else subject == each for each in subjects)


def must_write(principal: Principal, operation: str, subject: str | None, state: RegistryState) -> None:
    """RegistryFault: 40301, or 42205 where the subject is the bus's own. `subject` None is all of them."""
    given = () if principal.system is None else principal.system.subjects
    if subject is None:
        if not principal.operator:
            raise denied(operation, "*")
    elif not may_write(principal, subject, given):
        raise denied(operation, subject)
    elif state.of_the_bus(subject):
        raise read_only(subject)
