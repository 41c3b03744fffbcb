"""Which form a client gets, by the weights it gives."""

from __future__ import annotations

import pytest

from gateway.accepting import preferred

OFFERED = ["application/ld+json", "text/turtle", "application/rdf+xml"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/ld+json"),
        ("*/*", "application/ld+json"),
        ("text/turtle", "text/turtle"),
        ("TEXT/Turtle ; q=0.5", "text/turtle"),
        ("text/turtle;q=0.4, application/rdf+xml;q=0.8", "application/rdf+xml"),
        ("text/*, application/ld+json;q=0.9", "text/turtle"),
        ("*/*;q=0.1, text/turtle;q=0.2", "text/turtle"),
        ("*/*, application/ld+json;q=0", "text/turtle"),
        ("application/*;q=0.3, application/ld+json;q=0.1", "application/rdf+xml"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "application/ld+json"),
        ("text/turtle;q=nonsense, application/rdf+xml;q=0.1", "application/rdf+xml"),
        ("text/turtle;q=7", None),
        ("text/html", None),
        ("text/turtle;q=0", None),
        ("nonsense", None),
    ],
)
def test_the_greatest_weight_decides_and_the_most_specific_range_gives_it(accept: str, chosen: str | None) -> None:
    assert preferred(accept, OFFERED) == chosen
