"""The map: the same figures give the same drawing, and who is away is seen."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from contracts.catalogue import Agency, AgencyKind, System
from contracts.ledger import FlowCount
from contracts.outcome import Outcome, Pattern, State
from contracts.wording import Language
from gateway.board import InboxStatus
from gateway.console.assets import Assets
from gateway.console.drawing import Drawing
from gateway.console.live.map_figures import MapFigures, Way, figures_of
from gateway.console.live.map_layout import BOX, WIDTH, Box, fitted, lay_out, width_of
from gateway.console.live.parts import LEGEND, LINES
from gateway.console.live.standings import IDLE, PAUSED, PULLS, TROUBLED
from gateway.directory import Directory
from tests.gateway.city import HANOI, TRANSFER, directory, grant, service
from tests.gateway.live.flows import flow

NOW_MS = 1_790_000_000_000


def figures(flows: Sequence[FlowCount], **told: InboxStatus) -> MapFigures:
    return figures_of(flows, told, directory(), NOW_MS)


def sent(count: int = 1, **changed: Any) -> FlowCount:
    return flow(1, count, **changed)


def test_what_is_granted_is_on_the_map_before_anything_flows() -> None:
    found = {line.way: line.badge for line in figures(()).lines}
    assert found[Way("motcua", TRANSFER, "gddt")] is IDLE


def test_a_receiver_that_is_away_is_seen_on_its_lines_and_on_itself() -> None:
    told = figures([sent(200)], gddt=InboxStatus(200, 3.0, NOW_MS))
    layout = lay_out(told, directory(), Language.VI)
    receiver = next(box for box in layout.receivers if box.id == "gddt")
    assert receiver.badge is PAUSED
    assert PAUSED in {curve.badge for curve in layout.curves if curve.end == receiver.whole_name}
    assert layout.curves[-1].badge is PAUSED, "what stands badly is drawn on top"


def test_an_event_is_sent_once_and_received_by_each_subscriber() -> None:
    event = {"contract": "air", "pattern": Pattern.EVENT, "sender": "station"}
    flows = [
        sent(10, **event, receiver="", outcome=None, state=State.IN_PROGRESS),
        sent(10, **event, receiver="dancu", is_copy=True),
        sent(9, **event, receiver="gddt_abc", is_copy=True),
        sent(1, **event, receiver="gddt_abc", is_copy=True, outcome=Outcome.FAILED),
    ]
    layout = lay_out(figures(flows), directory(), Language.VI)
    station = next(box for box in layout.senders if box.id == "station")
    assert station.tally.total == 10
    received = {box.id: box.tally.total for box in layout.receivers}
    assert (received["dancu"], received["gddt"]) == (10, 10)
    contract = next(box for box in layout.contracts if box.id == "air")
    assert (contract.tally.total, contract.tally.errors, contract.badge) == (10, 1, TROUBLED)


def test_who_pulls_is_not_said_to_have_no_worker() -> None:
    told = figures_of((), {}, directory(grants=(grant("g", TRANSFER, "gddt"),)), NOW_MS)
    assert told.standing("motcua") is PULLS


def test_the_same_figures_give_the_same_drawing_in_any_order() -> None:
    flows = [sent(5), sent(3, receiver="truong-bac"), sent(1, outcome=Outcome.FAILED)]
    assert lay_out(figures(flows), directory(), Language.VI) == lay_out(figures(flows[::-1]), directory(), Language.VI)


def test_no_box_lies_on_another_and_all_lie_in_the_drawing() -> None:
    layout = lay_out(*of_sixty(), Language.VI)
    assert len(layout.senders) + len(layout.receivers) == 60
    for side in (layout.senders, layout.contracts, layout.receivers):
        in_order = sorted(side, key=lambda box: box.y)
        assert all(over.y + over.height <= under.y for over, under in itertools.pairwise(in_order))
        assert all(_is_inside(box, layout.height) for box in side)


def test_a_map_of_sixty_systems_is_a_page_of_less_than_150_kb_and_every_system_is_a_link() -> None:
    told, city = of_sixty()
    layout = lay_out(told, city, Language.VI)
    text = Drawing(Assets(), HANOI).text(
        Language.VI,
        "map_part.html",
        {
            "figures": told,
            "layout": layout,
            "shown": told.shown(100),
            "is_old": False,
            "width": WIDTH,
            "box": BOX,
            "bus": "thanh-pho",
            "legend": LEGEND,
            "lines": LINES,
            "names": {each.id: each.name for each in city.systems.values()},
            "titles": {},
        },
    )
    lines = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    assert len(lines.encode()) < 150_000
    drawing = ET.fromstring(text[text.index('<svg class="map"') : text.rindex("</svg>") + 6])
    links = {each.get("href") for each in drawing.iter("a")}
    assert {f"/console/exchanges?sender={box.id}" for box in layout.senders} <= links
    assert {f"/console/exchanges?receiver={box.id}" for box in layout.receivers} <= links
    assert "không trả lời" in text


def test_the_widest_line_carries_the_most_and_the_thinnest_is_still_seen() -> None:
    assert width_of(0, 0) == width_of(0, 900) > 1
    assert width_of(9, 900) < width_of(100, 900) < width_of(900, 900)


def test_a_name_too_long_for_its_box_says_so() -> None:
    assert fitted("Cơ sở dữ liệu", 40) == "Cơ sở dữ liệu"
    assert fitted("Cơ sở dữ liệu", 6) == "Cơ sở…"


def of_sixty() -> tuple[MapFigures, Directory]:
    """Forty senders, twenty receivers, sixteen contracts, and a receiver that is away."""
    agencies = {f"A{n}": Agency(f"A{n}", f"Sở, ngành số {n} của thành phố", AgencyKind.STATE) for n in range(18)}
    systems = {f"s{n}": System(f"s{n}", f"Hệ thống thông tin chuyên ngành số {n}", f"A{n % 18}") for n in range(60)}
    services = tuple(service(f"s{n}") for n in range(40, 60))
    city = directory(agencies=agencies, systems=systems, services=services, grants=())
    flows = [
        sent(n + 1, contract=f"c{(n + m) % 16}", sender=f"s{n}", receiver=f"s{40 + (n * 3 + m) % 20}")
        for n in range(40)
        for m in range(5)
    ]
    return figures_of(flows, {"s41": InboxStatus(7, 9.0, NOW_MS)}, city, NOW_MS), city


def _is_inside(box: Box, height: int) -> bool:
    return 0 <= box.x <= WIDTH and box.y >= 0 and box.y + box.height <= height
