"""What each operation of the chat asks of AWS, counted where the requests arrive, for the capacity model."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ulid import ULID

from chat.adapters import aws as aws_clients
from chat.adapters.connections import ConnectionsTable
from chat.adapters.limits import LimitsTable
from chat.adapters.users import UsersTable
from chat.adapters.web_sessions import SessionsTable
from chat.service.keyring import Keyring
from chat.service.limits import Limit, Limiter
from chat.service.web_sessions import BrowserSessions
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakePush
from tests.handlers.support.fakes.keys import FakeRotatedSecrets
from tests.handlers.support.fakes.web_sessions import FakeTokenIssuer
from tests.handlers.support.gateway_events import Person, authorizer_event, socket_event
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.recording_aws import Call
    from tests.handlers.support.service import Parley

    Kind = tuple[str, str, bool]
    """An operation, its table, and whether it is a strongly consistent read."""
    Calls = dict[Kind, dict[str, int]]

TEXT = "hi"
WIDTH = 3
"""How many chats more tell what a chat adds to an operation that is about several."""
_SQS = "fan-out"


class Counter:
    """Carries out operations as API Gateway and SQS would, where no environment has seen the chat."""

    def __init__(self, parley: Parley, dynamodb: DynamoDBClient) -> None:
        """Begin with a chat of two, a group of four with two others connected, and a channel of two."""
        self._parley = parley
        self._dynamodb = dynamodb
        self.operations: dict[str, dict[str, Any]] = {}
        self.alice, self.bob = Person("alice"), Person("bob")
        parley.connect(self.alice, self.bob)
        self.direct = parley.chat(self.alice, self.bob)
        self.others = [self.bob, Person("carol"), Person("dave")]
        for person in self.others[1:]:
            parley.request(person, "GET /users/me")
        parley.connect(self.others[1])
        self.group = self._make("group", memberIds=[person.user_id for person in self.others])
        self.channel = self._make("channel")
        parley.frame(self.bob, {"action": "joinChat", "chatId": self.channel})
        self._forget()

    def run(self) -> dict[str, Any]:
        """Everything the model reads: operations, and the sizes of items."""
        for name, chat_id in (("Direct", self.direct), ("Group", self.group), ("Channel", self.channel)):
            self._frame(f"send{name}", send_frame(chat_id, 0, TEXT))
        self._fan_out("fanOutChannel")
        for name, chat_id in (("Direct", self.direct), ("Group", self.group)):
            self._frame(f"mark{name}", {"action": "markRead", "chatId": chat_id, "seq": 1}, person=self.bob)
            self._frame(f"typing{name}", {"action": "typing", "chatId": chat_id})
        self._fan_out_of_many()
        self._frame("ping", {"action": "ping"})
        self._connect()
        self._browse()
        self._each_chat("tellPresence", self._tell)
        self._each_chat("listChats", self._list)
        self._each_chat("sync", self._sync)
        return {
            "text": len(TEXT),
            "operations": self.operations,
            "items": {"member": self._member_bytes(), "membership": self._membership_bytes()},
        }

    # The operations.

    def _connect(self) -> None:
        """A ticket, its authorizer and $connect of a user who comes; then the same user's going."""
        person = Person("erin")
        self._parley.request(person, "GET /users/me")
        ticket = self._counted("ticket", lambda: self._parley.request(person, "POST /tickets")[1])
        event = authorizer_event(person.connection_id, ticket=ticket["ticket"])
        self._counted("authorize", lambda: self._parley.invoke("authorizer", event))
        self._counted("connect", lambda: self._parley.connect(person))
        self._counted("disconnect", lambda: self._disconnect(person))

    def _browse(self) -> None:
        """A browser's sign-in by a provider, of a user who has been here before; its renewal; its end."""
        person, clock = Person("grace"), FakeClock()
        self._parley.request(person, "GET /users/me")
        dynamodb = aws_clients.dynamodb()
        sessions = BrowserSessions(
            SessionsTable(dynamodb, "sessions"),
            FakeTokenIssuer(),
            Keyring(FakeRotatedSecrets(clock, "key"), "cookies", clock),
            UsersTable(dynamodb, "users"),
            ConnectionsTable(dynamodb, "connections"),
            FakePush(),
            clock,
            Limiter(LimitsTable(dynamodb, "limits"), Limit.parse("renew", "1/100"), clock),
        )
        code = f"good-{person.user_id}"
        begun = self._counted("signIn", lambda: sessions.begin(code, "v" * 43, "https://chat.example"))
        renewed = self._counted("renewSession", lambda: sessions.renew(begun.cookie))
        self._counted("endSession", lambda: sessions.end(renewed.cookie))

    def _disconnect(self, person: Person) -> None:
        event = socket_event(person, "$disconnect", domain_name=self._parley.domain_name)
        self._parley.invoke("disconnect", event)

    def _tell(self, person: Person, _: list[str]) -> object:
        """What the fan-out function does when somebody has come; the coming itself is forgotten."""
        self._parley.connect(person)
        records = self._records(self._parley.aws.queued())
        self._forget()
        return self._parley.invoke("fan_out", records)

    def _list(self, person: Person, _: list[str]) -> object:
        return self._parley.request(person, "GET /chats")[1]

    def _sync(self, person: Person, chat_ids: list[str]) -> object:
        cursors = dict.fromkeys(chat_ids, 0)
        return self._parley.frame(person, {"action": "sync", "chats": cursors, "changes": cursors})

    def _fan_out(self, name: str) -> None:
        """Carry out what the last operation left to the queue, as an operation of its own."""
        records = self._records(self._left)
        self._counted(name, lambda: self._parley.invoke("fan_out", records))

    def _records(self, tasks: list[Any]) -> dict[str, Any]:
        """The event by which SQS brings tasks to the fan-out function."""
        return {"Records": [{"messageId": str(n), "body": json.dumps(task)} for n, task in enumerate(tasks)]}

    def _fan_out_of_many(self) -> None:
        """A send to more devices than a request posts to: the task that brings it to them."""
        crowd = Person("crowd")
        self._parley.connect(*(Person("crowd", crowd.user_id) for _ in range(30)))
        chat_id = self._parley.chat(self.alice, crowd)
        self._forget()
        self._frame("sendToMany", send_frame(chat_id, 0, TEXT))
        self._fan_out("fanOutUsers")

    # Counting.

    def _frame(self, name: str, frame: dict[str, Any], person: Person | None = None) -> None:
        answer = self._counted(name, lambda: self._parley.frame(person or self.alice, frame))
        self.operations[name]["requestBytes"] = len(json.dumps(frame, separators=(",", ":")))
        self.operations[name]["responseBytes"] = len(json.dumps(answer, separators=(",", ":")))

    def _counted(self, name: str, act: Callable[[], Any]) -> Any:
        self._forget()
        answer = act()
        aws = self._parley.aws
        self._left = [json.loads(c.body["MessageBody"]) for c in aws.calls if c.operation == "SendMessage"]
        self.operations[name] = {"calls": _rows(_calls([*aws.calls, *aws.leases]))}
        return answer

    def _each_chat(self, name: str, act: Callable[[Person, list[str]], Any]) -> None:
        """Count an operation over 1 chat and over 1 + WIDTH: what it costs at all, and a chat more."""
        counted, sizes = [], []
        for number in (1, 1 + WIDTH):
            person = Person("frank")
            chat_ids = [self._parley.chat(person, self._connected(f"other{n}")) for n in range(number)]
            self._forget()
            sizes.append(len(json.dumps(act(person, chat_ids), separators=(",", ":"))))
            counted.append(_calls([*self._parley.aws.calls, *self._parley.aws.leases]))
        one, many = counted
        assert one.keys() == many.keys()
        each = {key: {of: (many[key][of] - one[key][of]) // WIDTH for of in one[key]} for key in one}
        base = {key: {of: one[key][of] - each[key][of] for of in one[key]} for key in one}
        self.operations[name] = {
            "responseBytes": sizes[0],
            "calls": _rows(base),
            "eachChat": _rows(each),
            "eachChatResponseBytes": (sizes[1] - sizes[0]) // WIDTH,
        }

    def _connected(self, username: str) -> Person:
        person = Person(username)
        self._parley.connect(person)
        return person

    def _forget(self) -> None:
        self._parley.aws.reset()

    def _make(self, kind: str, **fields: object) -> str:
        body = {"kind": kind, "id": str(ULID()), "name": "name", **fields}
        return str(self._parley.request(self.alice, "POST /chats", body)[1]["chatId"])

    # Sizes.

    def _member_bytes(self) -> int:
        """What a member adds to a group's roster, which each send reads."""
        return _item_bytes(self._item(self.group, "META")) // (1 + len(self.others))

    def _membership_bytes(self) -> int:
        """A member's own item of a chat."""
        return _item_bytes(self._item(self.group, f"MEMBER#{self.bob.user_id}"))

    def _item(self, chat_id: str, sort_key: str) -> dict[str, Any]:
        key = {"chatId": {"S": chat_id}, "sk": {"S": sort_key}}
        return dict(self._dynamodb.get_item(TableName="chats", Key=key)["Item"])


def _calls(calls: list[Call]) -> Calls:
    """Requests, items and bytes by kind."""
    found: Calls = defaultdict(lambda: {"requests": 0, "items": 0, "bytes": 0})
    for call in calls:
        for table, consistent, items, size in _parts(call):
            counted = found[call.operation, table, consistent]
            counted["requests"] += 1
            counted["items"] += items
            counted["bytes"] += size
    return found


def _parts(call: Call) -> list[tuple[str, bool, int, int]]:
    """The tables that a request names, how it reads, how many items it names of each, and its bytes."""
    body = call.body
    if call.operation == "POST":
        return [("", False, 1, len(json.dumps(body, separators=(",", ":"))))]
    if call.operation == "SendMessage":
        return [(_SQS, False, 1, len(body["MessageBody"]))]
    if call.operation == "BatchGetItem":
        named = body["RequestItems"].items()
        return [(table, bool(of.get("ConsistentRead")), len(of["Keys"]), 0) for table, of in named]
    table = "/".join(filter(None, (body["TableName"], body.get("IndexName"))))
    size = _item_bytes(body["Item"]) if call.operation == "PutItem" else 0
    return [(table, bool(body.get("ConsistentRead")), 1, size)]


def _rows(calls: Calls) -> list[dict[str, Any]]:
    """The calls as they stand in the file."""
    return [
        {"operation": operation, "table": table, "consistent": consistent, **counted}
        for (operation, table, consistent), counted in sorted(calls.items())
        if any(counted.values())
    ]


def _item_bytes(item: dict[str, Any]) -> int:
    """An item's size by DynamoDB's rules ("DynamoDB item sizes and formats" of its developer guide)."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: dict[str, Any]) -> int:
    kind, held = next(iter(value.items()))
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held) // 2 + 2  # zeros at its end would be left out: a time has them now and then
        case "M":
            return 3 + sum(len(name.encode()) + _value_bytes(of) + 1 for name, of in held.items())
        case "L":
            return 3 + sum(_value_bytes(of) + 1 for of in held)
        case "SS":
            return 3 + sum(len(of.encode()) + 1 for of in held)
        case _:
            return 1
