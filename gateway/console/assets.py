"""The console's own files: each under a name that says its content, so that a browser may keep it for ever."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_TYPES: Final = MappingProxyType(
    {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
)
_CACHE: Final = "public, max-age=31536000, immutable"
BASE: Final = "/console/static"


@dataclass(frozen=True, slots=True)
class _Asset:
    digest: str
    media_type: str
    content: bytes
    packed: bytes


class Assets:
    """The files in `static/`, read once."""

    def __init__(self) -> None:
        self._found: dict[str, _Asset] = {}
        for place in (files("gateway.console") / "static").iterdir():
            media_type = _TYPES.get(place.name.rpartition(".")[2])
            if media_type is not None:
                content = place.read_bytes()
                digest = hashlib.sha256(content).hexdigest()[:16]
                self._found[place.name] = _Asset(digest, media_type, content, gzip.compress(content, mtime=0))

    def url(self, name: str) -> str:
        """Where a file is. KeyError: there is none of that name."""
        return f"{BASE}/{self._found[name].digest}/{name}"

    async def serve(self, request: Request) -> Response:
        """`GET /console/static/{digest}/{name}`"""
        asset = self._found.get(request.path_params["name"])
        if asset is None or asset.digest != request.path_params["digest"]:
            return Response(status_code=404)
        headers = {"cache-control": _CACHE, "vary": "accept-encoding", "x-content-type-options": "nosniff"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(asset.packed, headers=headers, media_type=asset.media_type)
        return Response(asset.content, headers=headers, media_type=asset.media_type)
