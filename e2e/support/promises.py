"""What Parley promises two people who talk, checked after whatever befell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.support.deadlines import PATIENCE
from parley_client.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from e2e.support.devices import Device
    from e2e.support.parley import Parley
    from e2e.support.people import Person

IMPATIENT = Policy(
    request_timeout=1.0,
    ping_interval=1.0,
    pings_per_listing=1,
    gap_patience=0.1,
    reconnect_base=0.1,
    reconnect_cap=1.0,
    retry_base=0.05,
    retry_cap=1.0,
)
"""A client that does within a second or two what others do within minutes: notice, and try again."""


async def promises_kept(
    parley: Parley,
    chat_id: str,
    devices: Mapping[str, Device],
    sent: Mapping[Person, Sequence[str]],
    within: float = PATIENCE,
) -> None:
    """Wait until every device shows the whole chat, and see that nothing was lost, doubled or turned around.

    Args:
        parley: the deployed stack.
        chat_id: a chat in which nothing was written before.
        devices: those that must show it.
        sent: what each person sent, in that order.
        within: seconds to wait.
    """
    count = sum(len(texts) for texts in sent.values())
    views = {name: await device.shows(chat_id, count, within) for name, device in devices.items()}
    (person, *_) = sent
    stored = [(m["seq"], m["id"], m["senderId"], m["text"]) for m in await parley.history(person, chat_id)]
    for name, view in views.items():
        assert [(m.seq, m.id, m.sender_id, m.text) for m in view] == stored, f"{name} differs from history"
    assert [seq for seq, *_ in stored] == list(range(1, count + 1))
    for person, texts in sent.items():
        assert [text for *_, sender_id, text in stored if sender_id == person.user_id] == list(texts)
