"""The WebSocket's entries, from API Gateway's events to the table's items and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.handlers.support.gateway_events import Person, authorizer_event, socket_event
from tests.handlers.support.recording_aws import Answer
from tests.handlers.support.service import drafts, send_frame

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley


def test_message_is_acked_and_reaches_every_other_device(parley: Parley, alice: Person, bob: Person) -> None:
    """The core of the protocol, word for word."""
    tablet = Person(alice.username, alice.user_id)
    parley.connect(alice, tablet, bob)
    chat_id = parley.chat(alice, bob)
    frame = send_frame(chat_id, 0, "hi")
    ack = parley.frame(alice, frame)
    id_, sent_at = frame["messages"][0]["id"], ack["messages"][0]["sentAt"]
    assert ack == {
        "type": "ack",
        "requestId": "r1",
        "chatId": chat_id,
        "messages": [{"id": id_, "seq": 1, "sentAt": sent_at}],
        "missed": [],
    }
    message = {"id": id_, "seq": 1, "senderId": alice.user_id, "sentAt": sent_at, "text": "hi"}
    pushed = {"type": "message", "chatId": chat_id, "message": message}
    assert parley.aws.frames(bob.connection_id) == [pushed]
    assert parley.aws.frames(tablet.connection_id) == [pushed]
    assert parley.aws.frames(alice.connection_id) == []


def test_message_is_the_same_live_from_history_and_from_sync(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """One order for everyone."""
    chat_id = parley.chat(alice, bob)
    parley.connect(bob)
    parley.frame(alice, send_frame(chat_id, 0, "1", "2"))
    parley.frame(bob, send_frame(chat_id, 0, "3"))
    history = parley.frame(bob, {"action": "getMessages", "requestId": "r2", "chatId": chat_id, "after": 0})
    assert [message["text"] for message in history["messages"]] == ["1", "2", "3"]
    assert (history["type"], history["requestId"], history["hasMore"]) == ("messages", "r2", False)
    synced = parley.frame(alice, {"action": "sync", "requestId": "r3", "chats": {chat_id: 0}})
    page = {"chatId": chat_id, "messages": history["messages"], "hasMore": False}
    assert synced == {"type": "sync", "requestId": "r3", "chats": [page]}
    live = [frame["message"] for frame in parley.aws.frames(bob.connection_id)]
    assert live == history["messages"][:2]


def test_retry_from_another_connection_makes_no_second_message(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Acked with the first one's number; pushed again, as the first attempt may not have come to that."""
    chat_id = parley.chat(alice, bob)
    parley.connect(bob)
    frame = send_frame(chat_id, 0, "hi")
    first = parley.frame(alice, frame)
    assert parley.frame(Person(alice.username, alice.user_id), frame) == first
    history = parley.frame(bob, {"action": "getMessages", "chatId": chat_id})
    assert len(history["messages"]) == 1
    assert [pushed["message"]["seq"] for pushed in parley.aws.frames(bob.connection_id)] == [1, 1]


def test_put_whose_response_was_lost_is_acked_once(parley: Parley, alice: Person, bob: Person) -> None:
    """The SDK repeats the put, which now finds its own message there."""
    chat_id = parley.chat(alice, bob)
    parley.aws.answer_once("PutItem", Answer(500, after=True))
    ack = parley.frame(alice, send_frame(chat_id, 0, "hi"))
    assert ack["messages"][0]["seq"] == 1
    assert ack["missed"] == []
    assert len(parley.frame(alice, {"action": "getMessages", "chatId": chat_id})["messages"]) == 1


def test_fault_after_part_of_a_frame_is_retryable_and_the_retry_acks_all_once(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """What landed is pushed even so; the error says that it may have had effect."""
    chat_id = parley.chat(alice, bob)
    parley.connect(bob)
    parley.frame(alice, send_frame(chat_id, 0, "0"))
    frame = send_frame(chat_id, 1, "1", "2", "3")
    parley.aws.reset()
    parley.aws.answer_once("PutItem", Answer(200, after=True))
    denied = {"__type": "com.amazon.coral.service#AccessDeniedException", "message": "no"}
    parley.aws.answer_once("PutItem", Answer(400, denied))
    error = parley.frame(alice, frame)
    assert (error["type"], error["code"], error["retryable"], error["definite"]) == (
        "error", "internal", True, False,
    )  # fmt: skip
    assert [pushed["message"]["text"] for pushed in parley.aws.frames(bob.connection_id)] == ["1"]
    assert [message["seq"] for message in parley.frame(alice, frame)["messages"]] == [2, 3, 4]


def test_gone_recipient_is_forgotten_and_the_other_still_reached(
    parley: Parley, dynamodb: DynamoDBClient, alice: Person, bob: Person
) -> None:
    """410 takes one attribute from one item; 403 takes none and fails nothing."""
    phone, laptop = Person(bob.username, bob.user_id), Person(bob.username, bob.user_id)
    parley.connect(alice, bob, phone, laptop)
    chat_id = parley.chat(alice, bob)
    parley.aws.gone.add(bob.connection_id)
    parley.aws.failing.add(phone.connection_id)
    assert parley.frame(alice, send_frame(chat_id, 0, "hi"))["type"] == "ack"
    assert len(parley.aws.frames(laptop.connection_id)) == 1
    item = dynamodb.get_item(TableName="connections", Key={"userId": {"S": bob.user_id}})["Item"]
    assert set(item) == {"userId", "expiresAt", phone.connection_id, laptop.connection_id}
    assert (
        alice.connection_id
        in dynamodb.get_item(TableName="connections", Key={"userId": {"S": alice.user_id}})["Item"]
    )


def test_connection_is_registered_with_its_stage_and_end(
    parley: Parley, dynamodb: DynamoDBClient, alice: Person
) -> None:
    """What a push needs, in one attribute named by the connection's id; $disconnect takes it away again."""
    event = socket_event(alice, "$connect", domain_name="example.test/path")
    assert parley.invoke("connect", event) == {"statusCode": 200}
    key = {"userId": {"S": alice.user_id}}
    item = dynamodb.get_item(TableName="connections", Key=key)["Item"]
    assert item[alice.connection_id] == {
        "M": {
            "connectedAt": {"N": "1800000000000"},
            "endpoint": {"S": "http://example.test/path/v1"},
            "region": {"S": "us-east-1"},
            "expiresAt": {"N": str(1_800_000_000 + 7_500)},
        }
    }
    assert item["expiresAt"] == {"N": str(1_800_000_000 + 7_500)}
    assert parley.invoke("disconnect", socket_event(alice, "$disconnect")) == {"statusCode": 200}
    assert set(dynamodb.get_item(TableName="connections", Key=key)["Item"]) == {"userId", "expiresAt"}


def test_disconnect_of_an_unknown_user_leaves_no_item(
    parley: Parley, dynamodb: DynamoDBClient, alice: Person
) -> None:
    """An update would create one that no expiry removes."""
    assert parley.invoke("disconnect", socket_event(alice, "$disconnect")) == {"statusCode": 200}
    assert "Item" not in dynamodb.get_item(TableName="connections", Key={"userId": {"S": alice.user_id}})


def test_connect_that_cannot_be_registered_refuses_the_upgrade(parley: Parley, alice: Person) -> None:
    """A connection that nobody finds would miss every message."""
    parley.aws.answer_once("UpdateItem", Answer(400, {"__type": "AccessDeniedException", "message": "no"}))
    assert parley.invoke("connect", socket_event(alice, "$connect")) == {"statusCode": 500}


@pytest.mark.parametrize("action", ["sendMessage", "getMessages", "sync", "getUsers", "ping", "$default"])
def test_frame_of_an_ended_token_gets_the_error_and_its_connection_is_closed(
    parley: Parley, action: str
) -> None:
    """Every route; the error is posted before the close, since a response would come too late."""
    late = Person(token_expires_at=1_700_000_000)
    answer = parley.frame(late, {"action": action, "requestId": "r9"}, action)
    assert (answer["type"], answer["requestId"], answer["code"]) == ("error", "r9", "token_expired")
    assert parley.aws.operations() == ["POST", "DELETE"]
    assert parley.aws.frames(late.connection_id) == [answer]
    assert parley.aws.calls[1].connection_id == late.connection_id


def test_recipient_whose_token_has_ended_gets_nothing_and_is_closed(
    parley: Parley, dynamodb: DynamoDBClient, alice: Person, bob: Person
) -> None:
    """Listening ends with the token as well."""
    late = Person(bob.username, bob.user_id)
    parley.connect(bob, late)
    dynamodb.update_item(
        TableName="connections",
        Key={"userId": {"S": bob.user_id}},
        UpdateExpression="SET #late.expiresAt = :ended",
        ExpressionAttributeNames={"#late": late.connection_id},
        ExpressionAttributeValues={":ended": {"N": "1700000000"}},
    )
    chat_id = parley.chat(alice, bob)
    parley.frame(alice, send_frame(chat_id, 0, "hi"))
    assert len(parley.aws.frames(bob.connection_id)) == 1
    assert parley.aws.frames(late.connection_id) == []
    assert [call.connection_id for call in parley.aws.calls if call.operation == "DELETE"] == [
        late.connection_id
    ]


def test_ping_is_answered_without_any_request(parley: Parley, alice: Person) -> None:
    """With its request id, where it has one."""
    assert parley.frame(alice, {"action": "ping", "requestId": "r4"}) == {"type": "pong", "requestId": "r4"}
    assert parley.frame(alice, {"action": "ping"}) == {"type": "pong"}
    assert parley.aws.calls == []


def test_users_are_found_by_prefix_in_any_case(parley: Parley) -> None:
    """The same over the socket and over HTTP; one character is not enough to search by."""
    zoe, zora, zack = Person("Zoë-1"), Person("ZORA"), Person("zack")
    for person in (zoe, zora, zack):
        parley.request(person, "GET /users/me")
    found = parley.frame(zoe, {"action": "getUsers", "requestId": "r5", "q": "zO"})
    names = {"users": [{"userId": p.user_id, "username": p.username} for p in (zora, zoe)], "hasMore": False}
    assert found == {"type": "users", "requestId": "r5", **names}
    assert parley.request(zoe, "GET /users", query={"q": "zO"}) == (200, names)
    first = parley.frame(zoe, {"action": "getUsers", "q": "zo", "limit": 1})
    assert [user["username"] for user in first["users"]] == ["ZORA"]
    assert first["hasMore"]


def test_ticket_opens_one_connection_for_whom_it_was_issued(parley: Parley, alice: Person) -> None:
    """The context carries the verified identity; another connection is refused."""
    status, issued = parley.request(alice, "POST /tickets")
    assert status == 200
    event = authorizer_event(ticket=issued["ticket"], userId="someone-else")
    allowed = parley.invoke("authorizer", event)
    assert allowed["principalId"] == alice.user_id
    assert allowed["context"] == {
        "userId": alice.user_id,
        "username": "alice",
        "expiresAt": str(alice.token_expires_at),
        "issuedAt": str(alice.token_issued_at),
    }
    (statement,) = allowed["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", event["methodArn"])
    denied = parley.invoke("authorizer", authorizer_event("another", ticket=issued["ticket"]))
    assert denied["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert denied["context"] == {}


@pytest.mark.parametrize("ticket", ["", "x", "x" * 4_000])
def test_ticket_never_issued_is_denied(parley: Parley, ticket: str) -> None:
    """Whatever its form."""
    denied = parley.invoke("authorizer", authorizer_event(ticket=ticket))
    assert denied["policyDocument"]["Statement"][0]["Effect"] == "Deny"


@pytest.mark.parametrize("name", ["Origin", "origin"])
@pytest.mark.parametrize("origin", ["https://chat.example", "http://localhost:5173"])
def test_page_of_the_site_connects(parley: Parley, alice: Person, name: str, origin: str) -> None:
    """And of those that the stack was told of, however the header is spelt."""
    _, issued = parley.request(alice, "POST /tickets")
    event = authorizer_event(ticket=issued["ticket"], headers={name: origin})
    assert parley.invoke("authorizer", event)["principalId"] == alice.user_id


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://chat.example",
        "https://chat.example.evil.example",
        "null",
        "",
        "x" * 900,
    ],
)
def test_page_of_another_site_is_denied_and_spends_no_ticket(
    parley: Parley, alice: Person, origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log says which site it was, as whoever forgot to admit one has to find out."""
    _, issued = parley.request(alice, "POST /tickets")
    capsys.readouterr()
    event = authorizer_event(ticket=issued["ticket"], headers={"Origin": origin})
    denied = parley.invoke("authorizer", event)
    assert denied["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    told = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (told["event"], told["origin"]) == ("origin_refused", origin[:200])
    allowed = parley.invoke("authorizer", authorizer_event("another", ticket=issued["ticket"]))
    assert allowed["principalId"] == alice.user_id


def test_authorizer_that_cannot_tell_raises(parley: Parley) -> None:
    """A fault of ours is no denial: API Gateway answers 500, and the client tries again."""
    parley.aws.answer_once("UpdateItem", Answer(400, {"__type": "AccessDeniedException", "message": "no"}))
    with pytest.raises(Exception, match=r"^internal"):
        parley.invoke("authorizer", authorizer_event(ticket="x"))


def test_logs_tell_ids_action_outcome_and_never_a_text_or_a_ticket(
    parley: Parley, alice: Person, bob: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """Structured, one line an invocation, from the sender's view and the authorizer's."""
    chat_id = parley.chat(alice, bob)
    _, issued = parley.request(alice, "POST /tickets")
    parley.invoke("authorizer", authorizer_event(ticket=issued["ticket"]))
    capsys.readouterr()
    parley.frame(alice, send_frame(chat_id, 0, "secret words"))
    parley.frame(alice, {"action": "sendMessage", "chatId": chat_id, "after": "secret words"}, "sendMessage")
    parley.invoke("authorizer", authorizer_event("another", ticket=issued["ticket"]))
    printed = capsys.readouterr().out
    assert "secret" not in printed
    assert issued["ticket"] not in printed
    sent, refused, denied = (json.loads(line) for line in printed.splitlines())
    assert sent.pop("durationMs") > 0
    assert sent.pop("time").endswith("Z")
    assert {name: value for name, value in sent.items() if name[0].islower()} == {
        "level": "INFO",
        "event": "invocation",
        "requestId": "Hl5GkHJxIAMFbGw=",
        "connectionId": alice.connection_id,
        "userId": alice.user_id,
        "action": "sendMessage",
        "outcome": "ok",
    }
    assert (refused["outcome"], denied["outcome"]) == ("bad_request", "unauthenticated")
    assert "userId" not in denied


def test_frame_of_25_messages_lands_in_order(parley: Parley, alice: Person, bob: Person) -> None:
    """Pushed in order too."""
    chat_id = parley.chat(alice, bob)
    parley.connect(bob)
    texts = [f"text {number}" for number in range(25)]
    frame = {"action": "sendMessage", "chatId": chat_id, "after": 0, "messages": drafts(*texts)}
    ack = parley.frame(alice, frame)
    assert [message["seq"] for message in ack["messages"]] == list(range(1, 26))
    assert [pushed["message"]["text"] for pushed in parley.aws.frames(bob.connection_id)] == texts
