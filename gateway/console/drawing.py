"""Drawing pages: Jinja2 with the catalogue, and the headers that every page has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from contracts.reasons import known_reason
from contracts.speech import speech
from contracts.wording import Language
from gateway.console.assets import Assets
from gateway.console.cells import CELLS

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: with it browsers send no Origin either, and every form would be refused.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
_DAY: Final = {Language.VI: "dd/MM/yyyy", Language.EN: "d MMM yyyy"}
_TIME: Final = "HH:mm:ss"


class Drawing:
    """Draws templates in either language; times are in the bus's zone."""

    def __init__(self, assets: Assets, zone: tzinfo) -> None:
        self._zone = zone
        self._environments = {language: self._environment(language, assets) for language in Language}

    def page(
        self, language: Language, template: str, context: Mapping[str, Any], status: int = 200, **headers: str
    ) -> Response:
        """A page, or a part of one, that no cache keeps."""
        text = self.text(language, template, context)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(text, status, {**HEADERS, **named}, media_type="text/html")

    def text(self, language: Language, template: str, context: Mapping[str, Any]) -> str:
        """What a template makes of `context`, in that language."""
        return self._environments[language].get_template(template).render(context, lang=language.value)

    def moment(self, language: Language, time_ms: int | None) -> str:
        """A day with its time, to the second; "—" for none."""
        return self._formatted(language, time_ms, f"{_DAY[language]} {_TIME}")

    def _environment(self, language: Language, assets: Assets) -> Environment:
        environment = Environment(
            loader=PackageLoader("gateway.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        said = speech(language)
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            said.gettext, said.ngettext, newstyle=True, pgettext=said.pgettext, npgettext=said.npgettext
        )
        environment.filters["moment"] = lambda time_ms: self.moment(language, time_ms)
        environment.filters["clock"] = lambda time_ms: self._formatted(language, time_ms, f"{_TIME}.SSS")
        environment.filters["day"] = lambda time_ms: self._formatted(language, time_ms, _DAY[language])
        environment.filters["date"] = lambda day: format_date(day, _DAY[language], locale=language.value)
        environment.filters["number"] = lambda value: format_decimal(value, locale=language.value)
        environment.filters["reason"] = lambda text: said.say(known_reason(text))
        environment.filters["said"] = said.say
        environment.globals["asset"] = assets.url
        for name, cell in CELLS.items():
            environment.filters[name] = cell
        return environment

    def _formatted(self, language: Language, time_ms: int | None, form: str) -> str:
        if time_ms is None:
            return "—"
        when = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(self._zone)
        return format_datetime(when, form, locale=language.value)
