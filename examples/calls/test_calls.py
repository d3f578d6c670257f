"""A WebSocket API made by boto3's calls, without CloudFormation, spoken to at both forms of its address."""

import io
import json
import socket
import zipfile

from websockets.sync.client import connect

HANDLER = """
def handler(event, context):
    print("told", event["body"])
    return {"statusCode": 200, "body": event["body"].upper()}
"""


def zipped():
    """The function's code."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", HANDLER)
    return buffer.getvalue()


def make_function(localcloud):
    """A function with a role of its own; its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = localcloud.client("iam").create_role(
        RoleName="shout", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    localcloud.client("iam").attach_role_policy(
        RoleName="shout", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    functions = localcloud.client("lambda")
    function = functions.create_function(
        FunctionName="shout",
        Runtime="python3.13",
        Handler="index.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": zipped()},
    )
    functions.add_permission(
        FunctionName="shout",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    return function["FunctionArn"]


def make_api(localcloud, function_arn):
    """An API whose $default route asks the function; CreateApi's answer."""
    apis = localcloud.client("apigatewayv2")
    api = apis.create_api(
        Name="shout", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function_arn}/invocations"
    integration = apis.create_integration(
        ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=uri, IntegrationMethod="POST"
    )
    route = apis.create_route(
        ApiId=api["ApiId"], RouteKey="$default", Target=f"integrations/{integration['IntegrationId']}"
    )
    apis.create_route_response(ApiId=api["ApiId"], RouteId=route["RouteId"], RouteResponseKey="$default")
    apis.create_stage(ApiId=api["ApiId"], StageName="dev", AutoDeploy=True)
    return api


def test_api_made_by_calls_answers(localcloud):
    """At the address that CreateApi gave, and at AWS's form of it."""
    api = make_api(localcloud, make_function(localcloud))
    port = localcloud.endpoint_url.rpartition(":")[2]
    host = f"ws://{api['ApiId']}.execute-api.localhost:{port}/dev"
    for url, sent in ((f"{api['ApiEndpoint']}/dev", "path"), (host, "host")):
        with connect(url, sock=None if sent == "path" else dial(int(port))) as websocket:
            websocket.send(sent)
            assert websocket.recv(timeout=10) == sent.upper()
    assert localcloud.wait_for_log("shout", "told path")


def dial(port):
    """A connection to localcloud: not every system resolves names below localhost."""
    return socket.create_connection(("127.0.0.1", port))
