"""Bad input of every kind: its error of the catalogue, one clear sentence, and nothing changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chat.domain import TEXT_LIMIT
from chat.errors import CATALOGUE
from tests.handlers.support.gateway_events import Person, http_event
from tests.handlers.support.service import drafts, send_frame

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

ALICE = Person("alice")
CHAT = f"dm:{ALICE.user_id}:zzz"
SEND = send_frame(CHAT, 0, "hi")
GET = {"action": "getMessages", "chatId": CHAT}
POST = {"after": 0, "messages": drafts("hi")}
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "POST", "DELETE"}

FRAMES: list[tuple[str, Any, str]] = [
    ("$default", "nope", "not_json"),
    ("$default", "", "not_json"),
    ("$default", '{"action":"ping"', "not_json"),
    ("$default", '"\\ud800 is half a character"', "not_json"),
    ("$default", "[]", "bad_request"),
    ("$default", "null", "bad_request"),
    ("$default", "{}", "unknown_action"),
    ("$default", '{"action":null}', "unknown_action"),
    ("$default", '{"action":7}', "unknown_action"),
    ("$default", '{"action":"sendmessage"}', "unknown_action"),
    ("ping", {"action": "ping", "text": "hi"}, "bad_request"),
    ("ping", {"action": "ping", "requestId": 7}, "bad_request"),
    ("ping", {"action": "ping", "requestId": ""}, "bad_request"),
    ("ping", {"action": "ping", "requestId": "r" * 65}, "bad_request"),
    ("sendMessage", {"action": "sendMessage"}, "bad_request"),
    ("sendMessage", {**SEND, "senderId": "someone"}, "bad_request"),
    ("sendMessage", {**SEND, "chatId": 7}, "bad_request"),
    ("sendMessage", {**SEND, "chatId": ""}, "bad_request"),
    ("sendMessage", {**SEND, "chatId": "c" * 161}, "bad_request"),
    ("sendMessage", {**SEND, "chatId": "dm:a:b"}, "unknown_chat"),
    ("sendMessage", {**SEND, "chatId": f"dm:zzz:{ALICE.user_id}"}, "unknown_chat"),
    ("sendMessage", SEND, "unknown_chat"),
    ("sendMessage", {**SEND, "after": -1}, "bad_request"),
    ("sendMessage", {**SEND, "after": 2**53}, "bad_request"),
    ("sendMessage", {**SEND, "after": 1.5}, "bad_request"),
    ("sendMessage", {**SEND, "after": "0"}, "bad_request"),
    ("sendMessage", {**SEND, "after": None}, "bad_request"),
    ("sendMessage", {**SEND, "messages": []}, "bad_request"),
    ("sendMessage", {**SEND, "messages": drafts(*["hi"] * 26)}, "bad_request"),
    ("sendMessage", {**SEND, "messages": drafts("hi") * 2}, "bad_request"),
    ("sendMessage", {**SEND, "messages": drafts("")}, "bad_request"),
    ("sendMessage", {**SEND, "messages": drafts("x" * (TEXT_LIMIT + 1))}, "bad_request"),
    ("sendMessage", {**SEND, "messages": [{**drafts("hi")[0], "seq": 1}]}, "bad_request"),
    ("sendMessage", {**SEND, "messages": [{"text": "hi"}]}, "bad_request"),
    ("sendMessage", {**SEND, "messages": [{"id": "not-a-ulid", "text": "hi"}]}, "bad_request"),
    ("sendMessage", {**SEND, "messages": [{"id": "8" + "0" * 25, "text": "hi"}]}, "bad_request"),
    ("sendMessage", {**SEND, "messages": [{"id": "0" * 26 + "\n", "text": "hi"}]}, "bad_request"),
    ("getMessages", {**GET, "after": 0, "before": 5}, "bad_request"),
    ("getMessages", {**GET, "limit": 0}, "bad_request"),
    ("getMessages", {**GET, "limit": 101}, "bad_request"),
    ("getMessages", GET, "unknown_chat"),
    ("sync", {"action": "sync", "chats": {CHAT: -1}}, "bad_request"),
    ("sync", {"action": "sync", "chats": {CHAT: 0}}, "unknown_chat"),
    ("sync", {"action": "sync", "chats": {f"dm:{n}:x": 0 for n in range(101)}}, "bad_request"),
    ("getUsers", {"action": "getUsers", "q": "a"}, "bad_request"),
    ("getUsers", {"action": "getUsers", "q": "a" * 65}, "bad_request"),
    ("getUsers", {"action": "getUsers", "q": "al", "limit": 51}, "bad_request"),
]

REQUESTS: list[tuple[str, Any, dict[str, str] | None, str]] = [
    ("POST /tickets", None, {"userId": "someone"}, "bad_request"),
    ("POST /chats", None, None, "not_json"),
    ("POST /chats", {"kind": "direct", "userId": "x"}, {"userId": "someone"}, "bad_request"),
    ("POST /chats", "nope", None, "not_json"),
    ("POST /chats", {"kind": "group", "userId": "x"}, None, "bad_request"),
    ("POST /chats", {"kind": "direct"}, None, "bad_request"),
    ("POST /chats", {"kind": "direct", "userId": "a:b"}, None, "bad_request"),
    ("POST /chats", {"kind": "direct", "userId": "x", "as": "someone"}, None, "bad_request"),
    ("POST /chats", {"kind": "direct", "userId": "nobody-at-all"}, None, "unknown_user"),
    ("POST /chats", {"kind": "direct", "userId": ALICE.user_id}, None, "own_chat"),
    ("GET /chats", None, {"limit": "101"}, "bad_request"),
    ("GET /chats", None, {"limit": "x"}, "bad_request"),
    ("GET /chats", None, {"userId": "someone"}, "bad_request"),
    ("GET /chats/{chatId}", None, {"userId": "someone"}, "bad_request"),
    ("GET /chats/{chatId}", None, None, "unknown_chat"),
    ("GET /chats/{chatId}/messages", None, {"after": "0", "before": "5"}, "bad_request"),
    ("GET /chats/{chatId}/messages", None, {"after": "-1"}, "bad_request"),
    ("GET /chats/{chatId}/messages", None, None, "unknown_chat"),
    ("POST /chats/{chatId}/messages", {**POST, "chatId": CHAT}, None, "bad_request"),
    ("POST /chats/{chatId}/messages", {**POST, "messages": drafts(*["hi"] * 26)}, None, "bad_request"),
    ("POST /chats/{chatId}/messages", {**POST, "messages": drafts("hi") * 2}, None, "bad_request"),
    ("POST /chats/{chatId}/messages", POST, None, "unknown_chat"),
    ("GET /users", None, None, "bad_request"),
    ("GET /users", None, {"q": "a"}, "bad_request"),
    ("GET /users/me", None, {"userId": "someone"}, "bad_request"),
    ("PATCH /users/me", {"displayName": "A"}, {"userId": "someone"}, "bad_request"),
    ("PATCH /users/me", {"displayName": ""}, None, "bad_request"),
    ("PATCH /users/me", {"displayName": "   "}, None, "bad_request"),
    ("PATCH /users/me", {"displayName": "x" * 65}, None, "bad_request"),
    ("PATCH /users/me", {"username": "admin"}, None, "bad_request"),
]


def assert_catalogued(error: dict[str, Any], code: str) -> None:
    """The catalogue's code and verdicts, and one sentence."""
    entry = CATALOGUE[code]
    assert (error["code"], error["retryable"], error["definite"]) == (code, entry.retryable, entry.definite)
    assert error["message"].endswith(".")
    assert len(error["message"]) < 400


@pytest.mark.parametrize(("route", "frame", "code"), FRAMES)
def test_bad_frame_gets_its_error_and_changes_nothing(
    parley: Parley, route: str, frame: dict[str, Any] | str, code: str
) -> None:
    """Nothing is written, nothing is pushed, and the answer names the frame where it can."""
    if isinstance(frame, dict):
        frame = {"requestId": "r1", **frame}
    error = parley.frame(ALICE, frame, route)
    assert error["type"] == "error"
    assert_catalogued(error, code)
    if isinstance(frame, dict) and frame["requestId"] == "r1":
        assert error["requestId"] == "r1"
    assert WRITES.isdisjoint(parley.aws.operations())


@pytest.mark.parametrize(("route", "body", "query", "code"), REQUESTS)
def test_bad_request_gets_its_error_and_changes_nothing(
    parley: Parley,
    route: str,
    body: object,
    query: dict[str, str] | None,
    code: str,
) -> None:
    """The catalogue's status with it; only the caller's own profile may come into being."""
    path = {"chatId": CHAT} if "{chatId}" in route else None
    status, answer = parley.request(ALICE, route, body, path=path, query=query)
    assert status == CATALOGUE[code].status
    assert list(answer) == ["error"]
    assert_catalogued(answer["error"], code)
    writes = [call for call in parley.aws.calls if call.operation in WRITES]
    assert all(call.body["TableName"] == "users" and call.operation == "PutItem" for call in writes)


def test_body_that_is_not_what_its_encoding_says_is_not_json(parley: Parley) -> None:
    """Neither bad base 64 nor bad UTF-8 is a fault of ours."""
    for body in ("%%%", "//79"):
        event = {**http_event(ALICE, "PATCH /users/me", body), "isBase64Encoded": True}
        response = parley.invoke("users", event)
        assert response["statusCode"] == 400
        assert json.loads(response["body"])["error"]["code"] == "not_json"


def test_bad_after_in_an_existing_chat_changes_nothing(parley: Parley) -> None:
    """A hole would break every reader."""
    bob = Person("bob")
    chat_id = parley.chat(ALICE, bob)
    parley.aws.reset()
    assert_catalogued(parley.frame(ALICE, send_frame(chat_id, 3, "hi")), "bad_after")
    assert WRITES.isdisjoint(parley.aws.operations())
    assert parley.frame(ALICE, {"action": "getMessages", "chatId": chat_id})["messages"] == []


def test_text_of_the_greatest_length_is_taken(parley: Parley) -> None:
    """The limit is in characters, whatever they take in bytes."""
    bob = Person("bob")
    chat_id = parley.chat(ALICE, bob)
    text = "\U0001f600" * TEXT_LIMIT
    assert parley.frame(ALICE, send_frame(chat_id, 0, text))["type"] == "ack"
    assert parley.frame(bob, {"action": "getMessages", "chatId": chat_id})["messages"][0]["text"] == text
