"""The two APIs: their routes, who may call them, what they log."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chat.protocol.client_frames import CLIENT_FRAMES

if TYPE_CHECKING:
    from tests.stack.template import Template

HANDLERS = Path(__file__).parents[2] / "handlers"
ACTIONS = {frame.__struct_config__.tag for frame in CLIENT_FRAMES}


WEBSOCKET, HTTP = "${WebSocketApiId}/${WebSocketStage}/", "${HttpApiId}/${HttpStage}/"
SIGN_IN = "${SignInApiId}/${SignInApiStage}/"
"""How the sources of invocations by each API begin, where a template is given the API."""
HEALTH = "GET /health"


def _routes(template: Template, prefix: str = "") -> dict[str, dict[str, Any]]:
    """A template's routes by their keys, of one API (by its prefix) or of both, each with its logical id."""
    routes = template.of_type("AWS::ApiGatewayV2::Route")
    return {
        route["Properties"]["RouteKey"]: {**route["Properties"], "id": name}
        for name, route in routes.items()
        if prefix in ("", _prefix(template, route["Properties"]))
    }


def _prefix(template: Template, route: dict[str, Any]) -> str:
    """Which API a route is of: the one that its template makes, or one that the template is given."""
    api = route["ApiId"]["Ref"]
    if api in template.parameters:
        return {"WebSocketApiId": WEBSOCKET, "HttpApiId": HTTP, "SignInApiId": SIGN_IN}[api]
    return {"WEBSOCKET": WEBSOCKET, "HTTP": HTTP}[template.resources[api]["Properties"]["ProtocolType"]]


def _all_routes(templates: dict[str, Template], prefix: str) -> list[tuple[str, Template, dict[str, Any]]]:
    """All routes of an API, in whichever template: the key, the template, the route."""
    return [
        (key, template, route)
        for template in templates.values()
        for key, route in _routes(template, prefix).items()
    ]


def _function_of(template: Template, route: dict[str, Any]) -> str:
    """The logical id of the function that a route's integration invokes."""
    integration = route["Target"]["Fn::Sub"].removeprefix("integrations/${").removesuffix("}")
    uri = template.resources[integration]["Properties"]["IntegrationUri"]
    if "Fn::If" in uri:  # the function's alias where TrafficShift is gradual, else the function itself
        uri = uri["Fn::If"][2]
    uri = uri["Fn::Sub"]
    return str(uri).split("functions/${")[1].split(".Arn}")[0]


def _handled_routes(by: str = "http_routes") -> dict[str, str]:
    """The routes that the entries' dictionaries name, with the entry: "GET /chats" to "chats"."""
    handled: dict[str, str] = {}
    for path in HANDLERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(by):
                routes = node.args[0]
                assert isinstance(routes, ast.Dict)
                handled |= {ast.literal_eval(key): path.stem for key in routes.keys if key}
    return handled


def test_websocket_routes_are_the_protocols_actions(templates: dict[str, Template]) -> None:
    """What a client may send has a route of its own, and nothing else has."""
    assert len(ACTIONS) >= 5
    keys = [key for key, _, _ in _all_routes(templates, WEBSOCKET)]
    assert len(keys) == len(set(keys))
    assert set(keys) == ACTIONS | {"$connect", "$disconnect", "$default"}
    api = templates["realtime"].resources["Api"]["Properties"]
    assert api["RouteSelectionExpression"] == "$request.body.action"


def test_websocket_routes_answer_but_for_the_life_cycle(templates: dict[str, Template]) -> None:
    """Without a route response the integration's body, and with it the ack, would not reach the client."""
    for template in templates.values():
        routes = _routes(template, WEBSOCKET)
        answering = {key: routes[key] for key in routes.keys() - {"$connect", "$disconnect"}}
        responses = template.of_type("AWS::ApiGatewayV2::RouteResponse").values()
        answered = {response["Properties"]["RouteId"]["Ref"] for response in responses}
        assert answered == {route["id"] for route in answering.values()}
        assert {response["Properties"]["RouteResponseKey"] for response in responses} <= {"$default"}
        for route in answering.values():
            assert route["RouteResponseSelectionExpression"] == "$default"


def test_connect_is_authorized_by_ticket(templates: dict[str, Template]) -> None:
    """The only way in is a ticket in the query string, and only $connect asks."""
    template = templates["realtime"]
    authorizer = template.resources["TicketAuthorizer"]["Properties"]
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert authorizer["IdentitySource"] == ["route.request.querystring.ticket"]
    guarded = {key for key, _, route in _all_routes(templates, WEBSOCKET) if "AuthorizerId" in route}
    assert guarded == {"$connect"}
    assert _routes(template)["$connect"]["AuthorizationType"] == "CUSTOM"


def test_pages_that_connect_are_those_that_call(templates: dict[str, Template]) -> None:
    """One list for CORS and for $connect: the site's own origin, and what the parameter adds.

    Where the site at the domain is another region's, its pages are led here too.
    """
    nested = templates["root"].resources
    site = {"Fn::GetAtt": ["Web", "Outputs.WebUrl"]}
    nothing = {"Ref": "AWS::NoValue"}
    elsewhere = {"Fn::If": ["HasSiteElsewhere", {"Fn::Sub": "https://${DomainName}"}, nothing]}
    added = {"Fn::If": ["HasAdditionalOrigins", {"Ref": "AdditionalOrigins"}, nothing]}
    for name in ("Rest", "Realtime"):
        origins = nested[name]["Properties"]["Parameters"]["AllowedOrigins"]
        assert origins == {"Fn::Join": [",", [site, elsewhere, added]]}
    variables = templates["realtime"].resources["Authorizer"]["Properties"]["Environment"]["Variables"]
    assert variables["ALLOWED_ORIGINS"] == {"Fn::Join": [",", {"Ref": "AllowedOrigins"}]}


def test_http_routes_are_those_that_the_entries_handle(templates: dict[str, Template]) -> None:
    """No route leads nowhere and no code is unreachable; each route goes to the entry that handles it."""
    deployed = {}
    for key, template, route in _all_routes(templates, HTTP):
        function = template.resources[_function_of(template, route)]["Properties"]
        deployed[key] = function["Handler"].removesuffix(".handler")
    assert deployed.pop(HEALTH) == "health"
    assert deployed == _handled_routes()
    assert deployed


def test_http_routes_all_want_a_token(templates: dict[str, Template]) -> None:
    """But for the one that Route 53 asks, where several regions share a domain: it tells a status alone."""
    for key, template, route in _all_routes(templates, HTTP):
        if key == HEALTH:
            assert (template.name, route["AuthorizationType"]) == ("health", "NONE")
            continue
        assert route["AuthorizationType"] == "JWT"
        assert route["AuthorizerId"] == {"Ref": "TokenAuthorizer"}
    jwt = templates["rest"].resources["TokenAuthorizer"]["Properties"]["JwtConfiguration"]
    assert jwt == {"Issuer": {"Ref": "TokenIssuer"}, "Audience": {"Ref": "TokenAudience"}}


def test_sign_in_routes_alone_want_no_token_and_are_of_the_site(
    templates: dict[str, Template],
) -> None:
    """They are of an API of their own, which no page of another origin may call."""
    routes = _all_routes(templates, SIGN_IN)
    assert {key: "web_sessions" for key, _, _ in routes} == _handled_routes("site_routes")
    assert {route["AuthorizationType"] for _, _, route in routes} == {"NONE"}
    assert {template.name for _, template, _ in routes} == {"federation"}
    assert "CorsConfiguration" not in templates["auth"].resources["Api"]["Properties"]
    condition, behaviors, _ = templates["web"].resources["Distribution"]["Properties"]["DistributionConfig"][
        "CacheBehaviors"
    ]["Fn::If"]
    assert (condition, [behavior["PathPattern"] for behavior in behaviors]) == ("HasSignIn", ["/auth/*"])


def test_lambda_permissions_name_exactly_the_routes(templates: dict[str, Template]) -> None:
    """API Gateway may invoke a function for its own routes, and for no other API, stage or route.

    An alias may be invoked by the API of its function, which decides by its routes what it is invoked for.
    """
    (of_alias,) = _permissions(templates["alias"])
    assert of_alias["FunctionName"] == {"Ref": "Alias"}
    assert of_alias["SourceArn"]["Fn::Sub"].endswith(":${ApiId}/*")
    for template in (template for name, template in templates.items() if name != "alias"):
        expected = {
            (_function_of(template, route), f"{_source(template, route)}{key.replace(' ', '')}")
            for key, route in _routes(template).items()
        }
        if template.name == "realtime":
            expected.add(("Authorizer", "${Api}/authorizers/${TicketAuthorizer}"))
        permitted = {
            (permission["FunctionName"]["Ref"], permission["SourceArn"]["Fn::Sub"].split("AccountId}:")[1])
            for permission in _permissions(template)
        }
        assert permitted == expected


def _permissions(template: Template) -> list[dict[str, Any]]:
    """What lets API Gateway invoke the template's functions."""
    found = [found["Properties"] for found in template.of_type("AWS::Lambda::Permission").values()]
    return [permission for permission in found if permission["Principal"] == "apigateway.amazonaws.com"]


def _source(template: Template, route: dict[str, Any]) -> str:
    """How the source of an invocation by a route begins in its template."""
    return _prefix(template, route) if route["ApiId"]["Ref"] in template.parameters else "${Api}/${Stage}/"


@pytest.mark.parametrize("name", ["auth", "realtime", "rest"])
def test_stages_throttle_and_log_without_secrets(templates: dict[str, Template], name: str) -> None:
    """A stage has limits, and an access log in which no query string, header or body can stand."""
    stage = templates[name].resources["Stage"]["Properties"]
    assert stage["AutoDeploy"] is True
    assert stage["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": {"Ref": "RateLimit"},
        "ThrottlingBurstLimit": {"Ref": "BurstLimit"},
    }
    line = stage["AccessLogSettings"]["Format"]
    assert "$context.requestId" in line
    for secret in ("querystring", "header", "body", "$context.path", "ticket", "token"):
        assert secret not in line
