"""What editing, deleting and reacting make of a message: its next version, None for the same. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType, structs

from chat.domain import REACTION_LIMIT, Message
from chat.errors import ChatError
from chat.rights import may_administer

if TYPE_CHECKING:
    from chat.domain import Role


def edited(message: Message, user_id: str, text: str, number: int, at: str) -> Message | None:
    """Give one's own message another text, by change `number`.

    Raises:
        ChatError: `not_permitted` for who did not write it, `message_deleted`.
    """
    if message.sender_id != user_id:
        raise ChatError("not_permitted", "Only who wrote a message can edit it: reply to it, or react.")
    if message.deleted_at is not UNSET:
        raise ChatError("message_deleted")
    if message.text == text:
        return None
    return structs.replace(message, text=text, edited_at=at, change=number)


def deleted(message: Message, user_id: str, role: Role, number: int, at: str) -> Message | None:
    """Empty one's own message, or as an owner or admin anyone's; what remains is its place and its sender.

    Raises:
        ChatError: `not_permitted`.
    """
    if message.sender_id != user_id and not may_administer(role):
        raise ChatError("not_permitted")
    if message.deleted_at is not UNSET:
        return None
    return Message(
        message.id, message.seq, message.sender_id, message.sent_at, "", deleted_at=at, change=number
    )


def reacted(message: Message, user_id: str, emoji: str | UnsetType, number: int) -> Message | None:
    """Give a message the user's reaction in place of an earlier one; without `emoji`, take it back.

    Raises:
        ChatError: `message_deleted`, or `too_many_reactions`.
    """
    before = {} if message.reactions is UNSET else message.reactions
    if before.get(user_id, UNSET) == emoji:
        return None
    if message.deleted_at is not UNSET:
        raise ChatError("message_deleted")
    reactions = {other: reaction for other, reaction in before.items() if other != user_id}
    if emoji is not UNSET:
        reactions[user_id] = emoji
    if len(reactions) > REACTION_LIMIT:
        raise ChatError("too_many_reactions")
    return structs.replace(message, reactions=reactions or UNSET, change=number)
