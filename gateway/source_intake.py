"""The way in for sources: the steps of intake without HTTP, and their problems as errors of the port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from contracts.errors import LogError, LogOverloaded, LogUnavailable, Permanent, Rejected
from contracts.ports import Submitted, TakenIn
from gateway.directory import Directory
from gateway.intake import Accepted, Asked, Intake, Principal
from gateway.problems import Problem

_THE_RECORDS: Final = frozenset(
    {"malformed-body", "invalid-record", "body-too-large", "idempotency-conflict", "unroutable", "receiver-required"}
)
_LATER: Final = frozenset({"backlog", "quota-exceeded", "provider-away", "overloaded"})


class SourceIntake:
    """Implements the port `Intake` of sources. Used from one event loop.

    That a source may bring records in for its system is said by the workspace, in the system's own file: there is no
    credential to check. What the system may do with a contract is permitted as for anybody.
    """

    def __init__(self, intake: Intake, directory: Callable[[], Directory]) -> None:
        self._intake = intake
        self._directory = directory

    async def accept(self, submitted: Submitted) -> TakenIn:
        """Permit, validate, seal, append. Rejected, LogUnavailable, LogUnknown, LogOverloaded, Permanent."""
        try:
            accepted = await self._taken(submitted)
        except Problem as problem:
            raise self._as_error(problem) from problem
        position = accepted.position if accepted.before is None else accepted.before.accepted
        if position is None:
            raise LogUnavailable("where it is stored is not known yet")
        return TakenIn(accepted.sealed.envelope.exchange, position, accepted.repeated)

    async def _taken(self, submitted: Submitted) -> Accepted:
        system = self._directory().systems.get(submitted.sender)
        if system is None:
            raise Problem("no-grant", system=submitted.sender, contract=submitted.contract, receiver="")
        major = "" if submitted.major is None else f"@{submitted.major}"
        asked = Asked(
            contract=submitted.contract + major,
            body=submitted.record,
            idempotency_key=submitted.idempotency_key,
            attributes=submitted.attributes,
            is_new=submitted.is_new,
        )
        permit = self._intake.permit(Principal(system.id, system, operator=False), asked)
        checked = self._intake.check(permit, asked)
        sealed = self._intake.seal(checked, asked, asked.idempotency_key, reply_to="")
        return await self._intake.append(sealed, asked)

    def _as_error(self, problem: Problem) -> Exception:
        detail = problem.detail(self._directory().language)
        if problem.kind in _THE_RECORDS:
            return Rejected(detail, problem.errors)
        if isinstance(problem.__cause__, LogError):
            return problem.__cause__
        if problem.kind in _LATER:
            return LogOverloaded(detail, retry_after_s=float(problem.headers.get("retry-after", "1")))
        return Permanent(detail)
