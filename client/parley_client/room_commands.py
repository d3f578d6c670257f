"""Commands about chats: opening and listing them, groups and channels, who is in them, muting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .command_group import CommandGroup, Misuse
from .lines import member, title

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from .values import ChatSummary

FOREVER = timedelta(days=36_500)
"""For how long a chat is muted when no hours are given."""
ROLES = ("owner", "admin", "member")
"""What a member can be."""


class RoomCommands(CommandGroup):
    """Carries out what is about chats."""

    help = """\
/chat NAME           open a chat: a person, a group, a channel
/chats               your chats, and what is unread
/group NAME WHO...   make a group; with -joining before NAME, who comes later sees what follows
/add WHO             add somebody to the open group; /remove WHO, /role WHO owner|admin|member
/rename NAME         name the open group or channel anew
/channel NAME        make a channel, which anyone can /join NAME
/leave               leave the open group or channel
/who                 who is in the open chat
/mute [HOURS]        mute the open chat; /unmute"""

    def table(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        """Give each command's name and what it does with what follows the name."""
        return {
            "/chat": self._talk_with,
            "/chats": self._list_chats,
            "/group": self._create_group,
            "/channel": self._create_channel,
            "/join": self._join,
            "/leave": self._leave,
            "/add": self._add,
            "/remove": self._remove,
            "/role": self._give_role,
            "/rename": self._rename,
            "/who": self._who,
            "/mute": self._mute,
            "/unmute": self._unmute,
        }

    async def _talk_with(self, name: str) -> None:
        if not name:
            raise Misuse("Say with whom: /chat NAME.")
        await self._chat.talk_with(name)

    async def _list_chats(self, _: str) -> None:
        chats = await self._chat.chats.learn()
        now = datetime.now(UTC)
        for chat in chats:
            count = self._unread(chat)
            unread = f", {count} unread" if count else ""
            muted = ", muted" if chat.muted_until is not None and chat.muted_until > now else ""
            messages = "1 message" if chat.last_seq == 1 else f"{chat.last_seq} messages"
            self._chat.say(f"{title(chat)}  ({chat.kind}, {messages}{unread}{muted})")
        if not chats:
            self._chat.say("No chats yet: /users finds people, /chat NAME opens a chat.", "yellow")

    def _unread(self, chat: ChatSummary) -> int:
        """Return how much of a chat is unread: in the open one nothing, whether or not that is confirmed."""
        if chat is self._chat.open:
            return 0
        view = self._client.chat(chat.chat_id)
        return view.unread if view is not None else chat.unread

    # Groups and channels.

    async def _create_group(self, argument: str) -> None:
        words = argument.split()
        history = "joining" if words[:1] == ["-joining"] else "start"
        name, *others = words[1:] if history == "joining" else words or [""]
        if not others:
            raise Misuse("Name the group and who is in it: /group NAME WHO...")
        members = [await self._user(other) for other in others]
        await self._chat.enter(await self._client.create_group(name, members, history=history))

    async def _create_channel(self, name: str) -> None:
        if not name:
            raise Misuse("Name the channel: /channel NAME.")
        await self._chat.enter(await self._client.create_channel(name))

    async def _join(self, name: str) -> None:
        if not name:
            raise Misuse("Name the channel: /join NAME.")
        for channel in await self._client.api.channels(name):
            if channel.name == name:
                await self._chat.enter(await self._client.join(channel.chat_id))
                return
        raise Misuse(f"There is no channel {name}: /channel {name} makes it.")

    async def _leave(self, _: str) -> None:
        await self._client.leave(self._open().chat_id)

    async def _rename(self, name: str) -> None:
        if not name:
            raise Misuse("Say how it is called now: /rename NAME.")
        await self._client.api.rename_chat(self._open().chat_id, name)

    # Members.

    async def _add(self, name: str) -> None:
        await self._client.api.set_member(self._open().chat_id, await self._user(name))

    async def _remove(self, name: str) -> None:
        await self._client.api.remove_member(self._open().chat_id, await self._user(name))

    async def _give_role(self, argument: str) -> None:
        name, _, role = argument.partition(" ")
        if role.strip() not in ROLES:
            raise Misuse(f"Type it so: /role WHO ROLE, ROLE being one of {', '.join(ROLES)}.")
        await self._client.api.set_member(self._open().chat_id, await self._user(name), role.strip())

    async def _who(self, _: str) -> None:
        chat = self._open()
        members = await self._client.members(chat.chat_id)
        await self._people.learn(listed.user_id for listed in members)
        if chat.kind == "channel":
            for listed in members:
                self._chat.say(f"{self._people.name(listed.user_id)}  {listed.role}")
            return
        presence = {user.user_id: user for user in await self._client.presence(chat.chat_id)}
        for listed in members:
            self._chat.show(member(listed, self._people.name(listed.user_id), presence.get(listed.user_id)))

    # Notifications.

    async def _mute(self, hours: str) -> None:
        try:
            until = datetime.now(UTC) + (timedelta(hours=float(hours)) if hours else FOREVER)
        except (ValueError, OverflowError) as error:
            raise Misuse("Say for how many hours: /mute 8.") from error
        chat = self._open()
        await self._client.api.mute(chat.chat_id, until)
        self._chat.say(f"{title(chat)} is muted; /unmute ends that.")

    async def _unmute(self, _: str) -> None:
        chat = self._open()
        await self._client.api.mute(chat.chat_id, None)
        self._chat.say(f"{title(chat)} is not muted.")
