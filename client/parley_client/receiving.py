"""Taking in what arrives: messages and changes leave in order, each once; the chats' state follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .effects import Effect, Notify
from .events import ChatChanged, MessageChanged, MessageReceived, MessageSent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .catch_up import CatchUp
    from .chats import Chat, Chats
    from .requests import Requests
    from .server_frames import AckFrame, SyncFrame
    from .values import Change, Message


class Receiving:
    """Hands on what is new to the application."""

    def __init__(
        self, emit: Callable[[Effect], None], chats: Chats, requests: Requests, catch_up: CatchUp
    ) -> None:
        """Emit effects through `emit`."""
        self._emit = emit
        self._chats = chats
        self._requests = requests
        self._catch_up = catch_up
        self.user_id = ""
        """Who this client is."""

    def acked(self, frame: AckFrame) -> None:
        """Take in an ack: one's own messages, and what others wrote meanwhile."""
        chat = self._chats.get(frame.chat_id)
        own = []
        for acked in frame.messages:
            chat.messages.note(acked.seq)
            if (sent := chat.outbox.find(acked.id)) is not None:
                if (message := acked.of(self.user_id, sent)) is not None:
                    own.append(message)
                else:
                    chat.behind = True
        self.take_in(frame.chat_id, (*frame.missed, *own))

    def synced(self, frame: SyncFrame) -> None:
        """Take in the pages of a sync answer."""
        for page in frame.chats:
            self.take_in(page.chat_id, page.messages, page.changes)

    def take_in(self, chat_id: str, messages: Iterable[Message], changes: Iterable[Change] = ()) -> None:
        """Hand on what is next, in order; one of our own messages among it is durable, acked or not."""
        messages = list(messages)
        chat = self._chats.get(chat_id, max((message.seq for message in messages), default=0))
        if chat.left:
            self._catch_up.doubt()  # this may be from before the leaving
            return
        for message in messages:
            self._settle(chat, message)
        for change in chat.changes.receive(changes):
            chat.gap_attempt = 0
            self._apply(chat, change)
        for message in chat.messages.receive(messages):
            self._receive(chat, message)
        self._catch_up.watch_gap(chat)

    def _settle(self, chat: Chat, message: Message) -> None:
        carrier = chat.outbox.request_id
        if chat.outbox.settle(message.id) is not None:
            self._emit(Notify(event=MessageSent(chat_id=chat.chat_id, message=message)))
        if carrier is not None and chat.outbox.request_id is None:
            self._requests.finish(carrier)

    def _receive(self, chat: Chat, message: Message) -> None:
        chat.gap_attempt = 0
        chat.state.hold(message)
        self._emit(Notify(event=MessageReceived(chat_id=chat.chat_id, message=message)))

    def _apply(self, chat: Chat, change: Change) -> None:
        """Carry out the next change; a message whose turn has not come will come as it is now."""
        if change.message is not None:
            if change.message.seq > chat.messages.cursor:
                for message in chat.messages.receive([change.message]):
                    self._receive(chat, message)
            elif chat.state.replace(change.message):
                self._emit(Notify(event=MessageChanged(chat_id=chat.chat_id, change=change)))
        elif change.name is not None or change.members or change.removed:
            chat.state.apply(change, self.user_id)
            self._emit(Notify(event=ChatChanged(chat_id=chat.chat_id, change=change)))
            if self.user_id in change.removed:
                chat.look_up()
