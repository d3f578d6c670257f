"""Files through the whole service: forms as S3 takes them, copies, links as CloudFront verifies them."""

from __future__ import annotations

import base64
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from chat.adapters import sdk
from chat.adapters.links import RsaKeyPairs
from chat.adapters.media import MediaBucket
from chat.adapters.web_push import EcKeyPairs
from chat.custom_resource import NOT_MADE
from chat.service.link_keys import parse
from tests.handlers.support.fakes.keys import link_key_text
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import drafts, send_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.handlers.support.service import Parley

ALICE = Person("alice")
ID = "0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(1_000)
KEY_NAME = "parley-download-key"


@pytest.fixture
def bob() -> Person:
    """Somebody new, with whom alice has no chat yet."""
    return Person("bob")


@pytest.fixture
def chat_id(parley: Parley, bob: Person) -> str:
    """The chat of alice and bob, with nothing recorded yet."""
    chat_id = parley.chat(ALICE, bob)
    parley.aws.reset()
    return chat_id


def path_of(chat_id: str, folder: str, *names: str) -> str:
    """Where a file lies."""
    return "/".join(["media-bucket", folder, chat_id.replace(":", "/"), *names])


def upload(parley: Parley, chat_id: str, content: bytes = PNG) -> None:
    """Upload a file as alice."""
    parley.aws.files.put(path_of(chat_id, "uploads", ALICE.user_id, ID), content, "image/png")


def file_frame(chat_id: str, after: int = 0, **more: Any) -> dict[str, Any]:
    """A sendMessage frame with a file."""
    frame = send_frame(chat_id, after, "look")
    frame["messages"][0]["attachment"] = {"mediaId": ID, "name": "cat.png", **more}
    return frame


def test_form_holds_s3_to_key_type_and_size(parley: Parley, chat_id: str) -> None:
    """The policy is what S3 enforces: nothing in it is left to the client."""
    body = {"chatId": chat_id, "contentType": "image/png", "bytes": 1_008}
    status, given = parley.request(ALICE, "POST /upload-url", body)
    assert status == 200
    assert given["url"] == f"{parley.aws.url}/media-bucket"
    fields = given["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    fixed = {name: value for condition in policy["conditions"] if isinstance(condition, dict)
             for name, value in condition.items()}  # fmt: skip
    assert fixed["key"] == fields["key"]
    assert fields["key"].endswith(f"/{ALICE.user_id}/{given['mediaId']}")
    assert fields["key"].startswith(f"uploads/{chat_id.replace(':', '/')}/")
    assert fixed["bucket"] == "media-bucket"
    assert fixed["content-type"] == fields["content-type"] == "image/png"
    assert ["content-length-range", 1_008, 1_008] in policy["conditions"]
    assert fixed["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert fields.keys() - fixed.keys() == {"policy", "x-amz-signature"}
    assert policy["expiration"][:16] == given["expiresAt"][:16]


def test_message_carries_its_file_to_whoever_reads_it(parley: Parley, bob: Person, chat_id: str) -> None:
    """Pushed, from history, and through the table."""
    parley.connect(bob)
    upload(parley, chat_id)
    answer = parley.frame(ALICE, file_frame(chat_id, width=640, height=480))
    assert answer["type"] == "ack", answer
    attachment = {
        "mediaId": ID,
        "name": "cat.png",
        "contentType": "image/png",
        "bytes": len(PNG),
        "width": 640,
        "height": 480,
    }
    assert parley.aws.frames(bob.connection_id)[-1]["message"]["attachment"] == attachment
    read = parley.frame(bob, {"action": "getMessages", "chatId": chat_id})
    assert [message["attachment"] for message in read["messages"]] == [attachment]


def test_file_without_dimensions_stays_without(parley: Parley, bob: Person, chat_id: str) -> None:
    """A sound has none."""
    upload(parley, chat_id)
    parley.frame(ALICE, file_frame(chat_id))
    read = parley.frame(bob, {"action": "getMessages", "chatId": chat_id})
    assert read["messages"][0]["attachment"].keys() == {"mediaId", "name", "contentType", "bytes"}


def test_kept_file_says_how_browsers_are_to_take_it(parley: Parley, chat_id: str) -> None:
    """Never opened, always saved; as the type that was checked; and whose it is."""
    upload(parley, chat_id)
    parley.frame(ALICE, file_frame(chat_id, name='a "b".png'))
    kept = parley.aws.files.objects[path_of(chat_id, "media", ID)]
    assert kept.content == PNG
    assert kept.headers["content-disposition"] == "attachment; filename*=UTF-8''a%20%22b%22.png"
    assert kept.headers["content-type"] == "image/png"
    assert kept.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert kept.headers["x-amz-meta-owner"].startswith(f"{ALICE.user_id}/01")


@pytest.mark.parametrize(
    ("content", "code"), [(None, "unknown_file"), (b"<script>alert(1)</script>", "file_type_forged")]
)
def test_file_that_is_refused_leaves_no_message(
    parley: Parley, chat_id: str, content: bytes | None, code: str
) -> None:
    """Nothing was written, so the error is definite."""
    if content:
        upload(parley, chat_id, content)
    answer = parley.frame(ALICE, file_frame(chat_id))
    assert (answer["code"], answer["definite"]) == (code, True)
    assert "PutItem" not in parley.aws.operations()
    assert "CopyObject" not in parley.aws.operations()


def test_file_of_a_deleted_message_is_removed(parley: Parley, bob: Person, chat_id: str) -> None:
    """Before the message loses it, so that a deletion that fails is repeated; no link finds it any more."""
    upload(parley, chat_id)
    parley.frame(ALICE, file_frame(chat_id))
    parley.aws.reset()
    answer = parley.frame(ALICE, {"action": "deleteMessage", "chatId": chat_id, "seq": 1})
    assert "attachment" not in answer["change"]["message"]
    operations = [o for o in parley.aws.operations() if o in ("DeleteObject", "TransactWriteItems")]
    assert operations == ["DeleteObject", "DeleteObject", "TransactWriteItems"]
    assert not [path for path in parley.aws.files.objects if chat_id.replace(":", "/") in path]
    read = parley.frame(bob, {"action": "getMessages", "chatId": chat_id})
    assert "attachment" not in read["messages"][0]


def test_send_that_is_repeated_after_its_message_was_deleted_is_acked(parley: Parley, chat_id: str) -> None:
    """The message landed, whatever became of its file; no other is written, nor may have the file."""
    upload(parley, chat_id)
    frame = file_frame(chat_id)
    ack = parley.frame(ALICE, frame)
    parley.frame(ALICE, {"action": "deleteMessage", "chatId": chat_id, "seq": 1})
    parley.aws.reset()
    assert parley.frame(ALICE, frame)["messages"] == ack["messages"]
    assert "PutItem" not in parley.aws.operations()
    assert parley.frame(ALICE, file_frame(chat_id, 1))["code"] == "unknown_file"


def test_send_of_which_a_part_landed_and_was_deleted_sends_the_rest(parley: Parley, chat_id: str) -> None:
    """What is missing of the frame is looked at as ever."""
    upload(parley, chat_id)
    frame = file_frame(chat_id)
    ack = parley.frame(ALICE, frame)
    parley.frame(ALICE, {"action": "deleteMessage", "chatId": chat_id, "seq": 1})
    whole = {**frame, "messages": [*frame["messages"], *drafts("rest")]}
    again = parley.frame(ALICE, whole)
    assert [message["seq"] for message in again["messages"]] == [1, 2]
    assert again["messages"][:1] == ack["messages"]
    bad = {**drafts("no file")[0], "attachment": {"mediaId": "f" * 32, "name": "x"}}
    assert parley.frame(ALICE, {**whole, "messages": [*whole["messages"], bad]})["code"] == "unknown_file"
    assert parley.frame(ALICE, {**whole, "requestId": "r2"})["messages"] == again["messages"]


def test_file_over_http_is_what_it_is_over_the_socket(parley: Parley, chat_id: str) -> None:
    """The same service answers."""
    upload(parley, chat_id)
    body = {"after": 0, "messages": file_frame(chat_id)["messages"]}
    status, _ = parley.request(ALICE, "POST /chats/{chatId}/messages", body, path={"chatId": chat_id})
    assert status == 200
    body = {"after": 1, "messages": [{**drafts("")[0], "attachment": {"mediaId": "f" * 32, "name": "x"}}]}
    status, answer = parley.request(ALICE, "POST /chats/{chatId}/messages", body, path={"chatId": chat_id})
    assert (status, answer["error"]["code"]) == (404, "unknown_file")


def test_link_is_signed_by_the_stacks_key(parley: Parley, bob: Person, chat_id: str) -> None:
    """By canned policy, for five minutes; the key is read once an environment."""
    pairs = RsaKeyPairs()
    pem = parse(parley.aws.files.secrets.setdefault(KEY_NAME, link_key_text(pairs.make()))).private_key
    path = {"chatId": chat_id, "mediaId": ID}
    status, given = parley.request(bob, "GET /chats/{chatId}/media/{mediaId}", path=path)
    assert status == 200
    url = urlsplit(given["url"])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    resource = url._replace(query="").geturl()
    folder = chat_id.replace(":", "/")
    assert resource == f"http://d111111abcdef8.cloudfront.net/media/{folder}/{ID}"
    assert query["Key-Pair-Id"] == "K2JCJMDEHXQW5F"
    assert time.time() + 4 * 60 < int(query["Expires"]) <= time.time() + 5 * 60
    condition = {"DateLessThan": {"AWS:EpochTime": int(query["Expires"])}}
    policy = json.dumps(
        {"Statement": [{"Resource": resource, "Condition": condition}]}, separators=(",", ":")
    )
    signature = base64.b64decode(query["Signature"].translate(str.maketrans("-_~", "+=/")))
    public = serialization.load_pem_public_key(pairs.public_half(pem).encode())
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == 2_048
    public.verify(signature, policy.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    parley.aws.reset()
    parley.request(bob, "GET /chats/{chatId}/media/{mediaId}", path=path)
    assert "GetSecretValue" not in parley.aws.operations()


class CloudFormation(HTTPServer):
    """Waits for answers to custom resources."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.answers: list[dict[str, Any]] = []
        self.content_types: list[str] = []


class _Answers(BaseHTTPRequestHandler):
    server: CloudFormation

    def do_PUT(self) -> None:
        self.server.content_types.append(self.headers["Content-Type"])
        self.server.answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    """CloudFormation, waiting."""
    with CloudFormation() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(parley: Parley, cloudformation: CloudFormation, kind: str, **more: object) -> dict[str, Any]:
    """Ask the function for a custom resource; its answer."""
    event = {
        "RequestType": kind,
        "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:parley-push-key",
        "ResponseURL": f"http://127.0.0.1:{cloudformation.server_port}/answer?signed",
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/parley/1",
        "RequestId": "request",
        "LogicalResourceId": "ApplicationServerKey",
        "ResourceType": "Custom::SigningKey",
        "ResourceProperties": {"ServiceToken": "arn", "ServiceTimeout": "60", "Name": "/parley/push/key"},
    }
    parley.entries["push_key"].handler({**event, **more}, None)
    answer = cloudformation.answers[-1]
    assert (answer["RequestId"], answer["LogicalResourceId"]) == ("request", "ApplicationServerKey")
    assert answer["StackId"] == event["StackId"]
    assert cloudformation.content_types[-1] == ""
    return answer


def test_custom_resource_makes_one_key_however_often_it_is_asked(
    parley: Parley, cloudformation: CloudFormation
) -> None:
    """CloudFormation may ask again; only the public half leaves."""
    parley.aws.files.parameters.clear()
    first = ask(parley, cloudformation, "Create")
    again = ask(parley, cloudformation, "Update", PhysicalResourceId=first["PhysicalResourceId"])
    assert first == again
    assert (first["Status"], first["PhysicalResourceId"]) == ("SUCCESS", "/parley/push/key")
    private = parley.aws.files.parameters["/parley/push/key"]
    assert first["Data"] == {"PublicKey": EcKeyPairs().public_half(private)}
    assert "PRIVATE" not in json.dumps(cloudformation.answers)


def test_custom_resource_removes_its_key(parley: Parley, cloudformation: CloudFormation) -> None:
    """Also one that is gone already."""
    made = ask(parley, cloudformation, "Create")
    for _ in range(2):
        answer = ask(parley, cloudformation, "Delete", PhysicalResourceId=made["PhysicalResourceId"])
        assert answer["Status"] == "SUCCESS"
    assert "/parley/push/key" not in parley.aws.files.parameters


def test_custom_resource_that_fails_says_so_and_can_be_removed(
    parley: Parley, cloudformation: CloudFormation
) -> None:
    """CloudFormation must not wait for an hour, and its clean-up must not fail in turn."""
    failed = ask(parley, cloudformation, "Create", ResourceProperties={})
    assert (failed["Status"], failed["PhysicalResourceId"]) == ("FAILED", NOT_MADE)
    assert failed["Reason"]
    parley.aws.reset()
    removed = ask(parley, cloudformation, "Delete", PhysicalResourceId=NOT_MADE)
    assert removed["Status"] == "SUCCESS"
    assert parley.aws.operations() == []


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_form_is_for_the_buckets_own_host_in_its_region(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    """The web site's policy names that host, and a global one sends the browser on to another for a while."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    form = MediaBucket(sdk.s3.__wrapped__(), "media-bucket").form("uploads/x", "image/png", 1, 60)
    assert form.url == f"https://media-bucket.s3.{region}.amazonaws.com/"
