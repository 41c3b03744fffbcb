"""Who may see the console, and how a visit begins and ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

from argon2 import PasswordHasher
from typer.testing import CliRunner

from adapters.ledger.queries import LedgerQueries
from gateway.commands import build
from gateway.console.attempts import OF_A_USER
from tests.flows.support import FakeSystem, RunningBus, fine, start_bus
from tests.flows.test_configuration import Applying
from tests.gateway.console.support import PASSWORD, USERS, Visitor, bus_with_people, text_of, with_people


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


async def test_who_signs_out_everywhere_has_signed_out_in_every_browser(peopled: RunningBus, operator: Visitor) -> None:
    other, viewer = Visitor.at(peopled), Visitor.at(peopled)
    await other.sign_in()
    await viewer.sign_in(user="xem")
    left = await operator.post("/console/sign-out", {"everywhere": "yes"})
    assert left.headers["location"] == "/console/sign-in"
    statuses = [(await each.get("/console/exchanges")).status_code for each in (operator, other, viewer)]
    assert statuses == [303, 303, 200]
    assert (await other.sign_in()).status_code == 303
    assert (await other.get("/console/exchanges")).status_code == 200
    async with asyncio.timeout(20):
        while (steps := await of_user(peopled, "vanhanh"))[-1:] != ["signed_in"] or "signed_out" not in steps:
            await asyncio.sleep(0.05)
    assert steps == ["signed_in", "signed_in", "signed_out", "signed_in"]


async def test_a_changed_password_ends_every_session_and_the_journal_has_it(tmp_path: Path) -> None:
    running = await bus_with_people(tmp_path)
    async with running.stack:
        visitor = Visitor.at(running)
        await visitor.sign_in()
        replaced = await asyncio.to_thread(
            CliRunner().invoke,
            build(),
            ["password", str(tmp_path / "secrets/person.hash"), "--replace"],
            input="mật khẩu khác\nmật khẩu khác\n",
        )
        assert replaced.exit_code == 0
        assert (await visitor.get("/console/exchanges")).status_code == 303
        assert (await visitor.sign_in()).status_code == 401
        async with asyncio.timeout(30):
            while "password_changed" not in (steps := await of_user(running, "vanhanh")):
                await asyncio.sleep(0.1)
        assert sorted(steps) == ["password_changed", "sign_in_refused", "signed_in"]


async def test_who_has_no_hash_any_more_is_out_and_told_like_anybody_else(tmp_path: Path) -> None:
    running = await bus_with_people(tmp_path)
    async with running.stack:
        visitor = Visitor.at(running)
        await visitor.sign_in()
        (tmp_path / "secrets/person.hash").unlink()
        assert (await visitor.get("/console/exchanges")).status_code == 303
        assert (await visitor.sign_in()).status_code == 401


async def test_users_that_are_applied_come_and_go_at_once(tmp_path: Path) -> None:
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)})
    async with running.stack:
        applying, visitor = Applying(running), Visitor.at(running)
        assert (await visitor.get("/console")).status_code == 404
        with_people(tmp_path)
        await applying.applied()
        assert (await visitor.sign_in()).status_code == 303
        assert (await visitor.get("/console/exchanges")).status_code == 200
        people = tmp_path / "users/people.yaml"
        people.write_text("\n".join(USERS.splitlines()[i] for i in (0, 2)) + "\n", encoding="utf-8")
        await applying.applied()
        assert (await visitor.get("/console/exchanges")).status_code == 303
        assert (await visitor.sign_in()).status_code == 401
        assert (await visitor.sign_in(user="xem")).status_code == 303
        people.unlink()
        await applying.applied()
        assert (await visitor.get("/console/exchanges")).status_code == 404


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


async def of_user(bus: RunningBus, user: str) -> list[str]:
    """What the ledger has of a user, in order."""
    queries = LedgerQueries(bus.root / "ledger.db")
    try:
        return [step.kind for step in await queries.steps(f"user/{user}")]
    finally:
        await queries.close()
