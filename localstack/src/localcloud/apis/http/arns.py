"""The ARNs of HTTP APIs that policies name: of a request, of a route, of an authorizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.apis.http.context import RequestContext
    from localcloud.apis.http.routes import Match
    from localcloud.apis.resources import Authorizer


def request_arn(context: RequestContext) -> str:
    """What IAM's and authorizers' policies name: API, stage, method and the request's own path."""
    return f"{context.execute_api_arn}/{context.stage.stage_name}/{context.request.method}{context.raw_path}"


def route_arn(context: RequestContext, match: Match) -> str:
    """What a function's policy names: API, stage, method and the route's path with its parameters' names.

    A route of any method is named by the request's; ``$default`` has no method.
    """
    method, _, path = match.route.route_key.partition(" ")
    named = context.request.method if method == "ANY" else method
    return f"{context.execute_api_arn}/{context.stage.stage_name}/{named}{path}"


def authorizer_arn(context: RequestContext, authorizer: Authorizer) -> str:
    """What the policy of an authorizer's function names."""
    return f"{context.execute_api_arn}/authorizers/{authorizer.authorizer_id}"
