"""A model of the service for the session's property tests: both append logs, members, marks and the push."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Frame = dict[str, Any]
Pushes = list[tuple[str, Frame]]

PAGE = 3
SENT_AT = "2026-11-21T00:00:00.000Z"


@dataclass
class ModelMember:
    """A member: role, from where and since when, how far they have got, until when they want no news."""

    role: str = "member"
    visible_after: int = 0
    since: int = 0
    delivered: int = 0
    read: int = 0
    muted_until: str | None = None


@dataclass
class ModelChat:
    """A chat: its messages as they are now, its changes as they were, its members."""

    members: dict[str, ModelMember]
    name: str = ""
    log: list[Frame] = field(default_factory=list)
    changes: list[Frame] = field(default_factory=list)


class Refused(Exception):  # noqa: N818 - what happened, not what went wrong
    """A request is refused with a code."""


class ModelService:
    """What docs/protocol.md promises; a request takes effect at the moment it is answered."""

    def __init__(self, members: Mapping[str, tuple[str, ...]]) -> None:
        """Hold these chats, empty; the first member owns a chat, `c:` chats are open to everyone."""
        self.chats = {
            chat_id: ModelChat(
                {user: ModelMember("owner" if user == users[0] else "member") for user in users}
            )
            for chat_id, users in members.items()
        }

    @property
    def logs(self) -> dict[str, list[Frame]]:
        """Each chat's messages as they are now."""
        return {chat_id: chat.log for chat_id, chat in self.chats.items()}

    def answer(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        """Return the answer to a request, and the pushes (recipient, frame) that it causes."""
        acts: dict[str, Callable[[str, Frame], tuple[Frame, Pushes]]] = {
            "sendMessage": self._append,
            "sync": self._sync,
            "editMessage": self._edit,
            "deleteMessage": self._delete,
            "react": self._react,
            "markDelivered": self._mark,
            "markRead": self._mark,
            "typing": self._typing,
            "joinChat": self._join,
            "leaveChat": self._leave,
            "getPresence": self._presence,
            "ping": lambda *_: ({"type": "pong"}, []),
        }
        try:
            answer, pushes = acts[request["action"]](user, request)
        except Refused as refused:
            return error(request, str(refused), definite=True, chat_id=request.get("chatId")), []
        return {**answer, "requestId": request.get("requestId", "")}, pushes

    # What a user sees of the chats.

    def listing(self, user: str) -> list[Frame]:
        """Return the user's chats as GET /chats does."""
        return [self.summary(user, chat_id) for chat_id in self.chats if user in self.chats[chat_id].members]

    def summary(self, user: str, chat_id: str) -> Frame:
        """Return a chat as one of its members sees it."""
        chat = self.chats[chat_id]
        member = chat.members[user]
        kind = {"d": "direct", "g": "group", "c": "channel"}[chat_id[0]]
        others = [name for name in chat.members if name != user]
        other = {"otherMember": {"userId": others[0], "username": others[0]}} if kind == "direct" else {}
        return {
            "chatId": chat_id,
            "kind": kind,
            **({"name": chat.name} if chat.name else {}),
            **({"mutedUntil": member.muted_until} if member.muted_until else {}),
            **other,
            "role": member.role,
            "lastSeq": len(chat.log),
            "lastChange": len(chat.changes),
            "visibleAfter": member.visible_after,
            "readSeq": member.read,
            "deliveredSeq": member.delivered,
            **_since(member),
            "unread": max(0, len(chat.log) - max(member.read, member.visible_after)),
        }

    def members(self, chat_id: str) -> list[Frame]:
        """Return a chat's members as GET /chats/{chatId}/members does."""
        members = self.chats[chat_id].members
        return [self._member(user, member) for user, member in sorted(members.items())]

    def last_change(self, chat_id: str) -> int:
        """Return the number of a chat's last change."""
        return len(self.chats[chat_id].changes)

    def _member(self, user: str, member: ModelMember) -> Frame:
        marks = {"deliveredSeq": member.delivered, "readSeq": member.read}
        return {"userId": user, "role": member.role, **marks, **_since(member)}

    def _require(self, user: str, chat_id: str) -> ModelChat:
        if chat_id not in self.chats or user not in self.chats[chat_id].members:
            raise Refused("unknown_chat")
        return self.chats[chat_id]

    # Frames.

    def _sync(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        pages = []
        for chat_id, seq in request["chats"].items():
            if chat_id not in self.chats or user not in self.chats[chat_id].members:
                return error(request, "unknown_chat", definite=True, chat_id=chat_id), []
            pages.append(self._page(user, chat_id, seq, request.get("changes", {}).get(chat_id, 0)))
        return {"type": "sync", "chats": pages}, []

    def _page(self, user: str, chat_id: str, seq: int, number: int) -> Frame:
        chat = self.chats[chat_id]
        start = max(seq, chat.members[user].visible_after)
        return {
            "chatId": chat_id,
            "messages": chat.log[start : start + PAGE],
            "changes": [self._as_it_is(chat, change) for change in chat.changes[number : number + PAGE]],
            "hasMore": len(chat.log) > start + PAGE or len(chat.changes) > number + PAGE,
        }

    def _as_it_is(self, chat: ModelChat, change: Frame) -> Frame:
        """Return a change as a sync gives it: its message as it is now, unless a later change brings that."""
        if "seq" not in change:
            return change
        told = {name: value for name, value in change.items() if name != "seq"}
        message: Frame = chat.log[change["seq"] - 1]
        return {**told, "message": message} if message["change"] == change["number"] else told

    def _append(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        chat_id, after, drafts = request["chatId"], request["after"], request["messages"]
        log = self._require(user, chat_id).log
        if after > len(log):
            raise Refused("bad_after")
        page = log[after : after + PAGE]
        landed = {message["id"]: message for message in page}
        new = [draft for draft in drafts if draft["id"] not in landed]
        if new and len(log) > after + PAGE:
            return error(request, "sync_required"), []
        new = [self._with_file(draft) for draft in new]
        missed = [message for message in page if message["id"] not in {draft["id"] for draft in drafts}]
        for draft in new:
            landed[draft["id"]] = {**draft, "seq": len(log) + 1, "senderId": user, "sentAt": SENT_AT}
            log.append(landed[draft["id"]])
        acked = [{name: landed[draft["id"]][name] for name in ("id", "seq", "sentAt")} for draft in drafts]
        pushes = [
            push
            for draft in new
            for push in self._to_all(chat_id, {"type": "message", "message": landed[draft["id"]]})
        ]
        return {"type": "ack", "chatId": chat_id, "messages": acked, "missed": missed}, pushes

    def _with_file(self, draft: Frame) -> Frame:
        """Say of an attachment what the service knows of the file."""
        if "attachment" not in draft:
            return draft
        return {**draft, "attachment": {**draft["attachment"], "contentType": "text/plain", "bytes": 5_000}}

    def _edit(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        message = self._message(user, request)
        if message["senderId"] != user or "deletedAt" in message:
            raise Refused("not_permitted")
        return self._alter(
            user, request, {**message, "text": request["text"], "editedAt": self._now(request)}
        )

    def _delete(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        message = self._message(user, request)
        if message["senderId"] != user:
            raise Refused("not_permitted")
        return self._alter(user, request, {**message, "text": "", "deletedAt": self._now(request)})

    def _react(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        message = self._message(user, request)
        reactions = {name: emoji for name, emoji in message.get("reactions", {}).items() if name != user}
        if "emoji" in request:
            reactions[user] = request["emoji"]
        return self._alter(user, request, {**message, "reactions": reactions})

    def _message(self, user: str, request: Frame) -> Frame:
        chat = self._require(user, request["chatId"])
        if not chat.members[user].visible_after < request["seq"] <= len(chat.log):
            raise Refused("unknown_message")
        message: Frame = chat.log[request["seq"] - 1]
        return message

    def _alter(self, user: str, request: Frame, message: Frame) -> tuple[Frame, Pushes]:
        chat_id, chat = request["chatId"], self.chats[request["chatId"]]
        was = chat.log[message["seq"] - 1]
        if _without_times(message) == _without_times(was):
            change = {"number": was.get("change", 0), "by": user, "at": SENT_AT, "message": was}
            return {"type": "changed", "chatId": chat_id, "change": change}, []
        number = len(chat.changes) + 1
        at = self._now(request)
        chat.log[message["seq"] - 1] = {**message, "change": number}
        chat.changes.append({"number": number, "by": user, "at": at, "seq": message["seq"]})
        return self._changed(chat_id)

    def _now(self, request: Frame) -> str:
        """Return a time that no two changes of a chat share within an hour."""
        number = len(self.chats[request["chatId"]].changes) + 1
        return f"2026-11-21T00:{number // 60 % 60:02d}:{number % 60:02d}.000Z"

    def _changed(self, chat_id: str) -> tuple[Frame, Pushes]:
        """Return the last change as its answer, and as what everybody is told."""
        chat = self.chats[chat_id]
        change = self._as_it_is(chat, chat.changes[-1])
        frame = {"type": "changed", "chatId": chat_id, "change": change}
        return frame, self._to_all(chat_id, frame)

    def _mark(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        chat = self._require(user, request["chatId"])
        if request["seq"] > len(chat.log):
            raise Refused("unknown_message")
        member = chat.members[user]
        was = (member.delivered, member.read)
        member.delivered = max(member.delivered, request["seq"])
        if request["action"] == "markRead":
            member.read = max(member.read, request["seq"])
        receipt = {
            "type": "receipt",
            "userId": user,
            "deliveredSeq": member.delivered,
            "readSeq": member.read,
            **_since(member),
        }
        moved = was != (member.delivered, member.read)
        return {**receipt, "chatId": request["chatId"]}, self._to_all(
            request["chatId"], receipt
        ) if moved else []

    def _typing(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        self._require(user, request["chatId"])
        frame = {"type": "typing", "userId": user, "expiresAt": SENT_AT, "chatId": request["chatId"]}
        return frame, [push for push in self._to_all(request["chatId"], frame) if push[0] != user]

    def _presence(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        others = [name for name in self._require(user, request["chatId"]).members if name != user]
        users = [{"userId": name, "online": True} for name in others]
        return {"type": "presence", "chatId": request["chatId"], "users": users}, []

    # Members.

    def _join(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        chat_id = request["chatId"]
        if not chat_id.startswith("c:") or chat_id not in self.chats:
            raise Refused("unknown_chat")
        pushes = [] if user in self.chats[chat_id].members else self.add(user, user, chat_id)
        return {"type": "chat", "chat": self.summary(user, chat_id)}, pushes

    def add(self, by: str, user: str, chat_id: str) -> Pushes:
        """Add a user, who sees what is written from now on, and give what is told of it."""
        chat = self.chats[chat_id]
        number = len(chat.changes) + 1
        chat.members[user] = ModelMember(visible_after=len(chat.log), since=number)
        added = [{"userId": user, "role": "member", "memberSince": number}]
        chat.changes.append({"number": number, "by": by, "at": SENT_AT, "members": added})
        _, pushes = self._changed(chat_id)
        return [*pushes, (user, {"type": "chat", "chat": self.summary(user, chat_id)})]

    def rank(self, by: str, user: str, chat_id: str, role: str) -> Pushes:
        """Give a member another role and give what is told of it."""
        chat = self.chats[chat_id]
        chat.members[user].role = role
        ranked = [{"userId": user, "role": role}]
        chat.changes.append({"number": len(chat.changes) + 1, "by": by, "at": SENT_AT, "members": ranked})
        return self._changed(chat_id)[1]

    def _leave(self, user: str, request: Frame) -> tuple[Frame, Pushes]:
        chat_id = request["chatId"]
        here = chat_id in self.chats and user in self.chats[chat_id].members
        pushes = self.remove(user, user, chat_id) if here else []
        return {"type": "left", "chatId": chat_id}, pushes

    def remove(self, by: str, user: str, chat_id: str) -> Pushes:
        """Remove a member and give what is told of it."""
        chat = self.chats[chat_id]
        del chat.members[user]
        chat.changes.append({"number": len(chat.changes) + 1, "by": by, "at": SENT_AT, "removed": [user]})
        _, pushes = self._changed(chat_id)
        return [*pushes, (user, {"type": "left", "chatId": chat_id})]

    def rename(self, by: str, chat_id: str, name: str) -> Pushes:
        """Give a chat another name and give what is told of it."""
        chat = self.chats[chat_id]
        chat.name = name
        chat.changes.append({"number": len(chat.changes) + 1, "by": by, "at": SENT_AT, "name": name})
        return self._changed(chat_id)[1]

    def _to_all(self, chat_id: str, frame: Frame) -> Pushes:
        return [(member, {**frame, "chatId": chat_id}) for member in self.chats[chat_id].members]


def _since(member: ModelMember) -> Frame:
    """Say since which change, where it is not from the chat's beginning on."""
    return {"memberSince": member.since} if member.since else {}


def _without_times(message: Frame) -> Frame:
    kept = {name: value for name, value in message.items() if name not in {"editedAt", "deletedAt"}}
    return {**kept, "deleted": "deletedAt" in message}


def error(
    request: Frame,
    code: str,
    *,
    retryable: bool = False,
    definite: bool = False,
    chat_id: str | None = None,
    retry_after_ms: int | None = None,
) -> Frame:
    """Return an error frame that answers a request."""
    return {
        "type": "error",
        "requestId": request.get("requestId", ""),
        "code": code,
        "message": code,
        "retryable": retryable,
        "definite": definite,
        **({"chatId": chat_id} if chat_id else {}),
        **({"retryAfterMs": retry_after_ms} if retry_after_ms is not None else {}),
    }
