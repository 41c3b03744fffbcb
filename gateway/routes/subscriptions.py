"""`/subscriptions`: how a system is pushed events, by its own doing. Operators see all, and may stop them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from contracts.subscriptions import Subscription
from gateway.answers import json_response
from gateway.context import Gateway, gateway_of, language_for
from gateway.intake import Principal
from gateway.routes.bodies import json_object
from gateway.subscription_requests import read_since, read_wanted


async def create_subscription(request: Request) -> Response:
    """`POST /subscriptions` `{"contract", "url", "retry"?, "since"?}`: 201, with the secret, which is shown once."""
    gateway, principal = _asking(request)
    wanted = read_wanted(await json_object(request, "/subscriptions"), gateway.subscribing.rules)
    made, secret = await gateway.subscribing.create(principal, wanted)
    document = {**gateway.subscribing.document(made, language_for(request)), "secret": secret}
    return json_response(document, 201, {"location": f"/subscriptions/{made.id}"})


async def list_subscriptions(request: Request) -> Response:
    """`GET /subscriptions`: the system's own."""
    gateway, principal = _asking(request)
    found = await gateway.subscribing.list(principal)
    language = language_for(request)
    return json_response({"subscriptions": [gateway.subscribing.document(each, language) for each in found]})


async def show_subscription(request: Request) -> Response:
    """`GET /subscriptions/{id}`: how it stands."""
    gateway, principal = _asking(request)
    found = await gateway.subscribing.get(principal, _id(request))
    return json_response(gateway.subscribing.document(found, language_for(request)))


async def delete_subscription(request: Request) -> Response:
    """`DELETE /subscriptions/{id}`: it ends here."""
    gateway, principal = _asking(request)
    await gateway.subscribing.delete(principal, _id(request))
    return Response(status_code=204)


async def pause_subscription(request: Request) -> Response:
    """`POST /subscriptions/{id}/pause`: what comes waits."""
    gateway, principal = _asking(request)
    return _shown(request, await gateway.subscribing.pause(principal, _id(request)))


async def resume_subscription(request: Request) -> Response:
    """`POST /subscriptions/{id}/resume`: after a pause, or after it was disabled."""
    gateway, principal = _asking(request)
    return _shown(request, await gateway.subscribing.resume(principal, _id(request)))


async def rotate_secret(request: Request) -> Response:
    """`POST /subscriptions/{id}/rotate`: a new secret, shown once; for a day, both sign."""
    gateway, principal = _asking(request)
    found, secret = await gateway.subscribing.rotate(principal, _id(request))
    return json_response({**gateway.subscribing.document(found, language_for(request)), "secret": secret})


async def end_old_secret(request: Request) -> Response:
    """`DELETE /subscriptions/{id}/rotate`: the old secret signs no more."""
    gateway, principal = _asking(request)
    return _shown(request, await gateway.subscribing.end_old_secret(principal, _id(request)))


async def replay_subscription(request: Request) -> Response:
    """`POST /subscriptions/{id}/replay` `{"since"}`: 202; what was published since is pushed once more."""
    gateway, principal = _asking(request)
    since_ms = read_since(await json_object(request, "/subscriptions"))
    return _shown(request, await gateway.subscribing.replay(principal, _id(request), since_ms), 202)


def _asking(request: Request) -> tuple[Gateway, Principal]:
    gateway = gateway_of(request)
    return gateway, gateway.intake.authenticate(request.headers.get("authorization", ""))


def _id(request: Request) -> str:
    return str(request.path_params["id"])


def _shown(request: Request, found: Subscription, status: int = 200) -> Response:
    document = gateway_of(request).subscribing.document(found, language_for(request))
    return json_response(document, status)
