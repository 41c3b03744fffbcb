"""Colours have a meaning, so they have to be seen: WCAG AA, in light and in dark."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

SHEET = (files("gateway.console") / "static" / "console.css").read_text(encoding="utf-8")
READ = 4.5
"""The contrast that text has to have (WCAG 2.2, 1.4.3)."""

STATES = ("ok", "waiting", "retrying", "failed", "refused", "doubt", "held", "accent")
PAIRS = [
    *((state, f"{state}-soft") for state in STATES),
    *((state, "card") for state in STATES),
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "link") for ground in ("paper", "card", "sunk")),
    ("on-brand", "brand"),
    ("on-brand-2", "brand"),
    ("white", "brand-2"),
]


def tokens(selector: str) -> dict[str, tuple[int, int, int]]:
    """The colours that a rule of the sheet gives names to."""
    found = re.search(re.escape(selector) + r" \{(.*?)\}", SHEET, re.DOTALL)
    assert found is not None
    named = re.findall(r"--([\w-]+): #([0-9a-f]{6})", found[1])
    colours = {name: (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)) for name, code in named}
    return {**colours, "white": (255, 255, 255)}


def luminance(colour: tuple[int, int, int]) -> float:
    """How light a colour is, as WCAG measures it."""
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("selector", [":root", ':root[data-theme="dark"]'])
def test_every_text_stands_out_from_what_it_stands_on(selector: str) -> None:
    colours = tokens(selector)
    faint = {}
    for text, ground in PAIRS:
        light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
        contrast = (light + 0.05) / (dark + 0.05)
        if contrast < READ:
            faint[text, ground] = round(contrast, 2)
    assert faint == {}


def test_dark_is_the_same_whether_the_device_or_the_visitor_wants_it() -> None:
    assert tokens(':root:not([data-theme="light"])') == tokens(':root[data-theme="dark"]')
