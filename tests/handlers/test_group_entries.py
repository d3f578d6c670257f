"""Groups through the entries: created, run, written, read and left, over a real DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ulid import ULID

from tests.handlers.support.clubs import MEMBER, Club
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import drafts, send_frame

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley


@pytest.fixture
def club(parley: Parley) -> Club:
    """A group; what its creation asked of AWS is not recorded."""
    club = Club(parley)
    assert club.created[0] == 201
    return club


def test_group_is_created_once_and_everyone_in_it_is_told(parley: Parley) -> None:
    """201 and then 200, the same chat; each device is told what the chat is to its user."""
    club = Club(parley)
    status, chat = club.created
    assert status == 201
    assert chat == {
        "chatId": f"g:{club.body['id']}",
        "kind": "group",
        "name": "Club",
        "role": "owner",
        "lastSeq": 0,
        "lastChange": 0,
        "visibleAfter": 0,
        "readSeq": 0,
        "deliveredSeq": 0,
        "unread": 0,
    }
    assert parley.request(club.owner, "POST /chats", club.body) == (200, chat)
    for person in (club.ann, club.ben):
        assert club.pushed(person, "chat") == [{"type": "chat", "chat": {**chat, "role": "member"}}]
        assert [c["chatId"] for c in parley.request(person, "GET /chats")[1]["chats"]] == [club.chat_id]


def test_another_users_chat_id_is_taken(club: Club) -> None:
    """Whatever is in the body: nobody is let into a chat by guessing its id."""
    eve = Person("eve")
    body = {**club.body, "memberIds": [club.ann.user_id]}
    status, answer = club.parley.request(eve, "POST /chats", body)
    assert (status, answer["error"]["code"]) == (409, "chat_id_taken")
    assert eve.user_id not in club.roles(club.owner)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"memberIds": ["nobody"]}, "unknown_user"),
        ({"memberIds": []}, "bad_request"),
        ({"memberIds": [f"u{number}" for number in range(51)]}, "bad_request"),
        ({"name": " "}, "bad_request"),
        ({"id": "1"}, "bad_request"),
        ({"history": "never"}, "bad_request"),
        ({"kind": "room"}, "bad_request"),
        ({"userId": "b"}, "bad_request"),
    ],
)
def test_group_that_does_not_fit_the_protocol_is_refused(
    club: Club, change: dict[str, object], code: str
) -> None:
    """Nothing is created."""
    body = {**club.body, "id": str(ULID()), **change}
    status, answer = club.parley.request(club.owner, "POST /chats", body)
    assert answer["error"]["code"] == code
    assert status in (400, 404)
    assert "TransactWriteItems" not in club.parley.aws.operations()[-2:]


def test_group_of_oneself_alone_is_refused(club: Club) -> None:
    """A group has two members or more."""
    body = {**club.body, "id": str(ULID()), "memberIds": [club.owner.user_id]}
    assert club.parley.request(club.owner, "POST /chats", body)[1]["error"]["code"] == "own_chat"


def test_everyone_in_a_group_writes_and_reads_and_gets_what_others_write(club: Club) -> None:
    """In one order."""
    assert club.send(club.owner, 0, "1")["type"] == "ack"
    assert club.send(club.ann, 1, "2")["type"] == "ack"
    assert club.texts(club.ben) == ["1", "2"]
    assert [frame["message"]["text"] for frame in club.pushed(club.ben, "message")] == ["1", "2"]
    assert [frame["message"]["text"] for frame in club.pushed(club.ann, "message")] == ["1"]


def test_stranger_learns_nothing_of_a_group(club: Club) -> None:
    """Whatever they try, they hear as of a chat that does not exist."""
    eve, nowhere = Person("eve"), f"g:{ULID()}"
    club.parley.request(eve, "GET /users/me")

    def answers(chat_id: str) -> list[str]:
        path = {"chatId": chat_id, "userId": club.ann.user_id}
        request, frame = club.parley.request, club.parley.frame
        tried = [
            frame(eve, send_frame(chat_id, 0, "x")),
            frame(eve, send_frame(chat_id, 5, "x")),
            frame(eve, {"action": "getMessages", "chatId": chat_id, "requestId": "r1"}),
            frame(eve, {"action": "sync", "chats": {chat_id: 0}, "requestId": "r1"}),
            frame(eve, {"action": "joinChat", "chatId": chat_id, "requestId": "r1"}),
            frame(eve, {"action": "leaveChat", "chatId": chat_id, "requestId": "r1"}),
            request(eve, "GET /chats/{chatId}", path=path),
            request(eve, "PATCH /chats/{chatId}", {"name": "x"}, path=path),
            request(eve, "PUT /chats/{chatId}/mute", {}, path=path),
            request(eve, "GET /chats/{chatId}/members", path=path),
            request(eve, f"PUT {MEMBER}", {"role": "owner"}, path=path),
            request(eve, f"PUT {MEMBER}", {}, path={"chatId": chat_id, "userId": eve.user_id}),
            request(eve, f"DELETE {MEMBER}", path=path),
            request(eve, f"DELETE {MEMBER}", path={"chatId": chat_id, "userId": eve.user_id}),
        ]
        return [str(answer).replace(chat_id, "<chat>") for answer in tried]

    found = answers(club.chat_id)
    assert found == answers(nowhere)
    assert sum("unknown_chat" in answer for answer in found) == len(found) - 2  # who is not in it has left it
    assert len(club.roles(club.owner)) == 3


def test_member_is_added_and_sees_the_chat_from_its_start(club: Club) -> None:
    """Everyone is told of the change, the new member of the chat."""
    dan = Person("dan")
    club.parley.request(dan, "GET /users/me")
    club.parley.connect(dan)
    club.send(club.ann, 0, "before")
    status, added = club.put(club.owner, dan)
    assert (status, added) == (201, {"chatId": club.chat_id, "userId": dan.user_id, "role": "member"})
    assert club.put(club.owner, dan)[0] == 200
    assert club.texts(dan) == ["before"]
    (chat,) = club.pushed(dan, "chat")
    assert (chat["chat"]["lastSeq"], chat["chat"]["lastChange"], chat["chat"]["unread"]) == (1, 1, 1)
    (change,) = club.pushed(club.ben, "changed")
    assert (change["change"]["number"], change["change"]["by"]) == (1, club.owner.user_id)
    added = {"userId": dan.user_id, "role": "member", "memberSince": change["change"]["number"]}
    assert change["change"]["members"] == [added]


def test_member_of_a_group_that_shows_history_from_joining_sees_nothing_older(parley: Parley) -> None:
    """Not by history in any direction, not by sync, not in the list, not as missed."""
    club, dan = Club(parley, history="joining"), Person("dan")
    parley.request(dan, "GET /users/me")
    club.send(club.ann, 0, "1", "2")
    assert club.put(club.owner, dan)[0] == 201
    described = parley.request(dan, "GET /chats/{chatId}", path={"chatId": club.chat_id})[1]
    assert (described["visibleAfter"], described["lastSeq"], described["unread"]) == (2, 2, 0)
    assert "lastMessage" not in described
    missed = club.send(dan, 0, "3")
    assert (missed["messages"][0]["seq"], missed["missed"]) == (3, [])
    for place in ({}, {"after": 0}, {"before": 4}, {"around": 1}):
        assert club.texts(dan, **place) == ["3"]
    assert club.texts(dan, before=3) == []
    synced = parley.frame(dan, {"action": "sync", "chats": {club.chat_id: 0}})
    assert [message["text"] for message in synced["chats"][0]["messages"]] == ["3"]
    assert club.texts(club.ben) == ["1", "2", "3"]


def test_removed_member_is_refused_at_once_and_told(club: Club) -> None:
    """In the same environment, which has let them in before."""
    assert club.send(club.ben, 0, "1")["type"] == "ack"
    assert club.delete(club.owner, club.ben) == (200, {})
    assert club.pushed(club.ben, "left") == [{"type": "left", "chatId": club.chat_id}]
    assert club.send(club.ben, 1, "2")["code"] == "unknown_chat"
    read = club.parley.frame(club.ben, {"action": "getMessages", "chatId": club.chat_id})
    assert read["code"] == "unknown_chat"
    (change,) = club.pushed(club.ann, "changed")
    assert change["change"]["removed"] == [club.ben.user_id]
    assert club.pushed(club.ben, "changed") == []
    assert club.delete(club.owner, club.ben) == (200, {})  # again: nothing more to do
    assert len(club.pushed(club.ann, "changed")) == 1


def test_role_decides_who_may_what(club: Club) -> None:
    """Members nothing; admins add and remove members; owners all, but not to each other."""
    dan = Person("dan")
    club.parley.request(dan, "GET /users/me")

    def code(answer: tuple[int, Any]) -> str:
        return str(answer[1].get("error", {}).get("code", "ok"))

    path = {"chatId": club.chat_id}
    renaming = ("PATCH /chats/{chatId}", {"name": "Clubs"})
    assert code(club.put(club.ann, dan)) == "not_permitted"
    assert code(club.delete(club.ann, club.ben)) == "not_permitted"
    assert code(club.put(club.ann, club.ann, "admin")) == "not_permitted"
    assert code(club.parley.request(club.ann, *renaming, path=path)) == "not_permitted"
    assert code(club.put(club.owner, club.ann, "admin")) == "ok"
    assert code(club.parley.request(club.ann, *renaming, path=path)) == "ok"
    assert code(club.put(club.ann, dan, "admin")) == "not_permitted"
    assert code(club.put(club.ann, dan)) == "ok"
    assert code(club.put(club.ann, dan, "admin")) == "not_permitted"
    assert code(club.delete(club.ann, club.owner)) == "not_permitted"
    assert code(club.delete(club.ann, dan)) == "ok"
    assert code(club.put(club.owner, club.owner, "member")) == "last_owner"
    assert code(club.put(club.owner, club.ann, "owner")) == "ok"
    assert code(club.put(club.ann, club.owner, "member")) == "not_permitted"
    assert code(club.put(club.owner, club.owner, "member")) == "ok"
    assert code(club.put(club.owner, Person("nobody"))) == "not_permitted"
    assert code(club.put(club.ann, Person("nobody"))) == "unknown_user"
    assert club.roles(club.ben) == {
        club.owner.user_id: "member",
        club.ann.user_id: "owner",
        club.ben.user_id: "member",
    }


def test_group_is_renamed_once_and_for_all(club: Club) -> None:
    """A name that it has already is no change."""
    path = {"chatId": club.chat_id}
    for _ in range(2):
        status, chat = club.parley.request(club.owner, "PATCH /chats/{chatId}", {"name": "Clubs"}, path=path)
        assert (status, chat["name"], chat["lastChange"]) == (200, "Clubs", 1)
    (change,) = club.pushed(club.ann, "changed")
    assert change["change"]["name"] == "Clubs"
    assert club.parley.request(club.ann, "GET /chats/{chatId}", path=path)[1]["name"] == "Clubs"


def test_last_owner_who_leaves_hands_the_group_to_the_oldest_admin(club: Club) -> None:
    """In one change; who left is told on the other devices, and that is all they hear from then on."""
    assert club.put(club.owner, club.ben, "admin")[0] == 200
    answer = club.parley.frame(club.owner, {"action": "leaveChat", "requestId": "r", "chatId": club.chat_id})
    assert answer == {"type": "left", "requestId": "r", "chatId": club.chat_id}
    assert club.roles(club.ann) == {club.ann.user_id: "member", club.ben.user_id: "owner"}
    change = club.pushed(club.ann, "changed")[-1]["change"]
    assert change["removed"] == [club.owner.user_id]
    assert change["members"] == [{"userId": club.ben.user_id, "role": "owner"}]
    assert club.send(club.owner, 0, "x")["code"] == "unknown_chat"
    assert club.delete(club.ann, club.ann) == (200, {})
    assert club.parley.frame(club.ben, {"action": "leaveChat", "chatId": club.chat_id})["type"] == "left"
    assert club.send(club.ben, 0, "x")["code"] == "unknown_chat"


def test_full_group_takes_nobody_more(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    """256 members; with a lower limit here."""
    monkeypatch.setattr("chat.service.members.GROUP_LIMIT", 3)
    dan = Person("dan")
    club.parley.request(dan, "GET /users/me")
    status, answer = club.put(club.owner, dan)
    assert (status, answer["error"]["code"]) == (409, "group_full")


def test_direct_chat_has_its_two_members_for_good(parley: Parley) -> None:
    """It can neither be left nor renamed nor grown; but its members are listed, and it is muted."""
    alice, bob = Person("alice"), Person("bob")
    chat_id = parley.chat(alice, bob)
    path = {"chatId": chat_id, "userId": bob.user_id}
    for status, answer in (
        parley.request(alice, "PATCH /chats/{chatId}", {"name": "x"}, path=path),
        parley.request(alice, f"PUT {MEMBER}", {"role": "member"}, path=path),
        parley.request(alice, f"DELETE {MEMBER}", path=path),
        parley.request(alice, f"DELETE {MEMBER}", path={**path, "userId": alice.user_id}),
    ):
        assert (status, answer["error"]["code"]) == (400, "direct_chat")
    assert parley.frame(alice, {"action": "leaveChat", "chatId": chat_id})["code"] == "direct_chat"
    assert parley.frame(alice, {"action": "joinChat", "chatId": chat_id})["chat"]["chatId"] == chat_id
    _, listed = parley.request(alice, "GET /chats/{chatId}/members", path=path)
    assert sorted(member["userId"] for member in listed["members"]) == sorted([alice.user_id, bob.user_id])


def test_chat_is_muted_for_one_user_on_all_devices_and_no_longer(club: Club) -> None:
    """The others hear nothing of it."""
    until, path = "2030-01-01T00:00:00.000Z", {"chatId": club.chat_id}
    club.parley.aws.reset()
    status, chat = club.parley.request(club.ann, "PUT /chats/{chatId}/mute", {"until": until}, path=path)
    assert (status, chat["mutedUntil"]) == (200, until)
    assert [frame["chat"]["mutedUntil"] for frame in club.pushed(club.ann, "chat")] == [until]
    assert club.pushed(club.ben, "chat") == []
    assert "mutedUntil" not in club.parley.request(club.ben, "GET /chats/{chatId}", path=path)[1]
    _, unmuted = club.parley.request(club.ann, "PUT /chats/{chatId}/mute", {}, path=path)
    assert "mutedUntil" not in unmuted
    for bad in ({"until": "tomorrow"}, {"until": None}, {"for": 1}):
        answer = club.parley.request(club.ann, "PUT /chats/{chatId}/mute", bad, path=path)[1]
        assert answer["error"]["code"] == "bad_request"


def test_messages_of_a_group_are_sent_over_http_too(club: Club) -> None:
    """The same results for the same rights."""
    body, path = {"after": 0, "messages": drafts("1")}, {"chatId": club.chat_id}
    status, ack = club.parley.request(club.ann, "POST /chats/{chatId}/messages", body, path=path)
    assert (status, ack["messages"][0]["seq"]) == (200, 1)
    _, page = club.parley.request(club.ben, "GET /chats/{chatId}/messages", path=path)
    assert [message["text"] for message in page["messages"]] == ["1"]
