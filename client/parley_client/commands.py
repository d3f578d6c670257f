"""What a person can type in the terminal chat: each command, and what it answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .lines import title

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .driver import ChatClient
    from .people import People
    from .terminal import TerminalChat
    from .values import ChatSummary

HELP = """\
/chat NAME           open a chat: a person, a group, a channel
/chats               your chats, and what is unread
/users NAME          find people whose name begins so
/history             what was said before
/search WORDS        find messages in all your chats
/reply N TEXT        answer message N; @name in a text mentions somebody
/edit N TEXT         change your message N; /delete N empties it
/react N EMOJI       react to message N; without an emoji, take it back
/upload FILE [TEXT]  send a file; /save N FILE keeps the file of message N
/group NAME WHO...   make a group; /add WHO, /remove WHO, /rename NAME
/channel NAME        make a channel, which anyone can /join NAME
/leave               leave the open group or channel
/who                 who is in the open chat
/mute [HOURS]        mute the open chat; /unmute
/block WHO           no messages from them; /unblock WHO, /blocks
/signout             end your sessions on every device
/quit                leave; what is not sent yet is kept and sent next time
Anything else is sent; begin with // to send a line that begins with /."""

FOREVER = timedelta(days=36_500)
"""For how long a chat is muted when no hours are given."""


class Misuse(ValueError):  # noqa: N818 - says what happened, as an answer
    """A command was typed in a way that it cannot be carried out; the message says how to type it."""


class Commands:
    """Carries out what begins with a slash."""

    def __init__(self, chat: TerminalChat, client: ChatClient, people: People) -> None:
        """Serve the person at `chat`."""
        self._chat = chat
        self._client = client
        self._people = people
        self._table: dict[str, Callable[[str], Awaitable[None]]] = {
            "/chat": chat.talk_with,
            "/chats": self._list_chats,
            "/users": self._find_users,
            "/history": chat.show_earlier,
            "/search": self._search,
            "/reply": self._reply,
            "/edit": self._edit,
            "/delete": self._delete,
            "/react": self._react,
            "/upload": self._upload,
            "/save": self._save,
            "/group": self._create_group,
            "/channel": self._create_channel,
            "/join": self._join,
            "/leave": self._leave,
            "/add": self._add,
            "/remove": self._remove,
            "/rename": self._rename,
            "/who": self._who,
            "/mute": self._mute,
            "/unmute": self._unmute,
            "/block": self._block,
            "/unblock": self._unblock,
            "/blocks": self._blocks,
            "/signout": self._sign_out,
            "/help": self._help,
        }

    async def obey(self, line: str) -> None:
        """Carry out a command; Misuse, or the client's own errors, when that cannot be done."""
        name, _, argument = line.partition(" ")
        if name not in self._table:
            raise Misuse(f"There is no command {name}.\n{HELP}")
        await self._table[name](argument.strip())

    async def _help(self, _: str) -> None:
        self._chat.say(HELP)

    def _open(self) -> ChatSummary:
        if self._chat.open is None:
            raise Misuse("No chat is open, /chat NAME opens one.")
        return self._chat.open

    async def _user(self, name: str) -> str:
        user_id = await self._people.find(name) if len(name) > 1 else None
        if user_id is None:
            raise Misuse(f"{name} is not known yet: people appear when they first sign in.")
        return user_id

    # Finding.

    async def _list_chats(self, _: str) -> None:
        chats = await self._chat.learn_chats()
        for chat in chats:
            view = self._client.chat(chat.chat_id)
            count = view.unread if view is not None else chat.unread
            unread = f", {count} unread" if count else ""
            self._chat.say(f"{title(chat)}  ({chat.last_seq} messages{unread})")
        if not chats:
            self._chat.say("No chats yet: /users finds people, /chat NAME opens a chat.", "yellow")

    async def _find_users(self, query: str) -> None:
        users = await self._client.users(query)
        for user in users:
            self._people.know(user)
            self._chat.say(f"{user.username}  {user.display_name or ''}".rstrip())
        if not users:
            self._chat.say(f"Nobody's name begins with {query!r}.", "yellow")

    async def _search(self, words: str) -> None:
        if len(words) < 2:  # noqa: PLR2004 - the service's limit
            raise Misuse("Name two letters at least: /search WORDS.")
        found = await self._client.api.search(words)
        await self._people.learn(hit.message.sender_id for hit in found.hits)
        for hit in found.hits:
            where = self._chat.title_of(hit.chat_id)
            self._chat.say(
                f"{where} {hit.message.seq}  {self._people.name(hit.message.sender_id)}: {hit.message.text}"
            )
        if not found.hits:
            self._chat.say(f"No message has {words!r}.", "yellow")

    # Messages.

    async def _reply(self, argument: str) -> None:
        number, text = _numbered(argument, "/reply N TEXT")
        self._chat.send(text, reply_to=number)

    async def _edit(self, argument: str) -> None:
        number, text = _numbered(argument, "/edit N TEXT")
        await self._client.edit(self._open().chat_id, number, text)

    async def _delete(self, argument: str) -> None:
        number, _ = _numbered(argument, "/delete N", needs_text=False)
        await self._client.delete(self._open().chat_id, number)

    async def _react(self, argument: str) -> None:
        number, emoji = _numbered(argument, "/react N EMOJI", needs_text=False)
        await self._client.react(self._open().chat_id, number, emoji or None)

    async def _upload(self, argument: str) -> None:
        chat = self._open()
        name, _, text = argument.partition(" ")
        try:
            attachment = await self._client.api.media.upload_file(chat.chat_id, _path(name))
        except OSError as error:
            raise Misuse(f"{name or 'No file'} cannot be read: /upload FILE [TEXT].") from error
        self._chat.send(text, attachment=attachment)

    async def _save(self, argument: str) -> None:
        number, name = _numbered(argument, "/save N FILE")
        chat = self._open()
        page = await self._client.history(chat.chat_id, around=number, limit=1)
        file = next((message.attachment for message in page.messages if message.seq == number), None)
        if file is None:
            raise Misuse(f"Message {number} has no file.")
        content = await self._client.api.media.download(chat.chat_id, file.media_id)
        try:
            await asyncio.to_thread(_keep, _path(name), content)
        except OSError as error:
            raise Misuse(f"{name} cannot be written: name a new file.") from error
        self._chat.say(f"{file.name} is kept as {name}.")

    # Groups and channels.

    async def _create_group(self, argument: str) -> None:
        name, *others = argument.split()
        if not others:
            raise Misuse("Name the group and who is in it: /group NAME WHO...")
        members = [await self._user(other) for other in others]
        await self._chat.enter(await self._client.create_group(name, members))

    async def _create_channel(self, name: str) -> None:
        if not name:
            raise Misuse("Name the channel: /channel NAME.")
        await self._chat.enter(await self._client.create_channel(name))

    async def _join(self, name: str) -> None:
        for channel in await self._client.api.channels(name):
            if channel.name == name:
                await self._chat.enter(await self._client.join(channel.chat_id))
                return
        raise Misuse(f"There is no channel {name}: /channel {name} makes it.")

    async def _leave(self, _: str) -> None:
        await self._client.leave(self._open().chat_id)

    async def _add(self, name: str) -> None:
        await self._client.api.set_member(self._open().chat_id, await self._user(name))

    async def _remove(self, name: str) -> None:
        await self._client.api.remove_member(self._open().chat_id, await self._user(name))

    async def _rename(self, name: str) -> None:
        await self._client.api.rename_chat(self._open().chat_id, name)

    async def _who(self, _: str) -> None:
        chat = self._open()
        members = await self._client.members(chat.chat_id)
        online = set()
        if chat.kind != "channel":
            online = {user.user_id for user in await self._client.presence(chat.chat_id) if user.online}
        await self._people.learn(member.user_id for member in members)
        for member in members:
            here = "  ● online" if member.user_id in online else ""
            self._chat.say(
                f"{self._people.name(member.user_id)}  {member.role}, has read {member.read_seq}{here}"
            )

    async def _mute(self, hours: str) -> None:
        try:
            length = timedelta(hours=float(hours)) if hours else FOREVER
        except ValueError as error:
            raise Misuse("Say for how many hours: /mute 8.") from error
        chat = self._open()
        await self._client.api.mute(chat.chat_id, datetime.now(UTC) + length)
        self._chat.say(f"{title(chat)} is muted; /unmute ends that.")

    async def _unmute(self, _: str) -> None:
        chat = self._open()
        await self._client.api.mute(chat.chat_id, None)
        self._chat.say(f"{title(chat)} is not muted.")

    # People.

    async def _block(self, name: str) -> None:
        await self._client.api.block(await self._user(name))
        self._chat.say(f"{name} is blocked; /unblock {name} lifts it.")

    async def _unblock(self, name: str) -> None:
        await self._client.api.unblock(await self._user(name))
        self._chat.say(f"{name} is not blocked.")

    async def _blocks(self, _: str) -> None:
        users = await self._client.api.blocks()
        self._chat.say(", ".join(user.username for user in users) or "Nobody is blocked.")

    async def _sign_out(self, _: str) -> None:
        await self._client.api.sign_out_everywhere()
        self._chat.say("You are signed out on every device; this one has to sign in again, too.")


def _path(name: str) -> Path:
    return Path(name).expanduser()


def _keep(path: Path, content: bytes) -> None:
    """Write a file that is not there yet."""
    with path.open("xb") as kept:
        kept.write(content)


def _numbered(argument: str, usage: str, *, needs_text: bool = True) -> tuple[int, str]:
    """Return the message's number and what follows it."""
    number, _, text = argument.partition(" ")
    if not number.isdecimal() or (needs_text and not text.strip()):
        raise Misuse(f"Type it so: {usage}.")
    return int(number), text.strip()
