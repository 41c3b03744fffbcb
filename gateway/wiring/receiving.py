"""What receivers are sent, by the mappings of the workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from adapters.mapping.compile import compile_mapping
from adapters.mapping.context import MappingContext
from adapters.mapping.language import FieldsSpec, MapSpec
from adapters.mapping.provenance import origins
from adapters.workspace.snapshot import ServiceConfig, Workspace
from contracts.channels import is_subscription
from contracts.envelope import Envelope
from contracts.errors import Rejected
from contracts.json_types import JsonValue
from gateway.console.receiving import Pair, Received


class WorkspaceReceiving:
    """Implements the port `Receiving` over the workspace that is current. Mappings are compiled when asked for."""

    def __init__(self, workspace: Callable[[], Workspace]) -> None:
        self._workspace = workspace

    def as_received(self, request: Envelope, record: JsonValue) -> Received | None:
        """What `request`'s receiver is sent of `record`; None where it does not provide the contract any more."""
        if is_subscription(request.receiver):
            # A subscription has no mapping: it is pushed the record itself.
            return Received(record, {}, (), ())
        service = self._service(request)
        if service is None:
            return None
        context = self._context(request)
        try:
            body = record if service.request_map is None else compile_mapping(service.request_map)(record, context)
            parts = {} if service.parts_map is None else compile_mapping(service.parts_map)(record, context)
        except Rejected as rejected:
            return Received(None, {}, _pairs(service.request_map), rejected.fields)
        return Received(body, parts if isinstance(parts, dict) else {}, _pairs(service.request_map), ())

    def _service(self, request: Envelope) -> ServiceConfig | None:
        adapter = self._workspace().adapters.get(request.receiver)
        services = () if adapter is None else adapter.services
        wanted = (request.contract, request.major)
        return next((each for each in services if (each.contract, each.major) == wanted), None)

    def _context(self, request: Envelope) -> MappingContext:
        zone = self._workspace().bus.time_zone
        return MappingContext(
            exchange=request.exchange,
            contract=request.contract,
            sender=request.sender,
            purpose=request.purpose,
            end_user=request.end_user,
            case_ref=request.case_ref,
            accepted_at=datetime.fromtimestamp(request.time_ms / 1000, zone),
            zone=zone,
            codelists=self._workspace().codelists,
        )


def _pairs(spec: MapSpec | FieldsSpec | None) -> tuple[Pair, ...]:
    if spec is None:
        return ()
    return tuple(Pair(source, each.target, each.codelist) for each in origins(spec) for source in each.sources)
