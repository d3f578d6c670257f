"""Exports: a user's profile and own messages in one JSON archive, for the user alone and for some days."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import msgspec

from chat.domain import timestamp
from chat.errors import ChatError
from chat.protocol.accounts import ExportTask
from chat.protocol.http_account import Export
from chat.protocol.http_search import Hit
from chat.service.own_messages import chats_of, own_messages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from chat.ports.accounts import Archives, Exports
    from chat.ports.chats import Chats, FormerChats
    from chat.ports.clock import Clock
    from chat.ports.messages import Messages
    from chat.ports.queue import Queue
    from chat.ports.users import Blocks, Users

LINK_LIFETIME = 15 * 60
"""Seconds that a link to an archive works."""
ARCHIVE_LIFETIME = 7 * 24 * 60 * 60
"""Seconds that an archive is there; stack/accounts.yaml removes it then."""
PREPARING_LIFETIME = 60 * 60
"""Seconds after which an archive that is not ready may be asked for anew."""


class RequestExport:
    """Takes the wish for an archive, and tells how far it is."""

    def __init__(self, exports: Exports, archives: Archives, queue: Queue, clock: Clock) -> None:
        """Leave the work to `queue`."""
        self._exports = exports
        self._archives = archives
        self._queue = queue
        self._clock = clock

    def request(self, user_id: str) -> Export:
        """Have an archive made, unless one is being made; what there was before is gone when it is ready."""
        now = self._clock.now()
        known = self._exports.get(user_id)
        if known and not known.is_ready and known.requested_at > timestamp(now - PREPARING_LIFETIME):
            return Export(status="preparing", requested_at=known.requested_at)
        requested_at = timestamp(now)
        self._queue.send(msgspec.json.encode(ExportTask(user_id, requested_at)))
        self._exports.request(user_id, requested_at)
        return Export(status="preparing", requested_at=requested_at)

    def get(self, user_id: str) -> Export:
        """Tell whether the archive is ready, and then where it is.

        Raises:
            ChatError: `no_export`, when none was asked for, or it is gone again.
        """
        known = self._exports.get(user_id)
        now = self._clock.now()
        if known is None or known.requested_at <= timestamp(now - ARCHIVE_LIFETIME):
            raise ChatError("no_export")
        if not known.is_ready:
            return Export(status="preparing", requested_at=known.requested_at)
        return Export(
            status="ready",
            requested_at=known.requested_at,
            url=self._archives.link(user_id, LINK_LIFETIME),
            expires_at=timestamp(now + LINK_LIFETIME),
        )


class MakeExport:
    """Makes archives."""

    def __init__(
        self,
        users: Users,
        chats: Chats,
        former: FormerChats,
        messages: Messages,
        blocks: Blocks,
        exports: Exports,
        archives: Archives,
    ) -> None:
        """Read from all of these, and keep the archive in `archives`."""
        self._users = users
        self._chats = chats
        self._former = former
        self._messages = messages
        self._blocks = blocks
        self._exports = exports
        self._archives = archives

    def __call__(self, task: ExportTask) -> None:
        """Make the archive. One message at a time is held in memory; repeating it makes it again."""
        user = self._users.get(task.user_id)
        if user is None:  # deleted meanwhile: there is nobody to give it to
            return
        with tempfile.TemporaryFile() as file:
            self._write(file, task, user)
            file.seek(0)
            self._archives.put(task.user_id, file)
        self._exports.finish(task.user_id, task.requested_at)

    def _write(self, file: IO[bytes], task: ExportTask, user: msgspec.Struct) -> None:
        head = {
            "requestedAt": task.requested_at,
            "profile": user,
            "blocked": list(self._blocked(task.user_id)),
        }
        file.write(msgspec.json.encode(head).removesuffix(b"}") + b',"messages":[')
        separator = b""
        for chat_id in chats_of(task.user_id, self._chats, self._former):
            for message in own_messages(task.user_id, chat_id, self._messages):
                file.write(separator + msgspec.json.encode(Hit(chat_id, message)))
                separator = b",\n"
        file.write(b"]}")

    def _blocked(self, user_id: str) -> Iterator[str]:
        after: str | None = None
        while True:
            page = self._blocks.of_user(user_id, after, 100)
            yield from page.user_ids
            if page.next is None:
                return
            after = page.next
