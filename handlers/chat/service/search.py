"""Searches messages: reads back from the newest through one's own chats, so much in an answer and no more."""

from __future__ import annotations

import base64
import unicodedata
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat.codec import decode, encode
from chat.domain import PAGE_BYTES, SEQ_MAX, ChatId, Seq
from chat.errors import ChatError
from chat.protocol.http_search import Hit, SearchBody
from chat.service.parallel import WORKERS, each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat.ports.chats import Chats
    from chat.ports.messages import Messages

SEARCH_DEPTH = 1_000
"""Messages that are read for one answer, at most, shared among the chats that are searched for it."""
SEARCH_CHATS = WORKERS
"""Chats that are searched for one answer: as many as are read side by side."""


class Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a search has come: what a cursor holds."""

    places: Annotated[dict[ChatId, Seq], Meta(max_length=SEARCH_CHATS)]
    """The chats under search: of each, everything from this number on has been searched."""
    listed: ChatId | None
    """The chat in the user's list up to which chats have been taken up; None once all have been."""


class Finding(NamedTuple):
    """What reading back through one chat came to."""

    hits: list[Hit]
    """The newest first."""
    lowest: int
    """The number down to which it was read."""
    has_more: bool
    """Whether there is more below that the user may see."""


class Search:
    """Finds messages whose text has what is sought in it, in any case."""

    def __init__(self, chats: Chats, messages: Messages) -> None:
        """Search in `messages`, for members of `chats`."""
        self._chats = chats
        self._messages = messages

    def __call__(
        self,
        user_id: str,
        sought: str,
        chat_id: str | UnsetType,
        cursor: str | UnsetType,
        limit: int,
    ) -> SearchBody:
        """Search so far back as one answer goes; the hits are the newest first.

        Args:
            user_id: who searches: their chats alone, and what they may see of them.
            sought: what a hit's text has in it.
            chat_id: the chat to search; UNSET searches all of the user's, some at a time.
            cursor: the `next` of the answer before, UNSET to begin.
            limit: hits in the answer.

        Raises:
            ChatError: `unknown_chat`, or `bad_request` where the cursor is none of this service's.
        """
        if chat_id is UNSET:
            before = Progress({}, "") if cursor is UNSET else _read(cursor)
            progress = self._take_up(user_id, before)
        else:
            places = {} if cursor is UNSET else _read(cursor).places
            progress = Progress({chat_id: places.get(chat_id, SEQ_MAX)}, None)
        standings = self._chats.standings(user_id, progress.places) if progress.places else {}
        if chat_id is not UNSET and chat_id not in standings:
            raise ChatError("unknown_chat", chat_id=chat_id)
        windows = {
            chat: (place, standings[chat].watermarks.visible_after)
            for chat, place in progress.places.items()
            if chat in standings
        }
        return self._search(_folded(sought), windows, progress.listed, limit)

    def _take_up(self, user_id: str, progress: Progress) -> Progress:
        """Take up chats from the user's list in place of those that are searched through."""
        free = SEARCH_CHATS - len(progress.places)
        if progress.listed is None or free <= 0:
            return progress
        page = self._chats.of_user(user_id, progress.listed or None, free)
        fresh = {standing.chat_id: SEQ_MAX for standing in page.standings}
        return Progress({**fresh, **progress.places}, page.next)

    def _search(
        self, folded: str, windows: Mapping[str, tuple[int, int]], listed: str | None, limit: int
    ) -> SearchBody:
        depth = SEARCH_DEPTH // max(1, len(windows))

        def read_back(chat_id: str) -> Finding:
            return self._read_back(chat_id, *windows[chat_id], depth, folded)

        findings = dict(zip(windows, each(read_back, list(windows)), strict=True))
        found = [hit for finding in findings.values() for hit in finding.hits]
        found.sort(key=lambda hit: (hit.message.sent_at, hit.chat_id, hit.message.seq), reverse=True)
        hits = _fitting(found[:limit])
        places = _places(findings, found[len(hits) :])
        more = places or listed is not None
        return SearchBody(hits=hits, next=_write(Progress(places, listed)) if more else UNSET)

    def _read_back(self, chat_id: str, place: int, visible_after: int, depth: int, folded: str) -> Finding:
        page = self._messages.before(chat_id, place, depth)
        visible = [message for message in page.messages if message.seq > visible_after]
        hits = [Hit(chat_id, message) for message in reversed(visible) if folded in _folded(message.text)]
        lowest = visible[0].seq if visible else 0
        return Finding(hits, lowest, page.has_more and lowest > visible_after + 1)


def _places(findings: Mapping[str, Finding], left_out: list[Hit]) -> dict[str, int]:
    """From where each chat is to be searched next; none for one that is searched through."""
    places = {chat_id: finding.lowest for chat_id, finding in findings.items() if finding.has_more}
    for hit in left_out:
        places[hit.chat_id] = max(hit.message.seq + 1, places.get(hit.chat_id, 0))
    return places


def _fitting(hits: list[Hit]) -> list[Hit]:
    """Take hits from the front while they fit into one answer, always at least one."""
    budget = PAGE_BYTES
    for count, hit in enumerate(hits):
        budget -= len(encode(hit))
        if budget < 0 and count:
            return hits[:count]
    return hits


def _folded(text: str) -> str:
    """A text as it is compared: without regard to case and to how its characters are composed."""
    return unicodedata.normalize("NFKC", text).casefold()


def _write(progress: Progress) -> str:
    return base64.urlsafe_b64encode(encode(progress)).decode()


def _read(cursor: str) -> Progress:
    try:
        return decode(base64.b64decode(cursor, altchars=b"-_", validate=True), Progress)
    except (ValueError, ChatError) as fault:  # not base64, not ASCII, or not ours
        raise ChatError("bad_request", "The `cursor` is none that an answer gave: begin anew.") from fault
