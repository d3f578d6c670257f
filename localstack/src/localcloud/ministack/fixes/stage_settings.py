"""Stages of WebSocket and HTTP APIs: the route settings of a template have no effect.

Fault: ``DefaultRouteSettings`` and ``RouteSettings`` from CloudFormation are stored with the template's names
(``ThrottlingRateLimit``) and with text for numbers where a parameter gave them; everything that reads a stage
expects the API's names and numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]


def _value(name: str, value: object) -> object:
    """A setting's value in its own type, whatever text the template's parameter gave."""
    match name:
        case "ThrottlingRateLimit":
            return float(str(value))
        case "ThrottlingBurstLimit":
            return int(str(value))
        case "DetailedMetricsEnabled" | "DataTraceEnabled":
            return str(value).lower() == "true"
        case _:
            return value


def _api_spelling(settings: Properties) -> Properties:
    return {name[0].lower() + name[1:]: _value(name, value) for name, value in settings.items()}


def _stage_properties(make: Callable[[Properties], Properties]) -> Callable[[Properties], Properties]:
    def with_route_settings(properties: Properties) -> Properties:
        stage = make(properties)
        routes = properties.get("RouteSettings") or {}
        return {
            **stage,
            "defaultRouteSettings": _api_spelling(properties.get("DefaultRouteSettings") or {}),
            "routeSettings": {key: _api_spelling(settings) for key, settings in routes.items()},
        }

    return with_route_settings


FIX = Fix(Patch(provisioners, "_apigw_v2_stage_props", _stage_properties))
