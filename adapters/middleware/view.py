"""What a subscriber may see of an event, decided when it is pushed: by the grant under which it was copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from adapters.delivery.work import RecordHandler, RecordWork
from contracts.catalogue import Grant
from contracts.errors import Origin
from contracts.outcome import Outcome, Pattern, Result
from contracts.views import seen_through

_ENDED: Final = "the grant under which the event was to be pushed has ended"


def view(follow: RecordHandler, grants: Mapping[str, Grant], today: Callable[[], date]) -> RecordHandler:
    """Leave out of an event what its grant does not let through; withhold all of it where the grant has ended.

    What a query's reply or a submission carries is none of this layer's business: the gateway shows replies, and a
    submission is for its receiver whole.
    """

    async def handle(work: RecordWork) -> Result:
        if work.envelope.pattern is not Pattern.EVENT:
            return await follow(work)
        grant = grants.get(work.envelope.grant)
        if grant is None or not grant.in_force(today()):
            ground = "" if grant is None else grant.legal_basis
            return Result(Outcome.WITHHELD, reason=_ENDED, ground=ground, origin=Origin.BUS)
        seen = seen_through(grant.view, work.service.request, work.record)
        return await follow(replace(work, record=seen.record, withheld=seen.withheld))

    return handle
