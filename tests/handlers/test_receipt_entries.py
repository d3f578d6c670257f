"""Receipts, unread counts, presence and typing, from API Gateway's events to the tables' items and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ulid import ULID

from chat.adapters import aws as aws_clients
from chat.adapters.presence import LastSeenTable
from chat.adapters.receipts import ReceiptsTable
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from chat.domain import Mark
    from tests.handlers.support.service import Parley


@pytest.fixture
def chat_id(parley: Parley, alice: Person, bob: Person) -> str:
    """Their chat, with three messages of Alice's; both are connected."""
    parley.connect(alice, bob)
    chat_id = parley.chat(alice, bob)
    parley.frame(alice, send_frame(chat_id, 0, "1", "2", "3"))
    parley.aws.reset()
    return chat_id


def mark(action: str, chat_id: str, seq: int) -> dict[str, object]:
    """A markDelivered or markRead frame."""
    return {"action": action, "requestId": "r1", "chatId": chat_id, "seq": seq}


def test_receipt_is_answered_and_pushed_alike(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """Delivered first, then read; the other way round nothing goes back."""
    receipt = {"type": "receipt", "chatId": chat_id, "userId": bob.user_id, "deliveredSeq": 3, "readSeq": 0}
    answered = {**receipt, "requestId": "r1"}
    assert parley.frame(bob, mark("markDelivered", chat_id, 3)) == answered
    assert parley.frame(bob, mark("markRead", chat_id, 2)) == {**answered, "readSeq": 2}
    assert parley.frame(bob, mark("markRead", chat_id, 1)) == {**answered, "readSeq": 2}
    assert parley.frame(bob, mark("markDelivered", chat_id, 1)) == {**answered, "readSeq": 2}
    assert parley.aws.frames(alice.connection_id) == [receipt, {**receipt, "readSeq": 2}]
    assert parley.aws.frames(bob.connection_id) == []


def test_receipt_over_http_reaches_all_devices(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """The same marks; the user's own connection too, since none is answered."""
    body = {"deliveredSeq": 3, "readSeq": 1}
    route, path = "PUT /chats/{chatId}/watermarks", {"chatId": chat_id}
    answer = {"chatId": chat_id, "userId": bob.user_id, **body}
    assert parley.request(bob, route, body, path=path) == (200, answer)
    pushed = [{"type": "receipt", **answer}]
    assert parley.aws.frames(alice.connection_id) == parley.aws.frames(bob.connection_id) == pushed
    assert parley.request(bob, route, {"readSeq": 4}, path=path)[0] == 404
    for nonsense in ({}, {"readSeq": -1}, {"readSeq": "1"}, {"userId": alice.user_id, "readSeq": 1}):
        status, refused = parley.request(bob, route, nonsense, path=path)
        assert (status, refused["error"]["code"]) == (400, "bad_request")


def test_unread_is_counted_for_all_chats_at_once(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """To the message, across whatever devices they were read on."""
    other = parley.chat(bob, Person("carol"))
    parley.frame(bob, mark("markRead", chat_id, 1))
    status, counts = parley.request(bob, "GET /unread")
    assert status == 200
    assert counts["total"] == 2
    assert counts["chats"] == sorted(
        [
            {"chatId": chat_id, "lastSeq": 3, "readSeq": 1, "unread": 2},
            {"chatId": other, "lastSeq": 0, "readSeq": 0, "unread": 0},
        ],
        key=lambda chat: str(chat["chatId"]),
    )
    assert parley.request(alice, "GET /unread")[1]["total"] == 3


def test_stranger_marks_no_chat_and_makes_no_member(
    parley: Parley, chat_id: str, dynamodb: DynamoDBClient, bob: Person
) -> None:
    """The update's condition keeps it from creating the item of someone who is no member."""
    mallory = Person("mallory")
    for seq in (1, 9):
        refused = parley.frame(mallory, mark("markRead", chat_id, seq))
        assert (refused["code"], refused["chatId"]) == ("unknown_chat", chat_id)
    key = {"chatId": {"S": chat_id}, "sk": {"S": f"MEMBER#{mallory.user_id}"}}
    assert "Item" not in dynamodb.get_item(TableName="chats", Key=key)
    assert parley.aws.frames(bob.connection_id) == []


def test_presence_is_the_same_over_both_apis(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """Bob is there until his connection closes."""
    frame = {"action": "getPresence", "requestId": "r1", "chatId": chat_id}
    seen = {"chatId": chat_id, "users": [{"userId": bob.user_id, "online": True}]}
    assert parley.frame(alice, frame) == {"type": "presence", "requestId": "r1", **seen}
    route, path = "GET /chats/{chatId}/presence", {"chatId": chat_id}
    assert parley.request(alice, route, path=path) == (200, seen)
    assert parley.request(Person("mallory"), route, path=path)[0] == 404
    assert parley.frame(Person("mallory"), frame)["code"] == "unknown_chat"


def test_group_is_read_once_for_whom_a_receipt_or_presence_concerns(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """One BatchGetItem more than in a direct chat: a mark and a look at presence in a group."""
    for person in (alice, bob):
        parley.request(person, "GET /users/me")
    body = {"kind": "group", "id": str(ULID()), "name": "Club", "memberIds": [bob.user_id]}
    chat_id = str(parley.request(alice, "POST /chats", body)[1]["chatId"])
    parley.connect(bob)
    parley.frame(alice, send_frame(chat_id, 0, "1"))
    parley.aws.reset()
    assert parley.frame(alice, mark("markRead", chat_id, 1))["readSeq"] == 1
    assert parley.aws.operations() == ["UpdateItem", "BatchGetItem", "BatchGetItem", "POST"]
    assert parley.aws.frames(bob.connection_id)[-1]["userId"] == alice.user_id
    parley.aws.reset()
    seen = parley.frame(alice, {"action": "getPresence", "requestId": "r1", "chatId": chat_id})
    assert seen["users"] == [{"userId": bob.user_id, "online": True}]
    assert parley.aws.operations() == ["BatchGetItem"] * 3


def test_marks_say_by_which_change_their_member_came(parley: Parley, alice: Person, bob: Person) -> None:
    """Who comes back begins at 0, and says so: receipts, the list of members and the chat agree."""
    for person in (alice, bob):
        parley.request(person, "GET /users/me")
    body = {"kind": "group", "id": str(ULID()), "name": "Club", "memberIds": [bob.user_id]}
    chat_id = str(parley.request(alice, "POST /chats", body)[1]["chatId"])
    parley.connect(alice)
    parley.frame(alice, send_frame(chat_id, 0, "1", "2"))
    assert "memberSince" not in parley.frame(bob, mark("markRead", chat_id, 2))
    member = "/chats/{chatId}/members/{userId}"
    path = {"chatId": chat_id, "userId": bob.user_id}
    for method in ("DELETE", "PUT"):
        parley.request(alice, f"{method} {member}", {}, path=path)
    marks = {"deliveredSeq": 1, "readSeq": 0, "memberSince": 2}
    assert parley.frame(bob, mark("markDelivered", chat_id, 1)).items() >= marks.items()
    assert parley.aws.frames(alice.connection_id)[-1].items() >= marks.items()
    in_chat = {"path": {"chatId": chat_id}}
    listed = parley.request(alice, "GET /chats/{chatId}/members", **in_chat)[1]["members"]
    (listed_bob,) = (member for member in listed if member["userId"] == bob.user_id)
    assert listed_bob.items() >= marks.items()
    assert parley.request(bob, "GET /chats/{chatId}", **in_chat)[1].items() >= marks.items()


def test_typing_is_relayed_and_never_stored(parley: Parley, chat_id: str, alice: Person, bob: Person) -> None:
    """No write of any kind."""
    answer = parley.frame(alice, {"action": "typing", "requestId": "r1", "chatId": chat_id})
    (pushed,) = parley.aws.frames(bob.connection_id)
    assert answer == {**pushed, "requestId": "r1"}
    assert (pushed["type"], pushed["userId"]) == ("typing", alice.user_id)
    assert set(parley.aws.operations()) <= {"GetItem", "BatchGetItem", "POST"}


@pytest.mark.parametrize(
    ("first", "then", "moves"),
    [
        (("delivered", 3), ("delivered", 2), False),
        (("delivered", 3), ("read", 2), True),
        (("read", 3), ("read", 3), False),
        (("read", 3), ("delivered", 2), False),
        (("read", 3), ("delivered", 3), False),
        (("read", 3), ("delivered", 4), True),
        (("read", 0), ("delivered", 0), False),
    ],
)
def test_mark_moves_only_above_what_stands(
    parley: Parley, chat_id: str, bob: Person, first: tuple[Mark, int], then: tuple[Mark, int], moves: bool
) -> None:
    """What is read is delivered, though nobody has said so."""
    assert parley.aws.calls == []
    table = ReceiptsTable(aws_clients.dynamodb(), "chats")
    before = table.advance(chat_id, bob.user_id, *first)
    after = table.advance(chat_id, bob.user_id, *then)
    assert before is not None
    assert after is not None
    assert after[1] is moves
    assert (after[0] != before[0]) is moves


def test_presence_is_news_once_and_kept_with_the_profile_alone(
    parley: Parley, dynamodb: DynamoDBClient, alice: Person
) -> None:
    """Who has no profile, as after a deletion, does not come back by leaving."""
    table, ghost = LastSeenTable(aws_clients.dynamodb(), "users"), Person("ghost")
    parley.request(alice, "GET /users/me")
    assert table.of_users([alice.user_id]) == {}
    assert not table.come(ghost.user_id)
    assert not table.leave(ghost.user_id, "2026-11-21T08:00:00.000Z")
    assert [table.come(alice.user_id) for _ in range(2)] == [True, False]
    assert [table.leave(alice.user_id, "2026-11-21T08:00:00.000Z") for _ in range(2)] == [True, False]
    assert table.of_users([alice.user_id, ghost.user_id]) == {alice.user_id: "2026-11-21T08:00:00.000Z"}
    assert "Item" not in dynamodb.get_item(TableName="users", Key={"userId": {"S": ghost.user_id}})
