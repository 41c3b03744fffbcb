"""`dieuhanh`: the operations centre, which is pushed what the city measures and believes only what is signed."""

from __future__ import annotations

import base64
import hmac
import os
import time
from hashlib import sha256
from typing import Final

from aiohttp import web

from deploy.demo.systems.common import CallJournal, run

_TOLERATED_S: Final = 300
SECRET_FILE: Final = "DIEUHANH_WEBHOOK_SECRET_FILE"  # noqa: S105 - the name of a variable


def build(journal: CallJournal) -> web.Application:
    """The application. The shared secret lies in the file that the environment names."""
    with open(os.environ[SECRET_FILE], encoding="utf-8") as file:  # noqa: PTH123 - once, before anything is served
        key = base64.b64decode(file.read().strip().removeprefix("whsec_"))
    seen = journal.exchanges()

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        if not _is_signed(request, body, key):
            return web.json_response({"error": "the signature is not right"}, status=401)
        pushed = await request.json()
        copy = request.headers["webhook-id"]
        repeat = {"repeat": True} if copy in seen else {}
        seen.add(copy)
        data = pushed["data"]
        journal.write(request, event=pushed["id"], dateObserved=data["dateObserved"], pm25=data["pm25"], **repeat)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hooks/khong-khi", take)
    return app


def _is_signed(request: web.Request, body: bytes, key: bytes) -> bool:
    """Whether it is signed as Standard Webhooks wants it, not long ago."""
    said, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > _TOLERATED_S:
        return False
    wanted = base64.b64encode(hmac.digest(key, f"{said}.{stamp}.".encode() + body, sha256)).decode()
    signatures = request.headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(each, f"v1,{wanted}") for each in signatures)


if __name__ == "__main__":
    run(build)
