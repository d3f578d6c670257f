"""Channels through the entries: found, joined, written, read and left, over a real DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ulid import ULID

from chat.adapters import aws as aws_clients
from chat.adapters.former_chats import FormerChatsTable
from tests.handlers.support.clubs import MEMBER, Radio
from tests.handlers.support.gateway_events import Person

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley


def test_channel_is_found_by_its_name_and_joined_by_anyone(parley: Parley) -> None:
    """Over the socket and over HTTP; the channel is listed among one's chats from then on."""
    radio = Radio(parley)
    assert (radio.created[0], radio.created[1]["role"]) == (201, "owner")
    name = str(radio.body["name"])
    query = {"q": name[:20].upper(), "limit": "1"}
    _, found = parley.request(radio.ben, "GET /channels", query=query)
    assert found == {"channels": [{"chatId": radio.chat_id, "name": name}], "hasMore": False}
    assert parley.request(radio.ben, "GET /channels")[0] == 200
    assert radio.joined["chat"] == {**radio.created[1], "role": "member"}
    path = {"chatId": radio.chat_id, "userId": radio.ben.user_id}
    assert parley.request(radio.ben, f"PUT {MEMBER}", {}, path=path) == (
        200,
        {"chatId": radio.chat_id, "userId": radio.ben.user_id, "role": "member"},
    )
    assert radio.chat_id in [chat["chatId"] for chat in parley.request(radio.ben, "GET /chats")[1]["chats"]]


def test_channel_is_written_by_owners_and_admins_and_read_by_members(parley: Parley) -> None:
    """And by nobody else; who is promoted writes at once."""
    radio = Radio(parley)
    assert radio.send(radio.owner, 0, "on air")["type"] == "ack"
    assert radio.texts(radio.ann) == ["on air"]
    assert radio.send(radio.ann, 1, "me too")["code"] == "not_permitted"
    assert radio.send(radio.ben, 1, "me too")["code"] == "unknown_chat"
    assert radio.put(radio.owner, radio.ben, "admin")[1]["error"]["code"] == "unknown_member"
    assert radio.put(radio.ann, radio.ben, "admin")[1]["error"]["code"] == "not_permitted"
    assert radio.put(radio.owner, radio.ann, "admin")[1]["role"] == "admin"
    assert radio.send(radio.ann, 1, "me too")["type"] == "ack"
    assert radio.roles(radio.ann) == {radio.owner.user_id: "owner", radio.ann.user_id: "admin"}
    assert radio.put(radio.owner, radio.ann, "member")[1]["role"] == "member"
    assert radio.send(radio.ann, 2, "still me")["code"] == "not_permitted"
    assert radio.roles(radio.ann) == {radio.owner.user_id: "owner"}


def test_admin_who_steps_down_again_is_answered_again(parley: Parley) -> None:
    """As after an answer that was lost: one change, and nobody else learns who is in the channel."""
    radio = Radio(parley)
    assert radio.put(radio.owner, radio.ann, "admin")[0] == 200
    for _ in range(2):
        status, answer = radio.put(radio.ann, radio.ann, "member")
        assert (status, answer["role"]) == (200, "member")
    assert radio.roles(radio.ann) == {radio.owner.user_id: "owner"}
    assert radio.put(radio.ann, radio.ann, "admin")[1]["error"]["code"] == "not_permitted"
    assert radio.put(radio.ben, radio.ben, "member")[1]["error"]["code"] == "unknown_chat"
    described = parley.request(radio.owner, "GET /chats/{chatId}", path={"chatId": radio.chat_id})[1]
    assert described["lastChange"] == 2


@pytest.mark.parametrize("promoted", [True, False])
def test_channel_that_an_admin_stepped_down_in_and_left_is_written_down_as_left(
    parley: Parley, promoted: bool
) -> None:
    """So what they wrote there goes with their account; who never wrote leaves nothing behind."""
    radio = Radio(parley)
    if promoted:
        assert radio.put(radio.owner, radio.ann, "admin")[0] == 200
        assert radio.send(radio.ann, 0, "mine")["type"] == "ack"
        assert radio.put(radio.ann, radio.ann, "member")[0] == 200
    assert parley.frame(radio.ann, {"action": "leaveChat", "chatId": radio.chat_id})["type"] == "left"
    former = FormerChatsTable(aws_clients.dynamodb(), "chats")
    assert former.of_user(radio.ann.user_id, None, 10) == [radio.chat_id] * promoted


def test_channel_is_left_and_members_are_removed_from_it(parley: Parley) -> None:
    """By a write each, without a change: members of a channel do not learn of each other."""
    radio = Radio(parley)
    parley.frame(radio.ben, {"action": "joinChat", "chatId": radio.chat_id})
    assert radio.delete(radio.ben, radio.ann)[1]["error"]["code"] == "not_permitted"
    assert radio.delete(radio.owner, radio.ben) == (200, {})
    assert radio.pushed(radio.ben, "left") == [{"type": "left", "chatId": radio.chat_id}]
    assert radio.texts(radio.ann) == []
    assert parley.frame(radio.ann, {"action": "leaveChat", "chatId": radio.chat_id})["type"] == "left"
    path = {"chatId": radio.chat_id}
    for person in (radio.ann, radio.ben):
        assert parley.request(person, "GET /chats/{chatId}", path=path)[0] == 404
    described = parley.request(radio.owner, "GET /chats/{chatId}", path=path)[1]
    assert described["lastChange"] == 0


def test_last_owner_who_leaves_a_channel_hands_it_to_who_joined_first(parley: Parley) -> None:
    """Where it has no admin."""
    radio = Radio(parley)
    parley.frame(radio.ben, {"action": "joinChat", "chatId": radio.chat_id})
    assert parley.frame(radio.owner, {"action": "leaveChat", "chatId": radio.chat_id})["type"] == "left"
    assert radio.roles(radio.ben) == {radio.ann.user_id: "owner"}
    assert radio.send(radio.ann, 0, "mine now")["type"] == "ack"


def test_channel_that_is_not_there_cannot_be_joined(parley: Parley) -> None:
    """Nor a group of others, nor what is no chat's id."""
    eve = Person("eve")
    for chat_id in (f"c:{ULID()}", f"g:{ULID()}", "c:1", "nonsense", "c:01JD0000000000000000000000#changes"):
        refused = parley.frame(eve, {"action": "joinChat", "chatId": chat_id})
        assert (refused["type"], refused.get("code")) == ("error", "unknown_chat")
