"""What authorization may remember from one request to the next, and what it must look at each time."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningCredentials

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/remembered"
HOST = "127.0.0.1:4566"


async def iam(aws: InProcessAws, action: str, **parameters: str) -> str:
    """A call of IAM; its answer."""
    body = urlencode({"Action": action, **parameters}).encode()
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    response = await aws.control_plane.call("iam", Request("POST", "/", b"/", b"", headers, body))
    assert response.status == 200, response.body
    return response.body.decode()


async def make_user(aws: InProcessAws, name: str, *statements: dict[str, Any]) -> SigningCredentials:
    """A user with these policy statements; a key of theirs."""
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    await iam(aws, "CreateUser", UserName=name)
    await iam(aws, "PutUserPolicy", UserName=name, PolicyName="p", PolicyDocument=document)
    answer = await iam(aws, "CreateAccessKey", UserName=name)
    key_id, secret = (
        answer.partition(f"<{field}>")[2].partition("<")[0] for field in ("AccessKeyId", "SecretAccessKey")
    )
    return SigningCredentials(key_id, secret)


def allow(**more: object) -> dict[str, Any]:
    """A statement that lets items be put."""
    return {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE, **more}


def put(credentials: SigningCredentials, source: str = "127.0.0.1") -> Request:
    """A signed PutItem that comes from this address."""
    body = json.dumps({"TableName": "remembered", "Item": {"chatId": {"S": "a"}}}).encode()
    headers = {"X-Amz-Target": "DynamoDB_20120810.PutItem"}
    request = AWSRequest("POST", f"http://{HOST}/", headers=headers, data=body)
    SigV4Auth(credentials, "dynamodb", "us-east-1").add_auth(request)
    raw = [(b"host", HOST.encode())]
    raw += [(name.lower().encode(), str(value).encode()) for name, value in request.headers.items()]
    return Request("POST", "/", b"/", b"", raw, body, source)


async def test_authorize_remembered_answer_does_not_excuse_a_bad_signature(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """The signature is verified each time, also where the policies' answer is known."""
    credentials = await make_user(aws, "remembered-signature", allow())
    for _ in range(2):
        assert ministack.authorize_dynamodb(put(credentials), "PutItem") is None
    tampered = replace(put(credentials), body=b'{"TableName":"remembered"}')
    refused = ministack.authorize_dynamodb(tampered, "PutItem")
    assert refused is not None
    assert b"InvalidSignatureException" in refused.body
    stolen = SigningCredentials(credentials.access_key, "another secret")
    assert ministack.authorize_dynamodb(put(stolen), "PutItem") is not None


async def test_authorize_condition_on_the_request_is_asked_each_time(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """What was allowed from one address is not allowed from the next."""
    from_here = {"IpAddress": {"aws:SourceIp": "127.0.0.1/32"}}
    credentials = await make_user(aws, "remembered-condition", allow(Condition=from_here))
    for _ in range(2):
        assert ministack.authorize_dynamodb(put(credentials), "PutItem") is None
        assert ministack.authorize_dynamodb(put(credentials, "192.0.2.1"), "PutItem") is not None


async def test_authorize_conditional_deny_beside_an_allow_is_asked_each_time(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """An unconditional Allow is not the whole answer."""
    from_there = {"IpAddress": {"aws:SourceIp": "192.0.2.1/32"}}
    deny = {**allow(Condition=from_there), "Effect": "Deny"}
    credentials = await make_user(aws, "remembered-deny", allow(), deny)
    for _ in range(2):
        assert ministack.authorize_dynamodb(put(credentials), "PutItem") is None
        assert ministack.authorize_dynamodb(put(credentials, "192.0.2.1"), "PutItem") is not None


async def test_authorize_deleted_key_is_refused_at_once(aws: InProcessAws, ministack: MiniStack) -> None:
    """Credentials are looked up each time."""
    credentials = await make_user(aws, "remembered-key", allow())
    assert ministack.authorize_dynamodb(put(credentials), "PutItem") is None
    await iam(aws, "DeleteAccessKey", UserName="remembered-key", AccessKeyId=credentials.access_key)
    assert ministack.authorize_dynamodb(put(credentials), "PutItem") is not None


async def test_authorize_other_user_is_not_let_in_by_a_remembered_answer(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """Answers are remembered by key."""
    allowed = await make_user(aws, "remembered-one", allow())
    other = await make_user(aws, "remembered-other", {**allow(), "Action": "dynamodb:GetItem"})
    assert ministack.authorize_dynamodb(put(allowed), "PutItem") is None
    assert ministack.authorize_dynamodb(put(other), "PutItem") is not None


def signed_at(credentials: SigningCredentials, seconds: float) -> Request:
    """The PutItem, signed at this time, in seconds since the epoch."""
    request = put(credentials)
    signature = AWSRequest("POST", f"http://{HOST}/", headers={"host": HOST}, data=request.body)
    signature.context["timestamp"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))
    signature.headers["X-Amz-Date"] = signature.context["timestamp"]
    signer = SigV4Auth(credentials, "dynamodb", "us-east-1")
    proof = signer.signature(signer.string_to_sign(signature, signer.canonical_request(signature)), signature)
    scope, names = signer.scope(signature), signer.signed_headers(signer.headers_to_sign(signature))
    signature.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={proof}"
    )
    return replace(request, headers=[(n.lower().encode(), v.encode()) for n, v in signature.headers.items()])


async def test_authorize_known_signer_is_held_to_the_time(aws: InProcessAws, ministack: MiniStack) -> None:
    """A right signature is good for a quarter of an hour, as DynamoDB has it, whoever signs."""
    credentials = await make_user(aws, "remembered-time", allow())
    now = time.time()
    assert ministack.authorize_dynamodb(signed_at(credentials, now), "PutItem") is None
    for minutes in (-14, 14):
        assert ministack.authorize_dynamodb(signed_at(credentials, now + 60 * minutes), "PutItem") is None
    for minutes in (-16, 16):
        refused = ministack.authorize_dynamodb(signed_at(credentials, now + 60 * minutes), "PutItem")
        assert refused is not None
        assert b"Signature" in refused.body


async def test_authorize_known_key_with_a_token_that_is_not_its_own_is_refused(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """A key is known together with its session token."""
    credentials = await make_user(aws, "remembered-token", allow())
    assert ministack.authorize_dynamodb(put(credentials), "PutItem") is None
    with_token = SigningCredentials(credentials.access_key, credentials.secret_key, "no token of mine")
    assert ministack.authorize_dynamodb(put(with_token), "PutItem") is not None


async def test_authorize_known_signer_may_no_more_than_before(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """Another table, or another operation on the same, is another question."""
    credentials = await make_user(aws, "remembered-question", allow())
    assert ministack.authorize_dynamodb(put(credentials), "PutItem") is None
    assert ministack.authorize_dynamodb(put(credentials), "DeleteItem") is not None
    assert ministack.authorize(put(credentials), "dynamodb", "dynamodb:PutItem", f"{TABLE}-2") is not None
