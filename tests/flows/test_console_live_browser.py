"""Now and Map in a real browser, found by what they say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from shutil import which

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.conftest import missing_service
from tests.flows.console_visit import PASSWORD, USER, with_user
from tests.flows.support import GOOD, NOTE, FakeSystem, RunningBus, fine, start_bus

_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path / "workspace", systems, change=with_user)
    try:
        yield running
    finally:
        await running.stack.aclose()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    chromium = which("chromium")
    if chromium is None:
        missing_service("no chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(_QUIET))
        context = await browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
        yield await context.new_page()
        await browser.close()


async def test_a_visitor_sees_an_exchange_arrive_and_follows_it_from_the_map(bus: RunningBus, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    await page.goto(f"http://127.0.0.1:{bus.bus.port}/console")
    await page.get_by_label("Tên đăng nhập").fill(USER)
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Đăng nhập").click()
    await expect(page.get_by_role("heading", name="Lúc này")).to_be_visible()
    await expect(page.get_by_text("Mọi thứ thông suốt.")).to_be_visible()
    await expect(page.get_by_text("Trực tiếp")).to_be_visible()

    await bus.send(NOTE, GOOD, to="memo")
    await expect(page.get_by_text("1 trong phút qua")).to_be_visible()

    await page.keyboard.press("g")
    await page.keyboard.press("m")
    await expect(page.get_by_role("heading", name="Bản đồ")).to_be_visible()
    receiver = page.get_by_role("link", name="Idempotent receiver: đã nhận 1")
    await expect(receiver).to_be_visible()
    await receiver.focus()
    await expect(page.get_by_role("table").get_by_text("→ Idempotent receiver").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Giao dịch")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="Note")).to_have_count(1)
    assert not said, "nothing on the pages goes against the policy of their content"
