"""Groups and channels as their members run them over the HTTP API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ulid import ULID

if TYPE_CHECKING:
    import httpx

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


@dataclass(frozen=True, slots=True)
class Room:
    """A group or a channel."""

    parley: Parley
    chat_id: str

    async def add(self, by: Person, member: Person, role: str | None = None) -> httpx.Response:
        """Have somebody add a member, or with a role set it."""
        return await self._member("PUT", by, member, {"role": role} if role else {})

    async def remove(self, by: Person, member: Person) -> httpx.Response:
        """Have somebody remove a member."""
        return await self._member("DELETE", by, member)

    async def rename(self, by: Person, name: str) -> httpx.Response:
        """Have somebody rename it."""
        return await self._ask("PATCH", by, "", {"name": name})

    async def mute(self, by: Person, until: str | None) -> httpx.Response:
        """Have a member mute it, or no longer."""
        return await self._ask("PUT", by, "/mute", {"until": until} if until else {})

    async def chat(self, by: Person) -> Frame:
        """Give what it is to a member."""
        response = await self._ask("GET", by, "")
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def members(self, by: Person) -> Frame:
        """List its members, as a member sees them."""
        response = await self._ask("GET", by, "/members")
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def roles(self, by: Person) -> dict[str, str]:
        """List its members' roles by user id, as a member sees them."""
        listed = await self.members(by)
        return {member["userId"]: member["role"] for member in listed["members"]}

    async def _member(self, method: str, by: Person, member: Person, body: object = None) -> httpx.Response:
        return await self._ask(method, by, f"/members/{member.user_id}", body)

    async def _ask(self, method: str, by: Person, path: str, body: object = None) -> httpx.Response:
        url = f"/chats/{self.chat_id}{path}"
        return await self.parley.rest.request(method, url, headers=by.authorization, json=body)


async def open_group(
    parley: Parley, owner: Person, *others: Person, name: str = "Club", history: str = "start"
) -> Room:
    """Create a group of its owner and others, who have all been here before."""
    for other in others:
        await parley.rest.get("/users/me", headers=other.authorization)
    body = {
        "kind": "group",
        "id": str(ULID()),
        "name": name,
        "memberIds": [other.user_id for other in others],
        "history": history,
    }
    return await _create(parley, owner, body)


async def open_channel(parley: Parley, owner: Person, name: str) -> Room:
    """Create a channel."""
    return await _create(parley, owner, {"kind": "channel", "id": str(ULID()), "name": name})


async def _create(parley: Parley, owner: Person, body: Frame) -> Room:
    response = await parley.rest.post("/chats", headers=owner.authorization, json=body)
    assert response.status_code == 201, response.text
    return Room(parley, str(response.json()["chatId"]))


def join_chat(chat_id: str) -> Frame:
    """Make a joinChat frame."""
    return {"action": "joinChat", "requestId": str(ULID()), "chatId": chat_id}


def leave_chat(chat_id: str) -> Frame:
    """Make a leaveChat frame."""
    return {"action": "leaveChat", "requestId": str(ULID()), "chatId": chat_id}
