"""A group and a channel with their people, as tests of the entries run them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ulid import ULID

from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

MEMBER = "/chats/{chatId}/members/{userId}"


class Club:
    """A group of its owner and two members, who are all connected."""

    def __init__(self, parley: Parley, history: str = "start") -> None:
        self.parley = parley
        self.owner, self.ann, self.ben = Person("owner"), Person("ann"), Person("ben")
        for person in (self.owner, self.ann, self.ben):
            assert parley.request(person, "GET /users/me")[0] == 200
        self.body = {
            "kind": "group",
            "id": str(ULID()),
            "name": "Club",
            "memberIds": [self.ann.user_id, self.ben.user_id],
            "history": history,
        }
        parley.connect(self.owner, self.ann, self.ben)
        self.created = parley.request(self.owner, "POST /chats", self.body)
        self.chat_id = str(self.created[1]["chatId"])

    def put(self, by: Person, member: Person, role: str | None = None) -> tuple[int, Any]:
        """Add a member, or set their role."""
        path = {"chatId": self.chat_id, "userId": member.user_id}
        return self.parley.request(by, f"PUT {MEMBER}", {"role": role} if role else {}, path=path)

    def delete(self, by: Person, member: Person) -> tuple[int, Any]:
        """Remove a member."""
        path = {"chatId": self.chat_id, "userId": member.user_id}
        return self.parley.request(by, f"DELETE {MEMBER}", path=path)

    def roles(self, by: Person) -> dict[str, str]:
        """Who is in it, as a member sees it."""
        status, body = self.parley.request(by, "GET /chats/{chatId}/members", path={"chatId": self.chat_id})
        assert status == 200, body
        return {member["userId"]: member["role"] for member in body["members"]}

    def send(self, by: Person, after: int, *texts: str) -> Any:
        """Send by a socket; the answer."""
        return self.parley.frame(by, send_frame(self.chat_id, after, *texts))

    def texts(self, by: Person, **place: int) -> list[str]:
        """What a member reads."""
        page = self.parley.frame(by, {"action": "getMessages", "chatId": self.chat_id, **place})
        return [message["text"] for message in page["messages"]]

    def pushed(self, to: Person, kind: str) -> list[Any]:
        """The frames of a type that came to a person's connection."""
        return [frame for frame in self.parley.aws.frames(to.connection_id) if frame["type"] == kind]


class Radio(Club):
    """A channel of its owner, which ann has joined and ben has not."""

    def __init__(self, parley: Parley) -> None:
        super().__init__(parley)
        self.body = {"kind": "channel", "id": str(ULID()), "name": f"Radio {ULID()}"}
        self.created = parley.request(self.owner, "POST /chats", self.body)
        self.chat_id = str(self.created[1]["chatId"])
        self.joined = parley.frame(self.ann, {"action": "joinChat", "chatId": self.chat_id})
        parley.aws.reset()
