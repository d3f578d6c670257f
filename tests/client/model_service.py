"""A model of the service for the session's property tests: the append log and the push, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Frame = dict[str, Any]

PAGE = 3
SENT_AT = "2026-11-21T00:00:00.000Z"


class ModelService:
    """What docs/protocol.md promises; a request takes effect at the moment it is answered."""

    def __init__(self, members: Mapping[str, tuple[str, ...]]) -> None:
        """Hold these chats, empty."""
        self.members = members
        self.logs: dict[str, list[Frame]] = {chat_id: [] for chat_id in members}

    def answer(self, user: str, request: Frame) -> tuple[Frame, list[tuple[str, Frame]]]:
        """Return the answer to a request, and the pushes (recipient, frame) that it causes."""
        if request["action"] == "sendMessage":
            return self._append(user, request)
        if request["action"] == "sync":
            pages = [self._page(chat_id, seq) for chat_id, seq in request["chats"].items()]
            return {"type": "sync", "requestId": request["requestId"], "chats": pages}, []
        return {"type": "pong"}, []

    def tails(self, user: str) -> dict[str, int]:
        """Return how far each of a user's chats reaches."""
        return {chat_id: len(log) for chat_id, log in self.logs.items() if user in self.members[chat_id]}

    def _page(self, chat_id: str, seq: int) -> Frame:
        log = self.logs[chat_id]
        return {"chatId": chat_id, "messages": log[seq : seq + PAGE], "hasMore": len(log) > seq + PAGE}

    def _append(self, user: str, request: Frame) -> tuple[Frame, list[tuple[str, Frame]]]:
        chat_id, after, drafts = request["chatId"], request["after"], request["messages"]
        log = self.logs[chat_id]
        if after > len(log):
            return error(request, "bad_after", definite=True), []
        page = log[after : after + PAGE]
        landed = {message["id"]: message for message in page}
        new = [draft for draft in drafts if draft["id"] not in landed]
        if new and len(log) > after + PAGE:
            return error(request, "sync_required"), []
        missed = [message for message in page if message["id"] not in {draft["id"] for draft in drafts}]
        for draft in new:
            landed[draft["id"]] = {**draft, "seq": len(log) + 1, "senderId": user, "sentAt": SENT_AT}
            log.append(landed[draft["id"]])
        acked = [{name: landed[draft["id"]][name] for name in ("id", "seq", "sentAt")} for draft in drafts]
        ack = {"type": "ack", "requestId": request["requestId"], "chatId": chat_id}
        pushes = [
            (member, {"type": "message", "chatId": chat_id, "message": landed[draft["id"]]})
            for member in self.members[chat_id]
            for draft in new
        ]
        return {**ack, "messages": acked, "missed": missed}, pushes


def error(request: Frame, code: str, *, retryable: bool = False, definite: bool = False) -> Frame:
    """Return an error frame that answers a request."""
    return {
        "type": "error",
        "requestId": request.get("requestId"),
        "code": code,
        "message": code,
        "retryable": retryable,
        "definite": definite,
    }
