"""Find the service that an arrival is for. A worker whose workspace lacks it lays the message down."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.delivery.services import BoundService
from adapters.delivery.work import Arrival, ArrivalHandler, Handled, Handler, Work
from contracts.errors import Origin, Permanent


def bind(follow: Handler, services: Mapping[tuple[str, int], BoundService]) -> ArrivalHandler:
    """Give each arrival its service. Permanent where there is none."""

    async def handle(arrival: Arrival) -> Handled:
        envelope = arrival.envelope
        service = services.get((envelope.contract, envelope.major))
        if service is None:
            raise Permanent(
                f"{envelope.receiver} does not provide {envelope.contract}@{envelope.major} in this workspace",
                origin=Origin.BUS,
            )
        return await follow(Work(arrival.stored, envelope, service, arrival.firm))

    return handle
