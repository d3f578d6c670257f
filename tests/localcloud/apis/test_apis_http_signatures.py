"""AWS_IAM routes with real signatures and policies: botocore signs, MiniStack's IAM decides."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localcloud.apis import Gateway
from localcloud.interfaces import NoFaults, Request
from localcloud.observations import Observations
from tests.localcloud.apis.apis_fakes import FakeClock, FakeFunctions

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws

HOST = "127.0.0.1:4566"


async def iam(ministack: MiniStack, action: str, **parameters: str) -> str:
    """Call IAM as the root; its XML."""
    body = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    response = await ministack.call("iam", Request("POST", "/", b"/", b"", headers, body))
    return response.body.decode()


async def user_allowed(ministack: MiniStack, name: str, resource: str) -> Credentials:
    """A user that may invoke ``resource``, and its access key."""
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    await iam(ministack, "CreateUser", UserName=name)
    await iam(ministack, "PutUserPolicy", UserName=name, PolicyName="invoke", PolicyDocument=document)
    answer = await iam(ministack, "CreateAccessKey", UserName=name)
    key, secret = (
        answer.partition(f"<{tag}>")[2].partition("<")[0] for tag in ("AccessKeyId", "SecretAccessKey")
    )
    return Credentials(key, secret)


async def function_for(aws: InProcessAws, api_id: str) -> str:
    """A function that an API may invoke; its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("me.py", "")
    facts = {
        "FunctionName": f"signed-{api_id}",
        "Runtime": "python3.13",
        "Handler": "me.handler",
        "Role": "arn:aws:iam::000000000000:role/signed",
        "Code": {"ZipFile": base64.b64encode(archive.getvalue()).decode()},
    }
    created = await aws.post("lambda", "/2015-03-31/functions", facts)
    permission = {
        "StatementId": "gateway",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": f"arn:aws:execute-api:us-east-1:000000000000:{api_id}/*",
    }
    await aws.post("lambda", f"/2015-03-31/functions/signed-{api_id}/policy", permission)
    arn: str = created["FunctionArn"]
    return arn


async def api_with_signed_routes(aws: InProcessAws) -> str:
    """An HTTP API whose ``GET /open`` and ``GET /shut`` want signatures; its id."""
    api_id: str = (await aws.post("apigateway", "/v2/apis", {"name": "s", "protocolType": "HTTP"}))["apiId"]
    path = f"/v2/apis/{api_id}"
    await iam(aws.control_plane, "CreateRole", RoleName="signed", AssumeRolePolicyDocument="{}")
    function = await function_for(aws, api_id)
    integration = {"integrationType": "AWS_PROXY", "payloadFormatVersion": "2.0", "integrationUri": function}
    created = await aws.post("apigateway", f"{path}/integrations", integration)
    for key in ("GET /open", "GET /shut"):
        target = f"integrations/{created['integrationId']}"
        fields = {"routeKey": key, "target": target, "authorizationType": "AWS_IAM"}
        await aws.post("apigateway", f"{path}/routes", fields)
    await aws.post("apigateway", f"{path}/stages", {"stageName": "v1", "autoDeploy": True})
    return api_id


def signed(url: str, credentials: Credentials) -> dict[str, str]:
    """The headers that botocore signs a GET with."""
    request = AWSRequest("GET", url, headers={"host": HOST})
    SigV4Auth(credentials, "execute-api", "us-east-1").add_auth(request)
    return dict(request.headers.items())


async def test_signed_request_passes_where_its_users_policy_allows(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """By method and path; without a signature, with a wrong secret or on another path it is 403."""
    api_id = await api_with_signed_routes(aws)
    arn = f"arn:aws:execute-api:us-east-1:000000000000:{api_id}/v1/GET/open"
    credentials = await user_allowed(ministack, f"caller-{api_id}", arn)
    functions = FakeFunctions({f"signed-{api_id}": lambda _: {"statusCode": 200}})
    gateway = Gateway(ministack, functions, FakeClock(), HOST, Observations(), NoFaults())
    url = f"http://{HOST}/_aws/execute-api/{api_id}/v1"
    wrong = Credentials(credentials.access_key, "wrong")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway)) as client:

        async def status(path: str, headers: dict[str, str]) -> int:
            return (await client.get(url + path, headers=headers)).status_code

        assert await status("/open", signed(f"{url}/open", credentials)) == 200
        assert await status("/open", {}) == 403
        assert await status("/open", signed(f"{url}/open", wrong)) == 403
        assert await status("/shut", signed(f"{url}/shut", credentials)) == 403
    [event] = functions.seen(f"signed-{api_id}")
    iam_facts = event["requestContext"]["authorizer"]["iam"]
    assert (iam_facts["accessKey"], iam_facts["accountId"]) == (credentials.access_key, "000000000000")
    assert iam_facts["userArn"] == f"arn:aws:iam::000000000000:user/caller-{api_id}"
    assert iam_facts["userId"].startswith("AIDA")
