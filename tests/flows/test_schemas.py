"""What the files of a workspace may say is told by the gateway too."""

from __future__ import annotations

from pathlib import Path

from adapters.workspace.schemas import MODELS, json_schema
from tests.flows.support import FakeSystem, fine, start_bus


async def test_the_gateway_hands_out_the_schema_of_each_kind_of_file(tmp_path: Path) -> None:
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)})
    async with running.stack:
        for kind in MODELS:
            answer = await running.client.get(f"/schemas/{kind}.json", headers={"authorization": ""})
            assert answer.json() == json_schema(kind)
        unknown = await running.client.get("/schemas/bsu.json")
        assert (unknown.status_code, unknown.json()["type"].rpartition(":")[2]) == (404, "not-found")
