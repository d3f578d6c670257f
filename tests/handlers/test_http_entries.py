"""The HTTP API's entries, from API Gateway's events to the table's items and back."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from chat import http
from chat.errors import CATALOGUE, ChatError
from tests.handlers.support.gateway_events import Person, http_event
from tests.handlers.support.recording_aws import Answer
from tests.handlers.support.service import drafts, send_frame

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley

MESSAGES = "GET /chats/{chatId}/messages"
UNKNOWN_CHAT = {"message": CATALOGUE["unknown_chat"].message}
POST_MESSAGES = "POST /chats/{chatId}/messages"


def test_profile_comes_into_being_at_the_first_authenticated_call(
    parley: Parley, dynamodb: DynamoDBClient
) -> None:
    """With what the token says, and what search needs."""
    dora = Person("Dora")
    assert parley.request(dora, "POST /tickets")[0] == 200
    item = dynamodb.get_item(TableName="users", Key={"userId": {"S": dora.user_id}})["Item"]
    assert item.pop("createdAt")["S"].endswith("Z")
    assert item == {
        "userId": {"S": dora.user_id},
        "username": {"S": "Dora"},
        "usernameLower": {"S": "dora"},
        "usernamePrefix": {"S": "do"},
    }


def test_ticket_is_stored_as_a_digest_with_the_tokens_end(parley: Parley, dynamodb: DynamoDBClient) -> None:
    """Who reads the table cannot connect."""
    dora = Person("Dora")
    _, issued = parley.request(dora, "POST /tickets")
    (call,) = [call for call in parley.aws.calls if call.body["TableName"] == "tickets"]
    assert issued["ticket"] not in json.dumps(call.body)
    item = dynamodb.get_item(TableName="tickets", Key={"ticket": call.body["Item"]["ticket"]})["Item"]
    assert (item["userId"]["S"], item["tokenExpiresAt"]["N"]) == (dora.user_id, str(dora.token_expires_at))


def test_own_profile_is_read_and_changed(parley: Parley) -> None:
    """Only one's own has a route, and identity comes from the token alone."""
    dora = Person("Dora")
    profile = {"userId": dora.user_id, "username": "Dora"}
    assert parley.request(dora, "GET /users/me") == (200, profile)
    renamed = {**profile, "displayName": "Dora D."}
    assert parley.request(dora, "PATCH /users/me", {"displayName": "Dora D."}) == (200, renamed)
    assert parley.request(dora, "GET /users/me") == (200, renamed)


def test_direct_chat_is_created_once_listed_and_described(parley: Parley) -> None:
    """201 and then 200; the same chat from both sides."""
    alice, bob = Person("alice"), Person("bob")
    parley.request(bob, "GET /users/me")
    status, created = parley.request(alice, "POST /chats", {"kind": "direct", "userId": bob.user_id})
    assert status == 201
    chat_id = created["chatId"]
    assert created == {
        "chatId": chat_id,
        "kind": "direct",
        "otherMember": {"userId": bob.user_id, "username": "bob"},
        "role": "member",
        "lastSeq": 0,
        "lastChange": 0,
        "visibleAfter": 0,
        "readSeq": 0,
        "deliveredSeq": 0,
        "unread": 0,
    }
    status, again = parley.request(bob, "POST /chats", {"kind": "direct", "userId": alice.user_id})
    assert (status, again["chatId"]) == (200, chat_id)
    parley.frame(alice, send_frame(chat_id, 0, "hi"))
    status, listed = parley.request(bob, "GET /chats")
    assert status == 200
    (chat,) = listed["chats"]
    assert "next" not in listed
    assert (chat["lastSeq"], chat["lastMessage"]["text"]) == (1, "hi")
    assert parley.request(bob, "GET /chats/{chatId}", path={"chatId": chat_id}) == (200, chat)


def test_chats_are_listed_page_by_page(parley: Parley) -> None:
    """The cursor of a page leads to the next."""
    alice, others = Person("alice"), [Person(f"other{number}") for number in range(3)]
    chat_ids = sorted(parley.chat(alice, other) for other in others)
    _, first = parley.request(alice, "GET /chats", query={"limit": "2"})
    _, second = parley.request(alice, "GET /chats", query={"limit": "2", "cursor": first["next"]})
    assert [chat["chatId"] for chat in first["chats"] + second["chats"]] == chat_ids
    assert "next" not in second


def test_two_creating_the_chat_at_the_same_moment_both_get_it(parley: Parley) -> None:
    """A transaction that met another is tried again."""
    alice, bob = Person("alice"), Person("bob")
    parley.request(bob, "GET /users/me")
    reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}]
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    canceled = {"__type": kind, "message": "canceled", "CancellationReasons": reasons}
    parley.aws.answer_once("TransactWriteItems", Answer(400, canceled))
    assert parley.request(alice, "POST /chats", {"kind": "direct", "userId": bob.user_id})[0] == 201


def test_messages_are_sent_and_read_as_over_the_socket(parley: Parley) -> None:
    """The same results for the same rights; every device of the sender is told."""
    alice, bob = Person("alice"), Person("bob")
    chat_id = parley.chat(alice, bob)
    parley.connect(alice, bob)
    body = {"after": 0, "messages": drafts("1", "2")}
    path = {"chatId": chat_id}
    status, ack = parley.request(alice, POST_MESSAGES, body, path=path)
    assert status == 200
    assert [message["seq"] for message in ack["messages"]] == [1, 2]
    assert (ack["chatId"], ack["missed"], "type" in ack) == (chat_id, [], False)
    assert parley.request(alice, POST_MESSAGES, body, path=path) == (200, ack)
    for person in (alice, bob):
        assert [pushed["message"]["seq"] for pushed in parley.aws.frames(person.connection_id)][:2] == [1, 2]
    over_socket = parley.frame(bob, {"action": "getMessages", "chatId": chat_id, "before": 2, "limit": 1})
    status, over_http = parley.request(bob, MESSAGES, path=path, query={"before": "2", "limit": "1"})
    assert status == 200
    assert {"type": "messages", **over_http} == over_socket


def test_stranger_gets_the_same_answer_for_a_chat_and_for_none(parley: Parley) -> None:
    """Read, describe, send: only members learn that a chat exists."""
    alice, bob, eve = Person("alice"), Person("bob"), Person("eve")
    chat_id = parley.chat(alice, bob)
    nobody = f"dm:{Person().user_id}:{Person().user_id}"
    body = {"after": 0, "messages": drafts("x")}
    for route, sent in ((MESSAGES, None), ("GET /chats/{chatId}", None), (POST_MESSAGES, body)):
        for asked in (chat_id, nobody, "x", f"dm:{eve.user_id}:{'x' * 3_000}"):
            status, answer = parley.request(eve, route, sent, path={"chatId": asked})
            refusal = {
                "code": "unknown_chat",
                **UNKNOWN_CHAT,
                "retryable": False,
                "definite": True,
                "chatId": asked,
            }
            assert (status, answer) == (404, {"error": refusal})
    for frame in (
        send_frame(chat_id, 0, "x"),
        {"action": "getMessages", "chatId": chat_id},
        {"action": "sync", "chats": {chat_id: 0}},
    ):
        refused = parley.frame(eve, frame)
        assert (refused["type"], refused["code"], refused["definite"]) == ("error", "unknown_chat", True)


def test_token_that_names_nobody_is_refused(parley: Parley) -> None:
    """An id token has no `username`: 401, and nothing is read or written."""
    event = http_event(Person(), "GET /users/me")
    del event["requestContext"]["authorizer"]["jwt"]["claims"]["username"]
    response = parley.invoke("users", event)
    assert response["statusCode"] == 401
    assert json.loads(response["body"])["error"]["code"] == "unauthenticated"
    assert parley.aws.calls == []


@pytest.mark.parametrize(("retry_after_ms", "header"), [(1, "1"), (1_000, "1"), (1_201, "2"), (0, None)])
def test_error_that_says_how_long_to_wait_has_the_header_of_it(
    retry_after_ms: int, header: str | None
) -> None:
    """In whole seconds, never too few; any other error has none."""

    def refuse(_request: http.Request) -> http.Response:
        raise ChatError("too_many_requests", retry_after_ms=retry_after_ms)

    handler = http.routes({"GET /chats": refuse}, lambda _identity: None)
    response = handler(http_event(Person("alice"), "GET /chats"), None)
    assert response["statusCode"] == 429
    assert response["headers"].get("retry-after") == header
    assert json.loads(response["body"])["error"].get("retryAfterMs", 0) == retry_after_ms


def test_body_in_base64_is_read_as_what_it_encodes(parley: Parley) -> None:
    """API Gateway encodes bodies of content types that it does not take for text."""
    dora = Person("Dora")
    event = http_event(dora, "PATCH /users/me", base64.b64encode(b'{"displayName":"D"}').decode())
    event["isBase64Encoded"] = True
    assert json.loads(parley.invoke("users", event)["body"])["displayName"] == "D"


def test_forged_identity_in_body_or_query_is_refused(parley: Parley) -> None:
    """There is no field for it."""
    alice, bob = Person("alice"), Person("bob")
    chat_id = parley.chat(alice, bob)
    forged = {"after": 0, "messages": drafts("x"), "senderId": bob.user_id}
    for body, query in ((forged, None), (None, {"userId": bob.user_id})):
        route = POST_MESSAGES if body else MESSAGES
        status, answer = parley.request(alice, route, body, path={"chatId": chat_id}, query=query)
        assert (status, answer["error"]["code"]) == (400, "bad_request")
    frame = {**send_frame(chat_id, 0, "x"), "userId": bob.user_id}
    assert parley.frame(alice, frame)["code"] == "bad_request"


def test_fault_of_the_table_is_a_retryable_error_without_its_details(parley: Parley) -> None:
    """500, in the catalogue's words."""
    dora = Person("Dora")
    parley.request(dora, "GET /users/me")
    denied = {"__type": "AccessDeniedException", "message": "arn:aws:iam::1:role/x may not"}
    parley.aws.answer_once("GetItem", Answer(400, denied))
    status, answer = parley.request(dora, "GET /users/me")
    assert status == 500
    assert (answer["error"]["code"], answer["error"]["retryable"]) == ("internal", True)
    assert "arn" not in json.dumps(answer)
