"""Typing: the others see that a member writes, while it is so; nothing of it is kept."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from e2e.support.parley import ping, sync
from e2e.support.receipts import typing

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person

LONGEST = 10.0
"""Seconds for which one frame may have a member shown as writing."""


async def test_typing_is_shown_to_the_others_until_it_ends_by_itself(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Both of bob's devices see alice write for a few seconds; her own other device does not."""
    chat_id = await parley.direct_chat(alice, bob)
    async with (
        parley.socket(alice) as hers,
        parley.socket(alice) as her_other,
        parley.socket(bob) as phone,
        parley.socket(bob) as laptop,
    ):
        answer = await hers.ask(typing(chat_id))
        assert answer["type"] == "typing"
        for socket in (phone, laptop):
            shown = await socket.first(lambda frame: frame["type"] == "typing")
            assert (shown["chatId"], shown["userId"]) == (chat_id, alice.user_id)
            ends_at = datetime.fromisoformat(shown["expiresAt"]).timestamp()
            assert time.time() < ends_at < time.time() + LONGEST
        await her_other.ask(ping())
        assert "typing" not in [frame["type"] for frame in her_other.frames]


async def test_typing_is_kept_nowhere(parley: Parley, alice: Person, bob: Person) -> None:
    """Who connects a moment later sees nothing of it: not by sync, not in history, not as unread."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as hers:
        await hers.ask(typing(chat_id))
    async with parley.socket(bob) as his:
        await his.ask(sync(**{chat_id: 0}))
        assert "typing" not in [frame["type"] for frame in his.frames]
    assert await parley.history(bob, chat_id) == []
    counts = await parley.rest.get("/unread", headers=bob.authorization)
    assert counts.json()["total"] == 0


async def test_outsider_is_not_seen_writing(
    parley: Parley, alice: Person, bob: Person, mallory: Person
) -> None:
    """The frame is refused as in a chat that does not exist, and nobody is told."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(bob) as his, parley.socket(mallory) as outsider:
        refused = await outsider.ask(typing(chat_id))
        assert (refused["type"], refused["code"]) == ("error", "unknown_chat")
        await his.ask(ping())
        assert "typing" not in [frame["type"] for frame in his.frames]
