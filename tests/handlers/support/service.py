"""The service as API Gateway calls it: events in, responses out, over a real DynamoDB engine."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ulid import ULID

from tests.handlers.support.gateway_events import Person, http_event, socket_event

if TYPE_CHECKING:
    from types import ModuleType

    from tests.handlers.support.recording_aws import RecordingAws

ROUTES = {
    "sendMessage": "send_message",
    "getMessages": "get_messages",
    "sync": "sync",
    "editMessage": "change_message",
    "deleteMessage": "change_message",
    "react": "change_message",
    "getUsers": "get_users",
    "markDelivered": "mark",
    "markRead": "mark",
    "typing": "send_typing",
    "getPresence": "get_presence",
    "joinChat": "join_chat",
    "leaveChat": "leave_chat",
    "ping": "default",
    "$default": "default",
    "$connect": "connect",
    "$disconnect": "disconnect",
}
HTTP_ROUTES = {
    "/tickets": "tickets",
    "/upload-url": "upload_url",
    "/chats/{chatId}/media/{mediaId}": "media",
    "/avatars": "media",
    "/chats": "chats",
    "/chats/{chatId}": "chats",
    "PATCH /chats/{chatId}": "chat_settings",
    "/chats/{chatId}/mute": "chat_settings",
    "/chats/{chatId}/members": "members",
    "/chats/{chatId}/members/{userId}": "members",
    "/channels": "channels",
    "/chats/{chatId}/messages": "messages",
    "/chats/{chatId}/messages/{seq}": "message",
    "/chats/{chatId}/messages/{seq}/reaction": "message",
    "/search": "search",
    "/sign-out": "sign_out",
    "/reports": "reports",
    "/users/me/export": "account",
    "DELETE /users/me": "account",
    "/users/me/blocks": "blocks",
    "/users/me/blocks/{userId}": "blocks",
    "/chats/{chatId}/watermarks": "watermarks",
    "/chats/{chatId}/presence": "presence",
    "/unread": "watermarks",
    "/push-key": "push_subscriptions",
    "/users/me/push-subscriptions": "push_subscriptions",
    "/users/me/push-subscriptions/{subscriptionId}": "push_subscriptions",
}


@dataclass(frozen=True, slots=True)
class Parley:
    """The service as API Gateway calls it."""

    aws: RecordingAws
    entries: dict[str, ModuleType]

    @property
    def domain_name(self) -> str:
        """Where events say they come from."""
        return self.aws.url.removeprefix("http://")

    def invoke(self, entry: str, event: dict[str, Any]) -> dict[str, Any]:
        """Call an entry's handler with an event, both ways through JSON as Lambda does."""
        answer = self.entries[entry].handler(json.loads(json.dumps(event)), None)
        returned: dict[str, Any] = json.loads(json.dumps(answer))
        return returned

    def frame(self, person: Person, frame: dict[str, Any] | str, route: str | None = None) -> dict[str, Any]:
        """Send a frame by the person's connection; the route response's frame."""
        body = frame if isinstance(frame, str) else json.dumps(frame)
        route = route or (str(frame["action"]) if isinstance(frame, dict) else "$default")
        event = socket_event(person, route, body, domain_name=self.domain_name)
        response = self.invoke(ROUTES[route], event)
        assert response["statusCode"] == 200
        answer: dict[str, Any] = json.loads(response["body"])
        return answer

    def connect(self, *people: Person) -> None:
        """Register connections that these people opened an hour ago."""
        connected_at = int((time.time() - 3_600) * 1_000)
        for person in people:
            event = socket_event(person, "$connect", domain_name=self.domain_name, connected_at=connected_at)
            assert self.invoke("connect", event) == {"statusCode": 200}

    def request(
        self,
        person: Person,
        route: str,
        body: object = None,
        *,
        path: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Make an HTTP request with the person's token; status and body."""
        template = route.split(" ")[1]
        entry = HTTP_ROUTES.get(route) or HTTP_ROUTES.get(template, "users")
        response = self.invoke(entry, http_event(person, route, body, path=path, query=query))
        return response["statusCode"], json.loads(response["body"])

    def chat(self, one: Person, other: Person) -> str:
        """Create the direct chat of two people, who have called before."""
        for person in (one, other):
            assert self.request(person, "GET /users/me")[0] == 200
        status, chat = self.request(one, "POST /chats", {"kind": "direct", "userId": other.user_id})
        assert status in (200, 201)
        return str(chat["chatId"])


def drafts(*texts: str) -> list[dict[str, str]]:
    """Messages to send, each with a new id."""
    return [{"id": str(ULID()), "text": text} for text in texts]


def send_frame(chat_id: str, after: int, *texts: str, request_id: str = "r1") -> dict[str, Any]:
    """A sendMessage frame."""
    return {
        "action": "sendMessage",
        "requestId": request_id,
        "chatId": chat_id,
        "after": after,
        "messages": drafts(*texts),
    }
