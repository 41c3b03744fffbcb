"""A person at the console of a running bus, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
from argon2 import PasswordHasher

USER: Final = "lan"
PASSWORD: Final = "cầu sông Hàn quay lúc nửa đêm"


def with_user(root: Path) -> None:
    """Let an operator sign in to the bus whose workspace is at `root`."""
    (root / "users").mkdir()
    (root / "users/people.yaml").write_text(
        f'users:\n  - {{id: {USER}, name: Lan, password: "file:secrets/{USER}.hash", role: operator}}\n',
        encoding="utf-8",
    )
    hashed = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    (root / f"secrets/{USER}.hash").write_text(hashed, encoding="utf-8")


@asynccontextmanager
async def signed_in(port: int) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's session, in English."""
    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=base, headers={"origin": base}, timeout=20, trust_env=False) as browser:
        browser.cookies.set("lienthong_language", "en")
        answer = await browser.post("/console/sign-in", data={"user": USER, "password": PASSWORD, "next": ""})
        assert answer.status_code == 303, answer.text
        yield browser
