"""In English the console calls contracts by their English titles, wherever it names them."""

from __future__ import annotations

from pathlib import Path

from tests.flows.support import NOTE, FakeSystem, fine, start_bus
from tests.gateway.console.support import Visitor, dead_letter, doubtful, text_of, with_people

TITLES = "title: {vi: Thư gửi, en: A letter}\npattern: submission\nmax_bytes: 2000\n"


def with_titles(root: Path) -> None:
    """Add people, and an English title."""
    with_people(root)
    (root / f"contracts/{NOTE}/contract.yaml").write_text(TITLES, encoding="utf-8")


async def test_an_english_reader_reads_english_titles(tmp_path: Path) -> None:
    bus = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=with_titles)
    async with bus.stack:
        exchange, _ = await dead_letter(bus), await doubtful(bus)
        visitor = Visitor.at(bus)
        await visitor.sign_in()
        pages = ("exchanges", "dead", "in-doubt", f"exchanges/{exchange}", "map", "now")
        for language, title, other in (("vi", "Thư gửi", "A letter"), ("en", "A letter", "Thư gửi")):
            chosen = {"language": language, "next": "/console/dead"}
            await visitor.client.post("/console/preferences", data=chosen, headers={"origin": visitor.origin})
            for page in pages:
                shown = text_of(await visitor.get(f"/console/{page}"))
                assert title in shown, page
                assert other not in shown, page
