"""Who may call an API, and which function an API may call: IAM's word and the functions' own policies."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningCredentials

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from localcloud.interfaces import Credentials
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws

API = "arn:aws:execute-api:us-east-1:000000000000:abc123"
HOST = "127.0.0.1:4566"


async def make_function(aws: InProcessAws, name: str) -> str:
    """A function whose role may connect to the stage ``dev`` of the API; its ARN."""
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{API}/dev/*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": f"{name}-role",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
            "Policies": [{"PolicyName": "p", "PolicyDocument": document}],
        },
    }
    assert await aws.deploy(f"{name}-stack", {"Resources": {"Role": role}}) == "CREATE_COMPLETE"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("entry.py", "def handler(event, context):\n    return None\n")
    created = await aws.post(
        "lambda",
        "/2015-03-31/functions",
        {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "entry.handler",
            "Role": f"arn:aws:iam::000000000000:role/{name}-role",
            "Code": {"ZipFile": base64.b64encode(archive.getvalue()).decode()},
        },
    )
    arn: str = created["FunctionArn"]
    return arn


async def permit(aws: InProcessAws, function: str, **fields: str) -> None:
    """Add a permission to a function's policy."""
    permission = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", **fields}
    await aws.post("lambda", f"/2015-03-31/functions/{function}/policy", {"StatementId": "api", **permission})


async def test_api_may_invoke_only_what_the_functions_policy_names(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """The source ARN's wildcards count; caches learn of the new permission."""
    function = await make_function(aws, "permitted")
    service = "apigateway.amazonaws.com"
    assert not ministack.may_invoke(service, function, f"{API}/dev/send")
    generation = ministack.generation
    await permit(aws, "permitted", SourceArn=f"{API}/*/send")
    assert ministack.generation > generation
    assert ministack.may_invoke(service, function, f"{API}/dev/send")
    assert not ministack.may_invoke(service, function, f"{API}/dev/list")
    assert not ministack.may_invoke(service, function, f"{API}/authorizers/a1")
    assert not ministack.may_invoke(service, function, f"{API.replace('abc123', 'other')}/dev/send")
    assert not ministack.may_invoke("sns.amazonaws.com", function, f"{API}/dev/send")
    assert not ministack.may_invoke(service, f"{function}-gone", f"{API}/dev/send")


async def test_api_may_invoke_what_a_permission_without_a_source_names(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """No source ARN is any API of any account."""
    function = await make_function(aws, "permitted-to-all")
    await permit(aws, "permitted-to-all")
    assert ministack.may_invoke("apigateway.amazonaws.com", function, f"{API}/dev/$connect")


def upgrade(credentials: Credentials, *, in_query: bool) -> Request:
    """A signed upgrade: its signature in the query, as browsers need it, or in headers."""
    url = f"http://{HOST}/_aws/execute-api/abc123/dev?room=a"
    request = AWSRequest("GET", url, headers={"Host": HOST})
    session = SigningCredentials(
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token
    )
    signer = SigV4QueryAuth if in_query else SigV4Auth
    signer(session, "execute-api", "us-east-1").add_auth(request)
    path, _, query = str(request.url).removeprefix(f"http://{HOST}").partition("?")
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    return Request("GET", path, path.encode(), query.encode(), headers)


@pytest.mark.parametrize("in_query", [True, False])
async def test_signed_upgrade_is_judged_by_its_signature_and_its_role(
    aws: InProcessAws, ministack: MiniStack, in_query: bool
) -> None:
    """The stage that the role names opens; another stage, another URL and no signature do not."""
    name = f"caller-{in_query}".lower()
    await make_function(aws, name)
    request = upgrade(ministack.role_credentials(name), in_query=in_query)

    def denied(request: Request, stage: str = "dev") -> bool:
        resource = f"{API}/{stage}/$connect"
        return ministack.authorize(request, "execute-api", "execute-api:Invoke", resource) is not None

    assert not denied(request)
    assert denied(request, "prod")
    assert denied(replace(request, query_string=request.query_string.replace(b"room=a", b"room=b")))
    unsigned = [(b"host", HOST.encode()), (b"authorization", b"Bearer token")]
    assert denied(Request("GET", request.path, request.raw_path, b"", unsigned))
