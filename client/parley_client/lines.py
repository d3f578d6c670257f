"""What the terminal chat shows, as lines of text; nothing in them can take over the terminal of who reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from .events import ConnectionState

if TYPE_CHECKING:
    from .chat_state import ChatView
    from .people import People
    from .values import Change, ChatSummary, Member, Message, Presence

_HARMLESS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")
"""Control characters in a text could take over the terminal of who reads it."""

NOBODY = "(deleted account)"
"""What stands for somebody who has no name any more."""

_STATUS = {
    ConnectionState.OFFLINE: ("○ offline", "red"),
    ConnectionState.CONNECTING: ("○ connecting", "yellow"),
    ConnectionState.ONLINE: ("● online", "green"),
    ConnectionState.RECONNECTING: ("○ reconnecting", "yellow"),
    ConnectionState.REFUSED: ("○ not signed in", "red"),
}


def said(text: str, style: str = "") -> Text:
    """Return a text as one style shows it."""
    return Text(text.translate(_HARMLESS), style=style)


def labelled(label: str, text: str) -> Text:
    """Return a text behind a dim label."""
    return Text.assemble((label, "dim"), text.translate(_HARMLESS))


def status(state: ConnectionState, reason: str) -> Text:
    """Return how the connection stands, and why."""
    label, style = _STATUS[state]
    return Text(label + (f" ({reason})" if reason else ""), style=style)


def title(chat: ChatSummary) -> str:
    """Return what a chat is called: its name, or who is at the other end."""
    if chat.other_member is not None:
        return chat.other_member.username or NOBODY
    return chat.name or chat.chat_id


def message(message: Message, sender: str, *, own: bool) -> Text:
    """Return a message as it is now, one's own with a tick."""
    reply = f"↪ {message.reply_to} " if message.reply_to else ""
    text = "(deleted)" if message.deleted_at else message.text
    if message.attachment is not None:
        file = message.attachment
        text = f"{text} [{file.name}, {max(1, file.bytes // 1_024)} KB]".strip()
    reactions = "".join(f" {emoji}" for emoji in message.reactions.values())
    edited = " (edited)" if message.edited_at and not message.deleted_at else ""
    return Text.assemble(
        (f"{message.sent_at.astimezone():%H:%M} ", "dim"),
        (sender.translate(_HARMLESS), "bold green" if own else "bold cyan"),
        f"  {reply}{text}{reactions}{edited}".translate(_HARMLESS),
        (f"  {'✓ ' if own else ''}{message.seq}", "dim"),
    )


def member(listed: Member, name: str, presence: Presence | None) -> Text:
    """Return who somebody is in a chat, how far they have read it, and when they were last here."""
    here = ""
    if presence is not None and presence.online:
        here = "  ● online"
    elif presence is not None and presence.last_seen is not None:
        here = f"  last seen {presence.last_seen.astimezone():%a %d %b %H:%M}"
    return said(f"{name}  {listed.role}, has read up to {listed.read_seq}{here}")


def message_change(change: Change, message: Message, by: str) -> Text:
    """Return what became of a message: deleted, edited or reacted to."""
    if message.deleted_at is not None:
        what = f"{by} has deleted {message.seq}"
    elif message.edited_at is not None and message.edited_at == change.at:
        what = f"{by} has edited {message.seq}: {message.text}"
    elif change.by in message.reactions:
        what = f"{by} reacts to {message.seq} with {message.reactions[change.by]}"
    else:
        what = f"{by} takes a reaction to {message.seq} back"
    return said(f"--- {what}", "dim")


def chat_change(change: Change, people: People) -> Text:
    """Return what became of a chat: its name, its members."""
    by = people.name(change.by)
    parts = [f"{by} has named it {change.name}"] if change.name is not None else []
    parts += [f"{people.name(member.user_id)} is {member.role} now" for member in change.members]
    parts += [f"{people.name(user_id)} is gone" for user_id in change.removed]
    return said(f"--- {', '.join(parts)}", "dim")


def standing(view: ChatView, own_id: str, people: People) -> list[Text]:
    """Return what holds for the open chat now: how far one's last message got, and who is writing."""
    shown = []
    own = [message.seq for message in view.messages if message.sender_id == own_id]
    if own:
        marks = [mark for mark in view.marks.values() if mark.user_id != own_id]
        read = [people.name(mark.user_id) for mark in marks if mark.read_seq >= own[-1]]
        delivered = [people.name(mark.user_id) for mark in marks if mark.delivered_seq >= own[-1]]
        if read:
            shown.append(said(f"✓✓ {own[-1]} read by {', '.join(sorted(read))}", "dim"))
        elif delivered:
            shown.append(said(f"✓ {own[-1]} delivered to {', '.join(sorted(delivered))}", "dim"))
    if view.writing:
        names = ", ".join(sorted(people.name(user_id) for user_id in view.writing))
        shown.append(said(f"{names} {'is' if len(view.writing) == 1 else 'are'} writing …", "dim"))
    return shown


def unread(counts: dict[str, int]) -> list[Text]:
    """Return how much is unread in the other chats, by their titles; no line when nothing is."""
    waiting = {name: count for name, count in counts.items() if count}
    if not waiting:
        return []
    chats = ", ".join(f"{name} {count}" for name, count in sorted(waiting.items()))
    return [said(f"{sum(waiting.values())} unread: {chats}", "yellow")]
