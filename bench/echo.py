"""A WebSocket API whose function gives back what it is sent: what a message costs beside its handler."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Final

from bench.deployment import web_socket_address

if TYPE_CHECKING:
    from bench.deployment import Deployment

_NAME: Final = "bench-echo"
_STAGE: Final = "v1"
_CODE: Final = """\
def handler(event, _context):
    return {"statusCode": 200, "body": event.get("body", "")}
"""
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def create(deployment: Deployment) -> str:
    """Create the function and its API beside the stack; gives the address to connect to."""
    region = deployment.target.region
    arn = _create_function(deployment)
    api = deployment.target.session().client("apigatewayv2", endpoint_url=deployment.target.endpoint_url)
    created = api.create_api(
        Name=_NAME, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    api_id = created["ApiId"]
    uri = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    integration = api.create_integration(ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=uri)
    route = api.create_route(
        ApiId=api_id,
        RouteKey="$default",
        Target=f"integrations/{integration['IntegrationId']}",
        RouteResponseSelectionExpression="$default",
    )
    api.create_route_response(ApiId=api_id, RouteId=route["RouteId"], RouteResponseKey="$default")
    api.create_stage(ApiId=api_id, StageName=_STAGE, AutoDeploy=True)
    return web_socket_address(f"ws://localhost/_aws/execute-api/{api_id}/{_STAGE}", deployment.emulator.port)


def _create_function(deployment: Deployment) -> str:
    session, url = deployment.target.session(), deployment.target.endpoint_url
    iam = session.client("iam", endpoint_url=url)
    role = iam.create_role(RoleName=_NAME, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as opened:
        opened.writestr("echo.py", _CODE)
    functions = session.client("lambda", endpoint_url=url)
    created = functions.create_function(
        FunctionName=_NAME,
        Runtime="python3.13",
        Role=role,
        Handler="echo.handler",
        Code={"ZipFile": code.getvalue()},
    )
    functions.add_permission(
        FunctionName=_NAME,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    return created["FunctionArn"]
