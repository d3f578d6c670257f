"""The REQUEST authorizer of ``$connect``: the identity sources without which it is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.apis.resources import Authorizer, Stage
    from localcloud.apis.websocket.events import Handshake


def has_identity(authorizer: Authorizer, handshake: Handshake, stage: Stage) -> bool:
    """Whether the handshake carries a value for every identity source; without one it is a 401."""
    return all(_value(source, handshake, stage) for source in authorizer.identity_source)


def _value(source: str, handshake: Handshake, stage: Stage) -> str | None:
    place, _, name = source.rpartition(".")
    if place == "route.request.querystring":
        return handshake.multi_value_query.get(name, [""])[-1]
    if place == "route.request.header":
        return handshake.header(name)
    if place == "stageVariables":
        return stage.stage_variables.get(name)
    # context.* names what API Gateway itself knows of the request: it is always there.
    return name if place.startswith("context") else None
