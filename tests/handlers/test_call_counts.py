"""The cost table of docs/protocol.md: the requests of each operation, counted where they arrive."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from ulid import ULID

from chat.adapters.links import RsaKeyPairs
from tests.handlers.support.clubs import Club
from tests.handlers.support.fakes.keys import link_key_text
from tests.handlers.support.gateway_events import Person, authorizer_event
from tests.handlers.support.service import drafts, send_frame

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

ALICE = Person("alice")


@pytest.fixture
def chat_id(parley: Parley) -> str:
    """A new chat of Alice and a new Bob, both connected once; nothing recorded yet."""
    bob = Person("bob")
    parley.connect(bob)
    chat_id = parley.chat(ALICE, bob)
    parley.aws.reset()
    return chat_id


def test_first_send_to_an_unseen_chat_reads_once_more(parley: Parley, chat_id: str) -> None:
    """One BatchGetItem decides whether there is such a chat."""
    parley.frame(ALICE, send_frame(chat_id, 0, "hi"))
    assert parley.aws.operations() == ["BatchGetItem", "PutItem", "BatchGetItem", "POST"]
    assert list(parley.aws.calls[0].body["RequestItems"]) == ["chats"]


def test_send_after_what_the_environment_has_not_seen_reads_one_item_more(
    parley: Parley, chat_id: str
) -> None:
    """One BatchGetItem over both tables decides on the chat and on `after`."""
    refused = parley.frame(ALICE, send_frame(chat_id, 7, "hi"))
    assert refused["code"] == "bad_after"
    (call,) = parley.aws.calls
    requests = call.body["RequestItems"]
    assert {table: len(request["Keys"]) for table, request in requests.items()} == {"chats": 4, "messages": 1}
    assert all(request["ConsistentRead"] for request in requests.values())


@pytest.mark.parametrize("devices", [1, 2, 5])
def test_warm_send_costs_one_write_one_read_and_a_post_a_device(parley: Parley, devices: int) -> None:
    """The design's table, exactly: the ack is the route response and costs nothing."""
    bob = Person("bob")
    parley.connect(*(Person("bob", bob.user_id) for _ in range(devices)))
    chat_id = parley.chat(ALICE, bob)
    parley.frame(ALICE, send_frame(chat_id, 0, "warm"))
    parley.aws.reset()
    assert parley.frame(ALICE, send_frame(chat_id, 1, "hi"))["type"] == "ack"
    assert parley.aws.operations() == ["PutItem", "BatchGetItem", *["POST"] * devices]
    put, lookup = parley.aws.calls[:2]
    assert put.body["ConditionExpression"] == "attribute_not_exists(seq)"
    assert lookup.body["RequestItems"]["connections"]["ConsistentRead"] is True


def test_frame_of_several_costs_a_write_and_a_post_each_and_one_read(parley: Parley, chat_id: str) -> None:
    """Who is connected is asked once a frame, after the last write."""
    parley.frame(ALICE, send_frame(chat_id, 0, "warm"))
    parley.aws.reset()
    parley.frame(ALICE, send_frame(chat_id, 1, "1", "2", "3"))
    assert parley.aws.operations() == [*["PutItem"] * 3, "BatchGetItem", *["POST"] * 3]


def test_send_behind_what_the_environment_saw_costs_one_query(parley: Parley, chat_id: str) -> None:
    """No put that would fail."""
    parley.frame(ALICE, send_frame(chat_id, 0, "1"))
    parley.aws.reset()
    parley.frame(ALICE, send_frame(chat_id, 0, "2"))
    assert parley.aws.operations() == ["Query", "PutItem", "BatchGetItem", "POST"]


def test_retry_of_a_landed_message_writes_nothing(parley: Parley, chat_id: str) -> None:
    """One look, and the push again."""
    frame = send_frame(chat_id, 0, "hi")
    parley.frame(ALICE, frame)
    parley.aws.reset()
    parley.frame(ALICE, frame)
    assert parley.aws.operations() == ["Query", "BatchGetItem", "POST"]


def test_reading_costs_one_query_a_chat(parley: Parley, chat_id: str) -> None:
    """And one membership read where the environment has not seen the chat."""
    parley.frame(ALICE, {"action": "getMessages", "chatId": chat_id})
    assert parley.aws.operations() == ["GetItem", "Query"]
    parley.aws.reset()
    parley.frame(ALICE, {"action": "getMessages", "chatId": chat_id})
    parley.frame(ALICE, {"action": "sync", "chats": {chat_id: 0}})
    assert parley.aws.operations() == ["Query", "Query"]
    assert all(call.body["ConsistentRead"] for call in parley.aws.calls)
    assert all(call.body["Limit"] <= 101 for call in parley.aws.calls)


def test_sync_of_unseen_chats_asks_for_all_memberships_at_once(parley: Parley) -> None:
    """One BatchGetItem, then a query a chat."""
    chat_ids = [parley.chat(ALICE, Person(f"other{number}")) for number in range(3)]
    parley.aws.reset()
    parley.frame(ALICE, {"action": "sync", "chats": dict.fromkeys(chat_ids, 0)})
    assert parley.aws.operations() == ["BatchGetItem", "Query", "Query", "Query"]


def test_receipt_costs_one_write_and_a_look_at_who_is_connected(parley: Parley, chat_id: str) -> None:
    """And a query where the environment has not seen that the chat goes so far."""
    parley.frame(ALICE, send_frame(chat_id, 0, "1", "2"))
    parley.aws.reset()
    tablet = Person("alice", ALICE.user_id)
    parley.frame(tablet, {"action": "markRead", "chatId": chat_id, "seq": 1})
    parley.frame(tablet, {"action": "markRead", "chatId": chat_id, "seq": 1})
    assert parley.aws.operations() == ["UpdateItem", "BatchGetItem", "POST", "UpdateItem"]
    parley.aws.reset()
    parley.frame(tablet, {"action": "markRead", "chatId": chat_id, "seq": 3})
    assert parley.aws.operations() == ["Query"]


def test_unread_counts_cost_a_query_of_the_index_a_batch_and_a_query_a_chat(parley: Parley) -> None:
    """Never a scan, and no request more however much is unread."""
    carol = Person("carol")
    for number in range(3):
        parley.chat(carol, Person(f"other{number}"))
    parley.aws.reset()
    parley.request(carol, "GET /unread")
    assert parley.aws.operations() == ["Query", "BatchGetItem", "Query", "Query", "Query"]
    assert "IndexName" in parley.aws.calls[0].body


def test_presence_costs_two_batches_and_one_more_for_who_is_away(parley: Parley, chat_id: str) -> None:
    """Who is blocked, who is connected, and when the others were."""
    parley.frame(ALICE, send_frame(chat_id, 0, "warm"))
    parley.aws.reset()
    parley.frame(ALICE, {"action": "getPresence", "chatId": chat_id})
    assert parley.aws.operations() == ["BatchGetItem"] * 2
    (bob,) = {part for part in chat_id.split(":")[1:] if part != ALICE.user_id}
    parley.aws.reset()
    parley.frame(Person("bob", bob), {"action": "getPresence", "chatId": chat_id})
    assert parley.aws.operations() == ["BatchGetItem"] * 3


def test_typing_costs_a_look_at_who_is_connected_and_writes_nothing(parley: Parley, chat_id: str) -> None:
    """And a post a device of the others."""
    parley.frame(ALICE, send_frame(chat_id, 0, "warm"))
    parley.aws.reset()
    parley.frame(ALICE, {"action": "typing", "chatId": chat_id})
    assert parley.aws.operations() == ["BatchGetItem", "POST"]


def test_reply_and_mention_cost_nothing_more(parley: Parley, chat_id: str) -> None:
    """What one replies to is seen, and a direct chat's id says who is in it."""
    parley.frame(ALICE, send_frame(chat_id, 0, "1", "2"))
    parley.aws.reset()
    frame = send_frame(chat_id, 2, "3")
    frame["messages"][0] |= {"replyTo": 1, "mentions": [ALICE.user_id]}
    assert parley.frame(ALICE, frame)["type"] == "ack"
    assert parley.aws.operations() == ["PutItem", "BatchGetItem", "POST"]


def test_reply_to_what_the_environment_has_not_seen_costs_one_read(parley: Parley, chat_id: str) -> None:
    """Refused here, since there is no such message: once it is seen that no earlier attempt landed."""
    parley.frame(ALICE, send_frame(chat_id, 0, "1"))
    parley.aws.reset()
    frame = send_frame(chat_id, 1, "2")
    frame["messages"][0] |= {"replyTo": 9}
    assert parley.frame(ALICE, frame)["code"] == "unknown_message"
    assert parley.aws.operations() == ["BatchGetItem", "Query"]
    assert list(parley.aws.calls[0].body["RequestItems"]) == ["messages"]


CHANGES: dict[str, dict[str, object]] = {
    "edit": {"action": "editMessage", "text": "better"},
    "delete": {"action": "deleteMessage"},
    "react": {"action": "react", "emoji": "👍"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_change_of_a_message_costs_two_reads_one_transaction_and_what_a_push_costs(
    parley: Parley, chat_id: str, change: dict[str, object]
) -> None:
    """The last change's number, the message, both writes at once."""
    parley.frame(ALICE, send_frame(chat_id, 0, "hi"))
    # Deleting does not ask who has blocked whom, but whether the chat is there: once.
    parley.frame(ALICE, {"action": "deleteMessage", "chatId": chat_id, "seq": 9})
    parley.frame(ALICE, {"action": "react", "chatId": chat_id, "seq": 1, "emoji": "🎉"})
    parley.aws.reset()
    assert parley.frame(ALICE, change | {"chatId": chat_id, "seq": 1})["type"] == "changed"
    assert parley.aws.operations() == ["Query", "GetItem", "TransactWriteItems", "BatchGetItem", "POST"]
    tail, message, write = parley.aws.calls[:3]
    assert tail.body["ConsistentRead"]
    assert tail.body["Limit"] == 1
    assert message.body["ConsistentRead"]
    assert len(write.body["TransactItems"]) == 2


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_repeated_change_writes_nothing(parley: Parley, chat_id: str, change: dict[str, object]) -> None:
    """It reads the change that it is answered with, and is told again."""
    parley.frame(ALICE, send_frame(chat_id, 0, "hi"))
    frame = change | {"chatId": chat_id, "seq": 1}
    first = parley.frame(ALICE, frame)
    parley.aws.reset()
    assert parley.frame(ALICE, frame) == first
    assert parley.aws.operations() == ["Query", "GetItem", "Query", "BatchGetItem", "BatchGetItem", "POST"]


def test_sync_with_changes_costs_two_queries_a_chat_and_a_batch_where_messages_changed(
    parley: Parley, chat_id: str
) -> None:
    """However many of them changed."""
    parley.frame(ALICE, send_frame(chat_id, 0, "1", "2"))
    for seq in (1, 2):
        parley.frame(ALICE, {"action": "editMessage", "chatId": chat_id, "seq": seq, "text": "better"})
    parley.aws.reset()
    parley.frame(ALICE, {"action": "sync", "chats": {chat_id: 2}, "changes": {chat_id: 0}})
    assert parley.aws.operations() == ["Query", "Query", "BatchGetItem"]
    parley.aws.reset()
    parley.frame(ALICE, {"action": "sync", "chats": {chat_id: 2}, "changes": {chat_id: 2}})
    assert parley.aws.operations() == ["Query", "Query"]


def test_connecting_costs_a_ticket_written_and_spent_and_one_update(parley: Parley) -> None:
    """And one read of when the user signed out, once it is known that there is a profile.

    That the user has come is left to the fan-out queue.
    """
    carol = Person("carol")
    parley.request(carol, "POST /tickets")
    parley.aws.reset()
    _, issued = parley.request(carol, "POST /tickets")
    parley.invoke("authorizer", authorizer_event(carol.connection_id, ticket=issued["ticket"]))
    parley.connect(carol)
    assert parley.aws.operations() == ["GetItem", "PutItem", "UpdateItem", "UpdateItem", "SendMessage"]
    tables = ["users", "tickets", "tickets", "connections"]
    assert [call.body["TableName"] for call in parley.aws.calls[:-1]] == tables


def test_coming_online_costs_the_fan_out_function_a_few_reads_and_a_post_a_device(parley: Parley) -> None:
    """Told to Bob once; a second connection of Carol's, or the task again, is no news."""
    carol, bob = Person("carol"), Person("bob")
    parley.chat(carol, bob)
    parley.connect(bob)
    parley.aws.reset()
    parley.connect(carol)
    (task,) = parley.aws.queued()
    record = {"messageId": "1", "body": json.dumps(task), "eventSource": "aws:sqs"}
    parley.aws.reset()
    assert parley.invoke("fan_out", {"Records": [record]}) == {"batchItemFailures": []}
    told = ["BatchGetItem", "UpdateItem", "Query", "BatchGetItem", "BatchGetItem", "POST"]
    assert parley.aws.operations() == told
    parley.aws.reset()
    parley.connect(Person("carol", carol.user_id))
    assert parley.aws.queued() == []
    parley.aws.reset()
    parley.invoke("fan_out", {"Records": [record]})
    assert parley.aws.operations() == ["BatchGetItem", "UpdateItem"]


def test_listing_chats_costs_one_query_of_the_index_two_a_chat_and_one_batch(parley: Parley) -> None:
    """Never a scan, however many chats there are."""
    carol = Person("carol")
    for number in range(3):
        parley.chat(carol, Person(f"other{number}"))
    parley.aws.reset()
    parley.request(carol, "GET /chats")
    operations = parley.aws.operations()
    assert (operations[0], operations[-1]) == ("Query", "BatchGetItem")
    assert operations[1:-1] == ["Query"] * 2 * 3


def test_send_with_a_file_costs_a_look_and_a_copy_more(parley: Parley, chat_id: str) -> None:
    """Of S3, before the put; a retry looks, is told that the copy is there, and looks at that."""
    media_id = "0123456789abcdef0123456789abcdef"
    folder = chat_id.replace(":", "/")
    path = f"media-bucket/uploads/{folder}/{ALICE.user_id}/{media_id}"
    parley.aws.files.put(path, b"GIF89a" + bytes(100), "image/gif")
    frame = send_frame(chat_id, 0, "look")
    frame["messages"][0]["attachment"] = {"mediaId": media_id, "name": "cat.gif"}
    parley.frame(ALICE, send_frame(chat_id, 0, "warm"))
    frame["after"] = 1
    parley.aws.reset()
    parley.frame(ALICE, frame)
    assert parley.aws.operations() == ["GetObject", "CopyObject", "PutItem", "BatchGetItem", "POST"]
    parley.aws.reset()
    parley.frame(ALICE, frame)
    looks = ["GetObject", "CopyObject", "GetObject"]
    assert parley.aws.operations() == [*looks, "Query", "BatchGetItem", "POST"]


def test_upload_and_download_cost_no_request_where_the_chat_is_known(parley: Parley, chat_id: str) -> None:
    """Forms and links are signed here; the first link of an environment reads the key."""
    parley.aws.files.secrets.setdefault("parley-download-key", link_key_text(RsaKeyPairs().make()))
    upload = {"chatId": chat_id, "contentType": "image/png", "bytes": 1_000}
    path = {"chatId": chat_id, "mediaId": "0" * 32}
    for _ in range(2):
        parley.aws.reset()
        assert parley.request(ALICE, "POST /upload-url", upload)[0] == 200
        assert parley.request(ALICE, "GET /chats/{chatId}/media/{mediaId}", path=path)[0] == 200
    assert parley.aws.operations() == []


def test_link_for_who_joined_later_costs_a_look_at_the_message(parley: Parley) -> None:
    """A GetItem for the place in the group, and one for the message where its number is one they see."""
    club, dan = Club(parley, history="joining"), Person("dan")
    parley.request(dan, "GET /users/me")
    club.send(club.ann, 0, "1")
    assert club.put(club.owner, dan)[0] == 201
    path = {"chatId": club.chat_id, "mediaId": "0" * 32}
    for seq, cost in ((1, ["GetItem"]), (2, ["GetItem", "GetItem"])):
        parley.aws.reset()
        route = "GET /chats/{chatId}/media/{mediaId}"
        assert parley.request(dan, route, path=path, query={"seq": str(seq)})[0] == 404
        assert parley.aws.operations() == cost


def test_posting_over_http_costs_what_the_frame_costs(parley: Parley, chat_id: str) -> None:
    """The same service answers."""
    parley.frame(ALICE, send_frame(chat_id, 0, "warm"))
    parley.aws.reset()
    body = {"after": 1, "messages": drafts("hi")}
    parley.request(ALICE, "POST /chats/{chatId}/messages", body, path={"chatId": chat_id})
    assert parley.aws.operations() == ["PutItem", "BatchGetItem", "POST"]


def test_limit_of_sends_costs_one_update_in_ten_once_an_environment_knows_the_user(parley: Parley) -> None:
    """Leases of 1, 2, 4, 8 and then 10; connecting and typing have limits of their own."""
    carol = Person("carol")
    chat_id = parley.chat(carol, Person("dave"))
    parley.aws.reset()
    for after in range(15 + 30):
        assert parley.frame(carol, send_frame(chat_id, after, "hi"))["type"] == "ack"
    assert len(parley.aws.leases) == 4 + 3
    keys = {lease.body["Key"]["bucket"]["S"] for lease in parley.aws.leases}
    assert keys == {f"send#{carol.user_id}"}


def fan_out(parley: Parley) -> list[str]:
    """Have the fan-out function carry out what was left to it; what it asked for."""
    tasks = [
        {"messageId": str(number), "body": json.dumps(b)} for number, b in enumerate(parley.aws.queued())
    ]
    parley.aws.reset()
    assert parley.invoke("fan_out", {"Records": tasks}) == {"batchItemFailures": []}
    return parley.aws.operations()


def test_send_to_a_channel_costs_one_message_of_the_queue_and_a_query_and_a_look_a_slice(
    parley: Parley,
) -> None:
    """However many subscribe: the sender's request posts to nobody."""
    bob = Person("bob")
    parley.connect(bob)
    body = {"kind": "channel", "id": str(ULID()), "name": "News"}
    chat_id = parley.request(ALICE, "POST /chats", body)[1]["chatId"]
    parley.frame(bob, {"action": "joinChat", "chatId": chat_id})
    parley.frame(ALICE, send_frame(chat_id, 0, "warm"))
    parley.aws.reset()
    assert parley.frame(ALICE, send_frame(chat_id, 1, "hi"))["type"] == "ack"
    assert parley.aws.operations() == ["BatchGetItem", "PutItem", "SendMessage"]
    assert fan_out(parley) == ["Query", "BatchGetItem", "POST"]


def test_send_to_more_devices_than_a_request_posts_to_costs_one_message_of_the_queue(
    parley: Parley,
) -> None:
    """In place of the posts, which the fan-out function makes after one look of its own."""
    bob = Person("bob")
    parley.connect(*(Person("bob", bob.user_id) for _ in range(30)))
    chat_id = parley.chat(ALICE, bob)
    parley.frame(ALICE, send_frame(chat_id, 0, "warm"))
    parley.aws.reset()
    assert parley.frame(ALICE, send_frame(chat_id, 1, "hi"))["type"] == "ack"
    assert parley.aws.operations() == ["PutItem", "BatchGetItem", "SendMessage"]
    assert fan_out(parley) == ["BatchGetItem", *["POST"] * 30]
