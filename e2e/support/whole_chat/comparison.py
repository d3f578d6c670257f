"""What a device holds, held against a fresh fetch by its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from e2e.support.whole_chat.device import RovingDevice
    from e2e.support.whole_chat.fresh import FreshChat
    from parley_client import ChatView, Message


def differences(device: RovingDevice, fresh: Mapping[str, FreshChat]) -> list[str]:
    """Say in what the device's state is not the fetched one; nothing where they are equal."""
    found = [
        f"{device.name} holds {chat_id}, of which its user is no member"
        for chat_id in device.messages
        if chat_id not in fresh
    ]
    for chat_id, chat in fresh.items():
        view = device.client.chat(chat_id)
        if view is None:
            found.append(f"{device.name} does not have {chat_id}")
            continue
        for what, held, fetched in _pairs(device, view, chat):
            if held != fetched:
                found.append(f"{device.name}, {chat_id}, {what}: holds {held}, fetched {fetched}")
    return found


def _pairs(device: RovingDevice, view: ChatView, chat: FreshChat) -> Iterator[tuple[str, object, object]]:
    """Give what is to be equal: its name, what is held, what was fetched."""
    summary = chat.summary
    me = device.person.user_id
    for field in ("kind", "name", "role", "last_seq", "last_change", "visible_after", "other_member"):
        yield field, getattr(view, field), getattr(summary, field)
    for field in ("read_seq", "delivered_seq", "unread"):
        yield field, getattr(view, field), getattr(summary, field)
    yield "unread by /unread", view.unread, chat.unread
    members = view.members or {}
    fetched_roles = {member.user_id: member.role for member in chat.members}
    yield "members", {member.user_id: member.role for member in members.values()}, fetched_roles
    marks = {member.user_id: (member.delivered_seq, member.read_seq) for member in view.marks.values()}
    fetched_marks = {member.user_id: (member.delivered_seq, member.read_seq) for member in chat.members}
    yield "marks of others", _without(marks, me), _without(fetched_marks, me)
    held = device.messages.get(summary.chat_id, {})
    fetched = {message.seq: message for message in chat.messages}
    yield from _messages("messages", held, fetched)
    shown = {message.seq: message for message in view.messages}
    yield from _messages(
        "the client's messages", shown, {seq: m for seq, m in fetched.items() if seq in shown}
    )


def _messages(
    what: str, held: Mapping[int, Message], fetched: Mapping[int, Message]
) -> Iterator[tuple[str, object, object]]:
    """Name only the messages that differ: a chat has hundreds."""
    yield f"{what}' numbers", sorted(held.keys() - fetched.keys()), []
    yield f"{what} missing", sorted(fetched.keys() - held.keys()), []
    for seq in held.keys() & fetched.keys():
        yield f"{what} {seq}", held[seq], fetched[seq]


def _without(marks: Mapping[str, tuple[int, int]], user_id: str) -> dict[str, tuple[int, int]]:
    return {other: mark for other, mark in marks.items() if other != user_id and mark != (0, 0)}
