"""The cost table of docs/protocol.md for groups and channels, counted where the requests arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ulid import ULID

from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

OWNER = Person("owner")
DESCRIBED = ["GetItem", "Query", "Query", "BatchGetItem"]
"""What it costs to say what a chat is to one of its members: standing, the ends of both logs, the name."""
MEMBER = "/chats/{chatId}/members/{userId}"


class Group:
    """A group of the owner and ann, who is connected; nothing recorded yet."""

    def __init__(self, parley: Parley) -> None:
        self.parley = parley
        self.ann, self.ben = Person("ann"), Person("ben")
        for person in (OWNER, self.ann, self.ben):
            parley.request(person, "GET /users/me")
        parley.connect(self.ann)
        self.id = str(ULID())
        self.body = {"kind": "group", "id": self.id, "name": "n", "memberIds": [self.ann.user_id]}
        self.path = {"chatId": f"g:{self.id}", "userId": self.ben.user_id}
        parley.aws.reset()

    def cost(self, person: Person, route: str, body: object = None) -> list[str]:
        """What a request asks of AWS."""
        self.parley.aws.reset()
        status, answer = self.parley.request(person, route, body, path=self.path)
        assert status < 300, answer
        return self.parley.aws.operations()

    def cost_of_frame(self, person: Person, action: str, **fields: object) -> list[str]:
        """What a frame asks of AWS."""
        self.parley.aws.reset()
        answer = self.parley.frame(person, {"action": action, "chatId": self.path["chatId"], **fields})
        assert answer["type"] != "error", answer
        return self.parley.aws.operations()


@pytest.fixture
def group(parley: Parley) -> Group:
    """A group that has been created."""
    group = Group(parley)
    assert parley.request(OWNER, "POST /chats", group.body)[0] == 201
    return group


def test_creating_a_group_costs_one_transaction(parley: Parley) -> None:
    """The members' profiles before, and who is connected after: the owner, and the others."""
    group = Group(parley)
    cost = group.cost(OWNER, "POST /chats", group.body)
    assert cost == ["BatchGetItem", "TransactWriteItems", "BatchGetItem", "BatchGetItem", "POST"]
    assert group.cost(OWNER, "POST /chats", group.body)[1:3] == ["TransactWriteItems", "GetItem"]


def test_sending_to_a_group_costs_one_read_before_the_write(group: Group) -> None:
    """Of the roster and of the sender's own item, in one request, every time."""
    for after in range(2):
        group.parley.aws.reset()
        group.parley.frame(OWNER, send_frame(group.path["chatId"], after, "x"))
        assert group.parley.aws.operations() == ["BatchGetItem", "PutItem", "BatchGetItem", "POST"]
        requests = group.parley.aws.calls[0].body["RequestItems"]["chats"]
        assert (len(requests["Keys"]), requests["ConsistentRead"]) == (2, True)


def test_changing_a_message_of_a_group_costs_one_read_of_the_roster_more(group: Group) -> None:
    """Once the number is known that the change will have: the decision rests on nothing older."""
    group.parley.frame(OWNER, send_frame(group.path["chatId"], 0, "x"))
    cost = group.cost_of_frame(OWNER, "editMessage", seq=1, text="y")
    assert cost == ["Query", "BatchGetItem", "GetItem", "TransactWriteItems", "BatchGetItem", "POST"]


def test_reading_a_group_costs_one_read_of_the_readers_own_item(group: Group) -> None:
    """Every time."""
    for _ in range(2):
        assert group.cost_of_frame(group.ann, "getMessages") == ["GetItem", "Query"]


def test_describing_a_group_costs_its_logs_ends_and_its_name(group: Group) -> None:
    """Beside the member's own item."""
    assert group.cost(OWNER, "GET /chats/{chatId}") == DESCRIBED


def test_adding_and_removing_a_member_cost_one_transaction_each(group: Group) -> None:
    """The number of the last change and the roster before; telling everyone after."""
    decided, told = ["Query", "BatchGetItem"], ["BatchGetItem", "POST"]
    adding = group.cost(OWNER, f"PUT {MEMBER}", {})
    assert adding == [*decided, "GetItem", "TransactWriteItems", *told, *DESCRIBED, "BatchGetItem"]
    assert group.cost(OWNER, f"PUT {MEMBER}", {}) == decided
    promoting = group.cost(OWNER, f"PUT {MEMBER}", {"role": "admin"})
    assert promoting == [*decided, "TransactWriteItems", *told]
    removing = group.cost(OWNER, f"DELETE {MEMBER}")
    assert removing == [*decided, "TransactWriteItems", *told, "BatchGetItem"]


def test_renaming_costs_one_transaction(group: Group) -> None:
    """And how far the chat's two logs go, for the answer."""
    cost = group.cost(OWNER, "PATCH /chats/{chatId}", {"name": "m"})
    told = ["BatchGetItem", "POST"]
    assert cost == ["Query", "BatchGetItem", "TransactWriteItems", *told, "Query", "Query"]


def test_leaving_a_group_costs_one_transaction(group: Group) -> None:
    """Whether there is anything to leave is asked first."""
    cost = group.cost_of_frame(OWNER, "leaveChat")
    told = ["BatchGetItem", "POST", "BatchGetItem"]
    assert cost == ["BatchGetItem", "Query", "BatchGetItem", "TransactWriteItems", *told]
    assert group.cost_of_frame(OWNER, "leaveChat") == ["BatchGetItem"]


def test_listing_members_costs_two_queries(group: Group) -> None:
    """Whether the caller is one, how far the changes have come, and the members."""
    assert group.cost(OWNER, "GET /chats/{chatId}/members") == ["GetItem", "Query", "Query"]


def test_muting_costs_one_update(group: Group) -> None:
    """And the answer's description, which goes to the user's own devices."""
    cost = group.cost(group.ann, "PUT /chats/{chatId}/mute", {})
    assert cost == ["UpdateItem", *DESCRIBED, "BatchGetItem", "POST"]


def test_channel_is_joined_and_left_by_one_write_each(group: Group) -> None:
    """However many members it has."""
    body = {"kind": "channel", "id": group.id, "name": "n"}
    assert group.parley.request(OWNER, "POST /chats", body)[0] == 201
    group.path["chatId"] = f"c:{group.id}"
    joining = group.cost_of_frame(group.ann, "joinChat")
    assert joining == ["Query", "GetItem", "PutItem", *DESCRIBED, "BatchGetItem"]
    sending = group.cost_of_frame(OWNER, "sendMessage", after=0, messages=[{"id": str(ULID()), "text": "x"}])
    assert sending == ["BatchGetItem", "PutItem", "SendMessage"]
    assert group.cost_of_frame(group.ann, "leaveChat") == ["DeleteItem", "BatchGetItem"]
    assert group.cost(OWNER, "GET /channels") == ["Query"]
