"""Commands about people: finding them, what they say of themselves, blocks; and one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .command_group import CommandGroup, Misuse, path_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

SHORTEST = 2
"""Characters in the name of who is searched for, at least: the service's limit."""


class PeopleCommands(CommandGroup):
    """Carries out what is about people, and this person."""

    help = """\
/users NAME          find people whose name begins so
/profile [WHO]       what somebody says of themselves, or you; /name TEXT and /about TEXT say it
/avatar [FILE]       wear an image, or none; /face WHO FILE keeps the image that somebody wears
/block WHO           no messages from them; /unblock WHO, /blocks
/export FILE         keep all that you have written, as a new file
/signout             end your sessions on every device; /signin begins one here
/delete-account YOU  with your own name: your account and all that you wrote is gone for good"""

    def table(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        """Give each command's name and what it does with what follows the name."""
        return {
            "/users": self._find_users,
            "/profile": self._profile,
            "/name": self._name,
            "/about": self._about,
            "/avatar": self._avatar,
            "/face": self._face,
            "/block": self._block,
            "/unblock": self._unblock,
            "/blocks": self._blocks,
            "/export": self._export,
            "/signout": self._sign_out,
            "/signin": self._sign_in,
            "/delete-account": self._delete_account,
        }

    async def _find_users(self, query: str) -> None:
        if len(query) < SHORTEST:
            raise Misuse("Name two letters at least: /users NAME.")
        users = await self._client.users(query)
        for user in users:
            self._people.know(user)
            self._chat.say(f"{user.username}  {user.display_name or ''}".rstrip())
        if not users:
            self._chat.say(f"Nobody's name begins with {query!r}.", "yellow")

    # Profiles.

    async def _profile(self, name: str) -> None:
        api = self._client.api
        user = await api.user(await self._user(name)) if name else await api.me()
        self._chat.say(f"{user.username}  {user.display_name or ''}".rstrip())
        self._chat.say(user.about or "says nothing of themselves.", "" if user.about else "dim")
        if user.avatar is not None:
            self._chat.say(f"wears an image: /face {user.username} FILE keeps it.", "dim")

    async def _name(self, text: str) -> None:
        if not text:
            raise Misuse("Say how you are called: /name TEXT.")
        user = await self._client.api.account.update(display_name=text)
        self._chat.say(f"You are called {user.display_name}.")

    async def _about(self, text: str) -> None:
        await self._client.api.account.update(about=text)
        self._chat.say("Your profile says so." if text else "Your profile says nothing of you.")

    async def _avatar(self, name: str) -> None:
        if not name:
            await self._client.api.avatars.take_off()
            self._chat.say("You are seen without an image.")
            return
        path = path_of(name, "/avatar FILE")
        try:
            await self._client.api.avatars.wear_file(path, progress=self._chat.working.progress)
        except OSError as error:
            raise Misuse(f"{name} cannot be read: /avatar FILE.") from error
        self._chat.say(f"You are seen with {path.name}.")

    async def _face(self, argument: str) -> None:
        who, _, name = argument.partition(" ")
        path = path_of(name.strip(), "/face WHO FILE")
        user = await self._client.api.user(await self._user(who))
        try:
            worn = await self._client.api.avatars.download_file(
                user, path, progress=self._chat.working.progress
            )
        except OSError as error:
            raise Misuse(f"{name} cannot be written: name a new file.") from error
        self._chat.say(f"The image of {who} is kept as {name}." if worn else f"{who} wears no image.")

    # Blocks.

    async def _block(self, name: str) -> None:
        await self._client.api.account.block(await self._user(name))
        self._chat.say(f"{name} is blocked; /unblock {name} lifts it.")

    async def _unblock(self, name: str) -> None:
        await self._client.api.account.unblock(await self._user(name))
        self._chat.say(f"{name} is not blocked.")

    async def _blocks(self, _: str) -> None:
        users = await self._client.api.account.blocks()
        self._chat.say(", ".join(user.username for user in users) or "Nobody is blocked.")

    # The account.

    async def _export(self, name: str) -> None:
        path = path_of(name, "/export FILE")
        try:
            await self._client.api.account.download_export(path, progress=self._chat.working.progress)
        except OSError as error:
            raise Misuse(f"{name} cannot be written: name a new file.") from error
        self._chat.say(f"All that you have written is in {name}.")

    async def _sign_out(self, _: str) -> None:
        await self._client.api.account.sign_out_everywhere()
        self._chat.say("You are signed out on every device; /signin signs this one in again.")

    async def _sign_in(self, _: str) -> None:
        self._chat.sign_in()

    async def _delete_account(self, name: str) -> None:
        if name != self._chat.username:
            raise Misuse(f"To delete your account for good, type: /delete-account {self._chat.username}")
        await self._client.api.account.delete()
        self._chat.say("Your account is being deleted, with all that you have written. Farewell.")
        self._chat.leave()
