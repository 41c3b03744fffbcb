"""Who opens a file of the model city in an editor is helped by the schema that its first line names."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from adapters.workspace.reading import load
from deploy.demo.city import set_up
from gateway.wiring.offline import schema_of


def test_every_file_of_a_city_that_was_set_up_leads_to_its_schema(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    root = set_up(tmp_path, port, "memory").workspace
    files = list(root.rglob("*.yaml"))
    assert len(files) > 10
    for file in files:
        place = file.read_text("utf-8").partition("\n")[0].partition("$schema=")[2]
        schema = (file.parent / place).resolve()
        assert schema.parent == root / ".schemas"
        assert json.loads(schema.read_text("utf-8")) == schema_of(schema.stem)
    assert load(root).findings == []
