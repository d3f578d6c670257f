"""Whether history keeps every promise: each function says what breaks one, nothing where all are kept."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from parley_client import MessageRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from e2e.support.whole_chat.device import RovingDevice
    from e2e.support.whole_chat.fresh import FreshChat
    from e2e.support.whole_chat.record import Altered, Record
    from parley_client import Message


def one_order(fetched: Mapping[str, Mapping[str, FreshChat]]) -> Iterator[str]:
    """Numbers without a hole up to the last, each id once, and the same message at a number for everyone."""
    at: dict[tuple[str, int], Message] = {}
    for user_id, chats in fetched.items():
        for chat_id, chat in chats.items():
            summary = chat.summary
            numbers = [message.seq for message in chat.messages]
            if numbers != list(range(summary.visible_after + 1, summary.last_seq + 1)):
                yield f"{chat_id} has a hole for {user_id}: {numbers}"
            for message in chat.messages:
                if at.setdefault((chat_id, message.seq), message) != message:
                    yield f"{chat_id} {message.seq} is not the same for all"
    for message_id, count in Counter(message.id for message in at.values()).items():
        if count > 1:
            yield f"{message_id} is in history {count} times"


def whole_from_the_start(whole: Mapping[str, Sequence[Message]]) -> Iterator[str]:
    """Who was in a chat from the start reads it from number 1."""
    for chat_id, messages in whole.items():
        if [message.seq for message in messages] != list(range(1, len(messages) + 1)):
            yield f"{chat_id} is not 1 to n"


def sends_kept(
    record: Record, devices: Sequence[RovingDevice], whole: Mapping[str, Sequence[Message]]
) -> Iterator[str]:
    """What was acked is in history at its number, by its sender; what was certainly refused is not.

    Args:
        record: what was sent.
        devices: who sent it.
        whole: each chat's history, as somebody reads it who was a member all the time.
    """
    at = {message.id: message for messages in whole.values() for message in messages}
    fates = {device.name: device.fates for device in devices}
    for sent in record.sent:
        fate, found = fates[sent.device].get(sent.id), at.pop(sent.id, None)
        if fate is None:
            yield f"nothing became of {sent}"
        elif isinstance(fate, MessageRefused):
            if fate.definite and found is not None:
                yield f"{sent} was refused for certain ({fate.code}), and is at {found.seq}"
        elif found is None:
            yield f"{sent} was acked at {fate.seq}, and is lost"
        elif (found.seq, found.sender_id) != (fate.seq, sent.sender_id):
            yield f"{sent} was acked at {fate.seq}, and is {found}"
        elif not (found.deleted_at or found.edited_at or found.text == sent.text):
            yield f"{sent} has the text {found.text}"
    yield from (f"{message} was never sent" for message in at.values())


def own_order_kept(record: Record, whole: Mapping[str, Sequence[Message]]) -> Iterator[str]:
    """What one device sent in a chat stands there in the order in which it was sent."""
    at = {message.id: message.seq for messages in whole.values() for message in messages}
    last: dict[tuple[str, str], int] = defaultdict(int)
    for sent in record.sent:
        if (seq := at.get(sent.id)) is not None:
            if seq < last[sent.device, sent.chat_id]:
                yield f"{sent} is at {seq}, after a later one"
            last[sent.device, sent.chat_id] = seq


def changes_kept(record: Record, whole: Mapping[str, Sequence[Message]]) -> Iterator[str]:
    """The last answered edit or reaction of a user, by the changes' numbers, is what the message has."""
    at = {(chat_id, message.seq): message for chat_id, messages in whole.items() for message in messages}
    last: dict[tuple[str, int, str, str], Altered] = {}
    unsure = {(a.chat_id, a.seq, a.by, a.kind) for a in record.altered if a.number is None}
    for altered in record.altered:
        key = (altered.chat_id, altered.seq, altered.by, altered.kind)
        if altered.number is None:
            continue
        if at[key[:2]].change < altered.number:
            yield f"{altered} is lost"
        if key not in last or (last[key].number or 0) <= altered.number:
            last[key] = altered
    for key, altered in last.items():
        message = at[key[:2]]
        if key not in unsure and not _is_done(altered, message):
            yield f"{altered} is not done: {message}"


def _is_done(altered: Altered, message: Message) -> bool:
    """Whether the message is what was asked for; a deletion overrules what else was asked for."""
    if altered.kind == "delete":
        return message.deleted_at is not None and not message.text and not message.reactions
    if message.deleted_at is not None:
        return True
    if altered.kind == "edit":
        return message.text == altered.value
    return message.reactions.get(altered.by) == altered.value


def nothing_hidden_shown(
    record: Record, devices: Sequence[RovingDevice], from_joining: Sequence[str]
) -> Iterator[str]:
    """What was written while somebody was away from a group was never shown to them.

    In a group whose history is open from the start it was, if they came back.
    """
    settled = {one: time for device in devices for one, time in device.settled_at.items()}
    for device in devices:
        for chat_id, seen in device.seen.items():
            for since, until in record.absences(chat_id, device.person.user_id):
                if until < math.inf and chat_id not in from_joining:
                    continue
                yield from (
                    f"{device.name} was shown {sent}, written while its user was no member"
                    for sent in record.sent
                    if sent.id in seen and since < sent.at and settled.get(sent.id, math.inf) < until
                )
