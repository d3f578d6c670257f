"""Changes from API Gateway's events to the table's items and back: the same over both APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from tests.handlers.support.gateway_events import Person
    from tests.handlers.support.service import Parley

MESSAGE = "/chats/{chatId}/messages/{seq}"
REACTION = f"{MESSAGE}/reaction"


@pytest.fixture
def chat_id(parley: Parley, alice: Person, bob: Person) -> str:
    """Their chat, with one message of alice's; bob is connected."""
    chat_id = parley.chat(alice, bob)
    parley.frame(alice, send_frame(chat_id, 0, "first"))
    parley.connect(bob)
    return chat_id


def change(action: str, chat_id: str, **fields: Any) -> dict[str, Any]:
    """A frame that changes message 1."""
    return {"action": action, "requestId": "r1", "chatId": chat_id, "seq": 1, **fields}


def test_change_is_the_same_in_its_answer_live_from_history_and_from_sync(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """One order of changes for everyone."""
    answer = parley.frame(alice, change("editMessage", chat_id, text="second"))
    message = answer["change"]["message"]
    assert answer == {
        "type": "changed",
        "requestId": "r1",
        "chatId": chat_id,
        "change": {"number": 1, "by": alice.user_id, "at": message["editedAt"], "message": message},
    }
    assert (message["text"], message["seq"], message["change"]) == ("second", 1, 1)
    pushed = {name: value for name, value in answer.items() if name != "requestId"}
    assert parley.aws.frames(bob.connection_id) == [pushed]
    history = parley.frame(bob, {"action": "getMessages", "chatId": chat_id})
    assert history["messages"] == [message]
    synced = parley.frame(bob, {"action": "sync", "chats": {chat_id: 1}, "changes": {chat_id: 0}})
    assert synced["chats"] == [
        {"chatId": chat_id, "messages": [], "hasMore": False, "changes": [answer["change"]]}
    ]


def test_changes_over_http_are_what_they_are_over_the_socket(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """Edit, react, take back, delete."""
    path = {"chatId": chat_id, "seq": "1"}
    done = [
        parley.request(alice, f"PATCH {MESSAGE}", {"text": "second"}, path=path),
        parley.request(bob, f"PUT {REACTION}", {"emoji": "👍"}, path=path),
        parley.request(bob, f"DELETE {REACTION}", path=path),
        parley.request(alice, f"DELETE {MESSAGE}", path=path),
    ]
    assert [status for status, _ in done] == [200] * 4
    messages = [body["change"]["message"] for _, body in done]
    assert [message["text"] for message in messages] == ["second", "second", "second", ""]
    assert [message.get("reactions") for message in messages] == [None, {bob.user_id: "👍"}, None, None]
    assert [body["change"]["number"] for _, body in done] == [1, 2, 3, 4]
    assert [body["change"]["by"] for _, body in done] == [p.user_id for p in (alice, bob, bob, alice)]
    assert [frame["change"] for frame in parley.aws.frames(bob.connection_id)] == [
        body["change"] for _, body in done
    ]


def test_reaction_is_taken_back_by_a_frame_without_emoji(parley: Parley, bob: Person, chat_id: str) -> None:
    """Its absence says so."""
    reacted = parley.frame(bob, change("react", chat_id, emoji="👍"))
    taken_back = parley.frame(bob, change("react", chat_id))
    assert reacted["change"]["message"]["reactions"] == {bob.user_id: "👍"}
    assert "reactions" not in taken_back["change"]["message"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"action": "editMessage", "seq": 1, "text": "x"}, "not_permitted"),
        ({"action": "deleteMessage", "seq": 1}, "not_permitted"),
        ({"action": "editMessage", "seq": 2, "text": "x"}, "unknown_message"),
        ({"action": "deleteMessage", "seq": 0}, "unknown_message"),
        ({"action": "react", "seq": 2, "emoji": "👍"}, "unknown_message"),
        ({"action": "editMessage", "seq": 1, "text": ""}, "bad_request"),
        ({"action": "editMessage", "seq": 1, "text": "x" * 4_097}, "bad_request"),
        ({"action": "editMessage", "seq": 1}, "bad_request"),
        ({"action": "editMessage", "seq": -1, "text": "x"}, "bad_request"),
        ({"action": "deleteMessage", "seq": 1, "text": "x"}, "bad_request"),
        ({"action": "react", "seq": 1, "emoji": "two words"}, "bad_request"),
        ({"action": "react", "seq": 1, "emoji": "👍" * 17}, "bad_request"),
    ],
)
def test_change_that_is_not_allowed_is_refused_and_changes_nothing(
    parley: Parley, bob: Person, chat_id: str, frame: dict[str, Any], code: str
) -> None:
    """Bob did not write the chat's one message."""
    assert parley.frame(bob, frame | {"chatId": chat_id})["code"] == code
    history = parley.frame(bob, {"action": "getMessages", "chatId": chat_id})
    assert [(message["text"], message.get("change")) for message in history["messages"]] == [("first", None)]
    assert parley.aws.frames(bob.connection_id) == []


@pytest.mark.parametrize(
    ("seq", "body", "status"),
    [("1", {"text": "x", "by": "me"}, 400), ("one", {"text": "x"}, 400), ("9", {"text": "x"}, 404)],
)
def test_request_that_does_not_fit_is_refused(
    parley: Parley, alice: Person, chat_id: str, seq: str, body: dict[str, str], status: int
) -> None:
    """Who does it is never said in the body, and the path is read as strictly."""
    path = {"chatId": chat_id, "seq": seq}
    assert parley.request(alice, f"PATCH {MESSAGE}", body, path=path)[0] == status


def test_log_of_changes_is_no_chat(parley: Parley, alice: Person, bob: Person, chat_id: str) -> None:
    """Its partition cannot be read or written by an id that looks like one of the user's chats."""
    parley.frame(alice, change("editMessage", chat_id, text="second"))
    log = f"{chat_id}#changes"
    for frame in (
        {"action": "getMessages", "chatId": log},
        {"action": "sync", "chats": {log: 0}},
        send_frame(log, 1, "forged"),
        change("deleteMessage", log),
    ):
        assert parley.frame(alice, frame)["code"] == "unknown_chat"
    assert len(parley.frame(bob, {"action": "getMessages", "chatId": chat_id})["messages"]) == 1
