"""The console in a real Chromium, worked by what a person sees on it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.conftest import missing_service
from tests.flows.support import GOOD, NOTE, RunningBus, fine
from tests.gateway.console.support import PASSWORD, dead_letter

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
IS_THERE = Path(CHROMIUM).exists()
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, as the distribution packages it."""
    if not IS_THERE:
        missing_service("Chromium is not installed (Debian: chromium)")
    async with async_playwright() as playwright:
        # As root its own sandbox cannot be had; pages of this very bus are all that it opens.
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), env=dict(os.environ))
        yield opened
        await opened.close()


@pytest.fixture
async def page(peopled: RunningBus, browser: Browser) -> AsyncIterator[Page]:
    """A page on which an operator has signed in; whatever a script or the policy complains of is a failure."""
    complaints: list[str] = []
    context = await browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
    opened = await context.new_page()
    opened.set_default_timeout(30_000)
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    await opened.goto(f"http://127.0.0.1:{peopled.bus.port}/console/dead")
    await opened.get_by_label("Tên đăng nhập").fill("vanhanh")
    await opened.get_by_label("Mật khẩu").fill(PASSWORD)
    await opened.get_by_role("main").get_by_role("button", name="Đăng nhập").click()
    await expect(opened.get_by_role("heading", name="Cần xử lý")).to_be_visible()
    yield opened
    await context.close()
    assert complaints == []


async def test_an_operator_reads_an_exchange_from_end_to_end(peopled: RunningBus, page: Page) -> None:
    record = {**GOOD, "text": "Trần Gia Bảo"}
    exchange = (await peopled.send(NOTE, record, to="memo", prefer="wait=20")).json()["id"]
    await peopled.settled(exchange)
    await page.get_by_role("link", name="Giao dịch", exact=True).click()
    await page.get_by_role("link", name=exchange[:8]).click()
    await expect(page.get_by_role("heading", name="Một bản ghi, ba nơi")).to_be_visible()
    await expect(page.get_by_text("Trần Gia Bảo")).to_have_count(0)
    await page.get_by_placeholder("Lý do").fill("Cơ quan gửi đề nghị kiểm tra")
    await page.get_by_role("button", name="Xem nội dung").click()
    await expect(page.get_by_text("Trần Gia Bảo")).to_have_count(3)
    for column in ("Bên gửi đã gửi", "Trên nhật ký của trục", "Bên nhận đã thấy"):
        await expect(page.get_by_role("heading", name=column)).to_be_visible()
    assert await page.locator("svg.joins path").count() >= 4
    await expect(page.get_by_text("cổng đã kiểm tra")).to_be_visible()


async def test_the_list_follows_what_is_typed_and_chosen(peopled: RunningBus, page: Page) -> None:
    one = (await peopled.send(NOTE, GOOD, to="memo", prefer="wait=20")).json()["id"]
    other = (await peopled.send(NOTE, GOOD, to="twice", prefer="wait=20")).json()["id"]
    for exchange in (one, other):
        await peopled.settled(exchange)
    await page.goto(f"http://127.0.0.1:{peopled.bus.port}/console/exchanges")
    await expect(page.get_by_role("link", name=other[:8])).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type(one[:10])
    await expect(page.get_by_role("link", name=other[:8])).to_have_count(0)
    await expect(page.get_by_role("link", name=one[:8])).to_be_visible()
    assert f"q={one[:10]}" in page.url
    await page.get_by_role("radio", name="Chờ người xử lý").check()
    await expect(page.get_by_role("heading", name="Không có giao dịch nào khớp điều kiện lọc")).to_be_visible()


async def test_a_dead_letter_is_sent_again_with_a_reason_in_the_place_where_it_stands(
    peopled: RunningBus, page: Page
) -> None:
    exchange = await dead_letter(peopled)
    await page.reload()
    again = page.get_by_role("button", name="Gửi lại…")
    await expect(again).to_be_disabled()
    await page.get_by_label(f"Chọn {exchange[:8]}").check()
    await again.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", name="Gửi lại 1 thông điệp")).to_be_visible()
    peopled.systems["memo"].behave = fine
    await dialog.get_by_role("button", name="Hệ thống nhận đã hoạt động trở lại").click()
    await dialog.get_by_role("button", name="Gửi lại", exact=True).click()
    await expect(page.get_by_text("Đã cho gửi lại 1 thông điệp.")).to_be_visible()
    await expect(dialog).to_have_count(0)
    assert (await peopled.settled(exchange))["outcome"] == "delivered"


async def test_keys_lead_from_page_to_page(page: Page) -> None:
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    for key, heading in (("e", "Giao dịch"), ("i", "Chưa rõ kết quả"), ("d", "Cần xử lý")):
        await page.keyboard.press("g")
        await page.keyboard.press(key)
        await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Tới nội dung chính")).to_be_focused()
    await page.keyboard.press("/")
    await expect(page.get_by_label("Bên nhận")).to_be_focused()


async def test_the_language_and_the_look_are_the_visitors_choice(page: Page) -> None:
    await page.get_by_role("button", name="EN", exact=True).click()
    await expect(page.get_by_role("heading", name="Dead letters")).to_be_visible()
    for look in ("light", "dark"):
        await page.get_by_role("button", name=re.compile("Look:")).click()
        await expect(page.locator("html")).to_have_attribute("data-theme", look)


async def test_no_page_is_wider_than_a_telephone(peopled: RunningBus, page: Page) -> None:
    exchange = await dead_letter(peopled)
    await page.set_viewport_size({"width": 390, "height": 844})
    for path in ("exchanges", f"exchanges/{exchange}", "dead", "in-doubt"):
        await page.goto(f"http://127.0.0.1:{peopled.bus.port}/console/{path}")
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


async def test_an_operator_who_signs_out_is_at_the_door(page: Page) -> None:
    await page.get_by_role("button", name="Đăng xuất").click()
    await expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    await page.go_back()
    await page.reload()
    await expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
