"""One at a time for each exchange: whoever comes next finds the marks of all that was done before."""

from __future__ import annotations

from adapters.delivery.once import Marks
from adapters.delivery.work import Arrival, ArrivalHandler, Handled
from contracts.outcome import Pattern


def turn(follow: ArrivalHandler, marks: Marks) -> ArrivalHandler:
    """Wait for the exchange's turn, and keep it until what came of the arrival is on the log. Queries have no marks."""

    async def handle(arrival: Arrival) -> Handled:
        if arrival.envelope.pattern is Pattern.QUERY:
            return await follow(arrival)
        async with marks.serialised(arrival.envelope.exchange):
            return await follow(arrival)

    return handle
