"""The REST routes of the pretended service: chats, members, people, search and files, over the model."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.client.model_service import SENT_AT, ModelChat, ModelMember, ModelService, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client.model_service import Pushes

Answer = tuple[int, object]
PEOPLE = ("ann", "bob", "cleo")


class FakeRest:
    """What the HTTP API answers; frames for other devices gather in `pushes`."""

    def __init__(self, model: ModelService) -> None:
        """Serve the model's chats."""
        self.model = model
        self.url = ""
        """Where this service is reached; files are kept under it."""
        self.pushes: Pushes = []
        self.blocked: list[str] = []
        self.files: dict[str, bytes] = {}
        self.profiles: dict[str, dict[str, str]] = {}
        self.reports: list[dict[str, Any]] = []
        self.exports: dict[str, int] = {}
        """How often each user has looked for their archive, which is ready at the second look."""
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.deleted: set[str] = set()
        self.signed_out: set[str] = set()
        routes: dict[str, Callable[..., Answer]] = {
            "GET /chats": self._chats,
            "POST /chats": self._create,
            "PATCH /chats/([^/]+)": self._rename,
            "PUT /chats/([^/]+)/mute": self._mute,
            "GET /chats/([^/]+)/members": self._members,
            "PUT /chats/([^/]+)/members/([^/]+)": self._add,
            "DELETE /chats/([^/]+)/members/([^/]+)": self._remove,
            "GET /chats/([^/]+)/media/([^/]+)": self._link,
            "GET /channels": self._channels,
            "GET /search": self._search,
            "GET /users/me/blocks": self._blocks,
            "PUT /users/me/blocks/([^/]+)": self._block,
            "DELETE /users/me/blocks/([^/]+)": self._unblock,
            "GET /users/me": self._me,
            "PATCH /users/me": self._update,
            "DELETE /users/me": self._delete,
            "POST /users/me/export": self._request_export,
            "GET /users/me/export": self._export,
            "PUT /users/me/push-subscriptions": self._subscribe,
            "DELETE /users/me/push-subscriptions/([^/]+)": self._unsubscribe,
            "GET /avatars": self._avatars,
            "GET /push-key": lambda *_: (200, {"key": "B" * 87}),
            "POST /reports": self._report,
            "GET /users/([^/]+)": self._user,
            "POST /upload-url": self._upload,
            "POST /sign-out": self._sign_out,
        }
        self._routes = [(re.compile(pattern), answer) for pattern, answer in routes.items()]

    def answer(self, user: str, method: str, target: str, body: dict[str, Any]) -> Answer:
        """Answer a request of a user."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for pattern, answer in self._routes:
            if found := pattern.fullmatch(f"{method} {parts.path}"):
                try:
                    return answer(user, {**query, **body}, *map(unquote, found.groups()))
                except Refused as refused:
                    return 404, {"error": {"code": str(refused), "message": str(refused), "definite": True}}
        return 404, {"message": "Not Found"}

    def _chats(self, user: str, _: dict[str, Any]) -> Answer:
        return 200, {"chats": self.model.listing(user)}

    def _create(self, user: str, asked: dict[str, Any]) -> Answer:
        if asked["kind"] == "direct":
            if asked["userId"] not in set(PEOPLE) - {user}:
                raise Refused("unknown_user")
            chat_id = "dm:" + ":".join(sorted((user, asked["userId"])))
            self._open(chat_id, user, [asked["userId"]], "")
        else:
            chat_id = f"{asked['kind'][0]}:{asked['id']}"
            self._open(chat_id, user, asked.get("memberIds", []), asked["name"])
        return 201, self.model.summary(user, chat_id)

    def _open(self, chat_id: str, owner: str, others: list[str], name: str) -> None:
        if chat_id not in self.model.chats:
            members = {owner: ModelMember("owner"), **{other: ModelMember() for other in others}}
            self.model.chats[chat_id] = ModelChat(members, name)
            self.pushes += [
                (other, {"type": "chat", "chat": self.model.summary(other, chat_id)}) for other in others
            ]

    def _rename(self, user: str, asked: dict[str, Any], chat_id: str) -> Answer:
        self.pushes += self.model.rename(user, chat_id, asked["name"])
        return 200, self.model.summary(user, chat_id)

    def _mute(self, user: str, asked: dict[str, Any], chat_id: str) -> Answer:
        self.model.chats[chat_id].members[user].muted_until = asked.get("until")
        chat = self.model.summary(user, chat_id)
        self.pushes.append((user, {"type": "chat", "chat": chat}))
        return 200, chat

    def _members(self, _: str, __: dict[str, Any], chat_id: str) -> Answer:
        listed = {"members": self.model.members(chat_id), "lastChange": self.model.last_change(chat_id)}
        return 200, {"chatId": chat_id, **listed}

    def _add(self, user: str, asked: dict[str, Any], chat_id: str, other: str) -> Answer:
        role = asked.get("role", "member")
        if other in self.model.chats[chat_id].members:
            self.pushes += self.model.rank(user, other, chat_id, role)
        else:
            self.pushes += self.model.add(user, other, chat_id)
        return 201, {"chatId": chat_id, "userId": other, "role": role}

    def _remove(self, user: str, _: dict[str, Any], chat_id: str, other: str) -> Answer:
        self.pushes += self.model.remove(user, other, chat_id)
        return 200, {}

    def _channels(self, _: str, asked: dict[str, Any]) -> Answer:
        found = [
            {"chatId": chat_id, "name": chat.name}
            for chat_id, chat in self.model.chats.items()
            if chat_id.startswith("c:") and chat.name.startswith(asked.get("q", ""))
        ]
        return 200, {"channels": found, "hasMore": False}

    def _search(self, user: str, asked: dict[str, Any]) -> Answer:
        hits = [
            {"chatId": chat_id, "message": message}
            for chat_id, chat in self.model.chats.items()
            if user in chat.members
            for message in chat.log
            if asked["q"] in message["text"]
        ]
        return 200, {"hits": hits}

    def _user(self, _: str, __: dict[str, Any], user_id: str) -> Answer:
        if user_id in self.deleted:
            raise Refused("unknown_user")
        return 200, {"userId": user_id, "username": user_id, **self.profiles.get(user_id, {})}

    def _me(self, user: str, asked: dict[str, Any]) -> Answer:
        return self._user(user, asked, user)

    def _update(self, user: str, asked: dict[str, Any]) -> Answer:
        profile = {**self.profiles.get(user, {}), **asked}
        if profile.get("avatar", "") not in {"", *self.files}:
            raise Refused("unknown_file")
        self.profiles[user] = {name: value for name, value in profile.items() if value}
        return self._me(user, asked)

    def _avatars(self, _: str, __: dict[str, Any]) -> Answer:
        return 200, {"url": f"{self.url}files/{{avatar}}?of={{userId}}", "expiresAt": "2126-11-21T00:00:00Z"}

    def _delete(self, user: str, _: dict[str, Any]) -> Answer:
        self.deleted.add(user)
        return 202, {"requestedAt": SENT_AT}

    def _request_export(self, user: str, _: dict[str, Any]) -> Answer:
        self.exports[user] = 0
        return 202, {"status": "preparing", "requestedAt": SENT_AT}

    def _export(self, user: str, _: dict[str, Any]) -> Answer:
        if user not in self.exports:
            raise Refused("no_export")
        self.exports[user] += 1
        if self.exports[user] == 1:
            return 200, {"status": "preparing", "requestedAt": SENT_AT}
        self.files[f"export-{user}"] = json.dumps({"profile": {"username": user}}).encode()
        link = {"url": f"{self.url}files/export-{user}", "expiresAt": SENT_AT}
        return 200, {"status": "ready", "requestedAt": SENT_AT, **link}

    def _subscribe(self, _: str, asked: dict[str, Any]) -> Answer:
        subscription_id = f"{len(self.subscriptions):032x}"
        self.subscriptions[subscription_id] = asked
        return 200, {"subscriptionId": subscription_id}

    def _unsubscribe(self, _: str, __: dict[str, Any], subscription_id: str) -> Answer:
        del self.subscriptions[subscription_id]
        return 200, {}

    def _report(self, user: str, asked: dict[str, Any]) -> Answer:
        if user not in self.model.chats[asked["chatId"]].members:
            raise Refused("unknown_chat")
        self.reports.append(asked)
        return 201, {"reportId": "1", "reportedAt": SENT_AT}

    def _blocks(self, _: str, __: dict[str, Any]) -> Answer:
        return 200, {"users": [{"userId": name, "username": name} for name in self.blocked]}

    def _block(self, _: str, __: dict[str, Any], other: str) -> Answer:
        self.blocked.append(other)
        return 200, {"userId": other, "username": other}

    def _unblock(self, _: str, __: dict[str, Any], other: str) -> Answer:
        self.blocked.remove(other)
        return 200, {}

    def _upload(self, _: str, asked: dict[str, Any]) -> Answer:
        media_id = f"{len(self.files):032x}"
        fields = {"key": media_id, "Content-Type": asked["contentType"]}
        upload = {"mediaId": media_id, "url": f"{self.url}files", "fields": fields, "expiresAt": SENT_AT}
        return 200, upload

    def keep(self, form: bytes) -> Answer:
        """Take a file in, as multipart/form-data; its key is the first field."""
        boundary = form.split(b"\r\n", 1)[0]
        key, *_, file = [part.split(b"\r\n\r\n", 1)[1][:-2] for part in form.split(boundary)[1:-1]]
        self.files[key.decode()] = file
        return 200, {}

    def _link(self, _: str, __: dict[str, Any], chat_id: str, media_id: str) -> Answer:
        if chat_id not in self.model.chats or media_id not in self.files:
            raise Refused("unknown_file")
        return 200, {"url": f"{self.url}files/{media_id}", "expiresAt": SENT_AT}

    def _sign_out(self, user: str, asked: dict[str, Any]) -> Answer:
        assert asked == {"everywhere": True}
        self.signed_out.add(user)
        return 200, {}
