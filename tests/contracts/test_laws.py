"""Legal documents as data: what is cited, what a text names, and what lapses."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.citing import cited_in
from contracts.languages import Language
from contracts.laws import Citation, Law, LawKind, Laws, Provision, Standing, Term, lapses
from contracts.meaning import Words
from contracts.speech import speech
from contracts.withholding import told_of
from tests.contracts.avsc import field, record, schema

TITLE = Words("Tiêu đề", "Title")
ENDED = Law("nd-47", LawKind.DECREE, "47/2020/NĐ-CP", TITLE, Term(None, date(2025, 10, 22)), ("nd-278",))
DECREE = Law("nd-278", LawKind.DECREE, "278/2025/NĐ-CP", TITLE, Term(date(2025, 10, 22)))
OTHER = Law(
    "nd-194",
    LawKind.DECREE,
    "194/2025/NĐ-CP",
    TITLE,
    provisions={"16(2)": Provision("16(2)", TITLE, Term(None, date(2027, 1, 1)), "nd-278:5")},
)
ACT = Law("luat-91", LawKind.LAW, "91/2025/QH15", TITLE)
STANDARD = Law("qcvn-09", LawKind.REGULATION, "QCVN 09:2025/BCA", TITLE)
LAWS = Laws(
    {law.id: law for law in (ENDED, DECREE, OTHER, ACT, STANDARD)},
    personal=(Citation("luat-91"),),
    other=(Citation("nd-194", "16(2)"),),
)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Nghị định 278/2025/NĐ-CP", ["nd-278"]),
        ("nghị định số 278/2025/nđ-cp ngày 22/10/2025", ["nd-278"]),
        ("Điều 16 khoản 2 Nghị định 194/2025/NĐ-CP", ["nd-194:16(2)"]),
        ("khoản 2 Điều 16 Nghị định 194/2025/NĐ-CP", ["nd-194:16(2)"]),
        ("điểm b khoản 2 Điều 16 NĐ 194/2025/NĐ-CP", ["nd-194:16(2)(b)"]),
        ("NĐ 194/2025/NĐ-CP, Đ.16(2)", ["nd-194:16(2)"]),
        ("Decree 194/2025/NĐ-CP, Article 16(2)", ["nd-194:16(2)"]),
        ("Điều 5 Luật 91/2025/QH15 và Điều 16 Nghị định 194/2025/NĐ-CP", ["luat-91:5", "nd-194:16"]),
        ("Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 (dữ liệu mô phỏng); QCVN 09:2025/BCA", ["luat-91", "qcvn-09"]),
        ("Quyết định 999/2025/QĐ-TTg", []),
        ("ngày 1/7/2025, hồ sơ 278/2025", []),
        ("", []),
    ],
)
def test_a_text_names_documents_by_their_numbers(text: str, cited: list[str]) -> None:
    assert [str(each) for each in cited_in(text, LAWS)] == cited


@pytest.mark.parametrize(
    ("citation", "vi", "en"),
    [
        (Citation("luat-91"), "Luật 91/2025/QH15", "Law 91/2025/QH15"),
        (Citation("nd-194", "16"), "Điều 16 Nghị định 194/2025/NĐ-CP", "Decree 194/2025/NĐ-CP, Article 16"),
        (
            Citation("nd-194", "16(2)(b)"),
            "điểm b khoản 2 Điều 16 Nghị định 194/2025/NĐ-CP",
            "Decree 194/2025/NĐ-CP, Article 16(2)(b)",
        ),
        (Citation("qcvn-09"), "QCVN 09:2025/BCA", "QCVN 09:2025/BCA"),
    ],
)
def test_a_ground_is_worded_as_the_law_is_cited(citation: Citation, vi: str, en: str) -> None:
    words = LAWS.words(citation)
    assert (speech(Language.VI).say(words), speech(Language.EN).say(words)) == (vi, en)


@pytest.mark.parametrize("citation", [Citation("nd-194", "16(2)(b)"), Citation("qcvn-09"), Citation("nd-278", "5(1)")])
def test_what_is_worded_in_vietnamese_is_known_again(citation: Citation) -> None:
    assert cited_in(speech(Language.VI).say(LAWS.words(citation)), LAWS) == (citation,)


@pytest.mark.parametrize(
    ("cited", "day", "found"),
    [
        ("nd-47", "2025-08-01", []),
        ("nd-47", "2025-08-23", [(Standing.IN_FORCE, "2025-10-22", ("nd-278",))]),
        ("nd-47", "2025-10-21", [(Standing.IN_FORCE, "2025-10-22", ("nd-278",))]),
        ("nd-47", "2025-10-22", [(Standing.ENDED, "2025-10-22", ("nd-278",))]),
        ("nd-278", "2025-10-21", [(Standing.NOT_YET, "2025-10-22", ())]),
        ("nd-278", "2025-10-22", []),
        ("nd-194:16(2)(a)", "2027-01-01", [(Standing.ENDED, "2027-01-01", ("nd-278:5",))]),
        ("nd-194:17", "2027-01-01", []),
        ("luat-91", "2099-01-01", []),
        ("unknown", "2025-10-22", []),
    ],
)
def test_a_ground_lapses_on_the_day_its_document_or_its_article_does(
    cited: str, day: str, found: list[tuple[Standing, str, tuple[str, ...]]]
) -> None:
    """And is warned of sixty days before; what took its place is said."""
    law, _, article = cited.partition(":")
    seen = lapses(LAWS, [Citation(law, article)], date.fromisoformat(day), 60)
    assert [(each.standing, each.day.isoformat(), each.successors) for each in seen] == found


def test_a_field_kept_back_cites_what_its_kind_of_data_rests_on() -> None:
    """What holds a field about people is about people, and so is all within such a field."""
    found = schema(
        field("pupil", record("Person", field("born", "string", personal="basic"))),
        field("home", record("Home", field("street", "string")), personal="sensitive"),
        field("school", "string"),
    )
    told = told_of(["/pupil", "/home/street", "/school"], found, LAWS)
    assert told == [
        {"path": "/pupil", "reason": "not_granted", "law": ["luat-91"]},
        {"path": "/home/street", "reason": "not_granted", "law": ["luat-91"]},
        {"path": "/school", "reason": "not_granted", "law": ["nd-194:16(2)"]},
    ]
    assert told_of(["/school"], found, Laws()) == [{"path": "/school", "reason": "not_granted"}]
