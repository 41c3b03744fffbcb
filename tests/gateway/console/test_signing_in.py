"""Who may see the console, and how a visit begins and ends."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher

from gateway.console.attempts import OF_A_USER
from tests.flows.support import FakeSystem, RunningBus, fine, start_bus
from tests.gateway.console.support import PASSWORD, Visitor, text_of


async def test_without_users_a_page_says_what_to_write(tmp_path: Path) -> None:
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)})
    async with running.stack:
        page = await Visitor.at(running).get("/console")
        assert page.status_code == 404
        assert "lienthong password" in page.text
        assert "users/users.yaml" in page.text


async def test_a_stranger_is_led_to_the_sign_in_and_then_back(peopled: RunningBus) -> None:
    visitor = Visitor.at(peopled)
    turned = await visitor.get("/console/dead?system=memo")
    assert turned.status_code == 303
    assert turned.headers["location"] == "/console/sign-in?next=%2Fconsole%2Fdead%3Fsystem%3Dmemo"
    form = {"user": "vanhanh", "password": PASSWORD, "next": "/console/dead?system=memo"}
    entered = await visitor.client.post("/console/sign-in", data=form, headers={"origin": visitor.origin})
    assert entered.headers["location"] == "/console/entered?next=%2Fconsole%2Fdead%3Fsystem%3Dmemo"
    assert (await visitor.get(entered.headers["location"])).headers["location"] == "/console/dead?system=memo"
    assert "Nguyễn Vận Hành" in (await visitor.get("/console/dead?system=memo")).text


async def test_nobody_is_led_to_another_site(peopled: RunningBus) -> None:
    visitor = Visitor.at(peopled)
    for wanted in ("https://evil.example/", "//evil.example/", "/console//evil.example", "/\\evil", "/healthz"):
        form = {"user": "vanhanh", "password": PASSWORD, "next": wanted}
        entered = await visitor.client.post("/console/sign-in", data=form, headers={"origin": visitor.origin})
        assert entered.headers["location"] == "/console/entered?next=%2Fconsole%2Fnow"


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(peopled: RunningBus) -> None:
    visitor = Visitor.at(peopled)
    wrong = await visitor.sign_in(password="sai")
    unknown = await visitor.sign_in(user="ai-do")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert text_of(wrong) == text_of(unknown)
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in text_of(wrong)
    assert "set-cookie" not in wrong.headers


async def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(peopled: RunningBus) -> None:
    visitor = Visitor.at(peopled)
    here = (await visitor.sign_in()).headers["set-cookie"]
    assert here.startswith("lienthong_console=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(here.split("; "))
    host = "truc.danang.example"
    away = (await visitor.sign_in(host=host, origin=f"https://{host}")).headers["set-cookie"]
    assert away.startswith("__Host-lienthong_console=")
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Secure"} <= set(away.split("; "))


async def test_who_fails_too_often_waits_and_so_does_the_right_password(peopled: RunningBus) -> None:
    visitor = Visitor.at(peopled)
    for _ in range(OF_A_USER):
        assert (await visitor.sign_in(password="sai")).status_code == 401
    told = await visitor.sign_in()
    assert told.status_code == 429
    assert int(told.headers["retry-after"]) > 0
    assert (await visitor.sign_in(user="xem")).status_code == 303


async def test_after_signing_out_the_cookie_opens_nothing(operator: Visitor) -> None:
    kept = dict(operator.client.cookies)
    assert (await operator.post("/console/sign-out", {})).headers["location"] == "/console/sign-in"
    assert (await operator.get("/console/exchanges")).status_code == 303
    operator.client.cookies.update(kept)
    assert (await operator.get("/console/exchanges")).status_code == 303


async def test_a_new_password_ends_every_session(peopled: RunningBus, operator: Visitor) -> None:
    hashed = PasswordHasher(time_cost=1, memory_cost=1024).hash("mat-khau-moi")
    (peopled.root / "secrets/person.hash").write_text(hashed, encoding="utf-8")
    assert (await operator.get("/console/exchanges")).status_code == 303
    assert (await operator.sign_in()).status_code == 401
    assert (await operator.sign_in(password="mat-khau-moi")).status_code == 303


async def test_a_browser_that_keeps_no_cookie_is_told_why_nothing_happens(peopled: RunningBus) -> None:
    visitor = Visitor.at(peopled)
    entered = await visitor.sign_in()
    visitor.client.cookies.clear()
    page = await visitor.get(entered.headers["location"])
    assert page.status_code == 401
    assert "HTTPS" in text_of(page)
