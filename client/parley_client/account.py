"""One's own account: its profile, blocks, sessions, archive and end, and the browsers that are notified."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from . import bodies
from .rest import segment
from .transfer import fetch, save, untold
from .values import User

if TYPE_CHECKING:
    from pathlib import Path

    from .rest import Rest
    from .transfer import Progress

EXPORT_POLL = 1.0
"""Seconds between two looks whether an archive is ready."""


class Account:
    """This user's account. Every method raises what `Api` names."""

    def __init__(self, rest: Rest) -> None:
        """Ask the HTTP API."""
        self._rest = rest
        self._ask = rest.request

    # Who one is.

    async def update(self, *, display_name: str | None = None, about: str | None = None) -> User:
        """Change this user's profile and return it; what is None stays."""
        named = {"displayName": display_name, "about": about}
        body = {name: value for name, value in named.items() if value is not None}
        return await self._ask(User, "PATCH", "/users/me", body=body)

    # Whom one does not want to hear of.

    async def block(self, user_id: str) -> User:
        """Block a user: no direct messages, no presence, either way."""
        return await self._ask(User, "PUT", f"/users/me/blocks/{segment(user_id)}")

    async def unblock(self, user_id: str) -> None:
        """Lift a block."""
        await self._ask(bodies.Done, "DELETE", f"/users/me/blocks/{segment(user_id)}")

    async def blocks(self) -> tuple[User, ...]:
        """Return whom this user has blocked."""
        page = await self._ask(bodies.Users, "GET", "/users/me/blocks")
        users = page.users
        while page.next is not None:
            page = await self._ask(bodies.Users, "GET", "/users/me/blocks", query={"cursor": page.next})
            users += page.users
        return users

    # Sessions, and the end.

    async def sign_out_everywhere(self) -> None:
        """End this user's sessions on every device, this one too."""
        await self._ask(bodies.Done, "POST", "/sign-out", body={"everywhere": True})

    async def delete(self) -> bodies.Deletion:
        """Have this account deleted with all that its user has written; it cannot be taken back.

        It takes seconds to minutes. Sign-in and connections end first.
        """
        return await self._ask(bodies.Deletion, "DELETE", "/users/me")

    # The archive of all that one has written.

    async def request_export(self) -> bodies.Export:
        """Have an archive made, unless one is being made."""
        return await self._ask(bodies.Export, "POST", "/users/me/export")

    async def export(self) -> bodies.Export:
        """Return how far the archive is that was asked for last, and then its link."""
        return await self._ask(bodies.Export, "GET", "/users/me/export")

    async def download_export(
        self, path: Path, *, progress: Progress = untold, poll: float = EXPORT_POLL
    ) -> None:
        """Have an archive made and keep it, one JSON object, at `path`, as a new file.

        Args:
            path: where; OSError when it is there already or cannot be written.
            progress: told how much of the archive is downloaded.
            poll: seconds between two looks whether it is ready, which takes seconds to minutes.
        """
        export = await self.request_export()
        while export.url is None:
            await asyncio.sleep(poll)
            export = await self.export()
        await save(fetch(self._rest.http, export.url, progress), path)

    # Notifications by Web Push, where the stack has them enabled.

    async def push_key(self) -> str:
        """Return the `applicationServerKey` that a browser subscribes with."""
        return (await self._ask(bodies.PushKey, "GET", "/push-key")).key

    async def subscribe(self, endpoint: str, *, p256dh: str, auth: str) -> str:
        """Have a browser notified, by what its PushSubscription says; return what `unsubscribe` takes."""
        body = {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}
        answer = await self._ask(bodies.Subscribed, "PUT", "/users/me/push-subscriptions", body=body)
        return answer.subscription_id

    async def unsubscribe(self, subscription_id: str) -> None:
        """Have a browser notified no longer."""
        path = f"/users/me/push-subscriptions/{segment(subscription_id)}"
        await self._ask(bodies.Done, "DELETE", path)
