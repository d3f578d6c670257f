"""Commands about messages: finding, answering, changing and reporting them, and the files beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .command_group import CommandGroup, Misuse, numbered, path_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from .bodies import Hit

REASONS = ("spam", "abuse", "illegal", "other")
"""For what a message can be reported."""
SHORTEST = 2
"""Characters in what is searched for, at least: the service's limit."""
HITS = 20
"""Messages found that are shown; as long as there are fewer, the search goes on."""


class MessageCommands(CommandGroup):
    """Carries out what is about messages."""

    help = """\
/history [N]         what was said before, or around message N
/search WORDS        find messages in all your chats; /find WORDS in the open one
/reply N TEXT        answer message N; @name in a text mentions somebody
/edit N TEXT         change your message N; /delete N empties it
/react N EMOJI       react to message N; without an emoji, take it back
/upload FILE [TEXT]  send a file; /save N FILE keeps the file of message N
/report N WHY [TEXT] show message N to those who run the service: spam, abuse, illegal, other"""

    def table(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        """Give each command's name and what it does with what follows the name."""
        return {
            "/history": self._show_earlier,
            "/search": lambda words: self._search(words, "/search WORDS"),
            "/find": lambda words: self._search(words, "/find WORDS", self._open().chat_id),
            "/reply": self._reply,
            "/edit": self._edit,
            "/delete": self._delete,
            "/react": self._react,
            "/upload": self._upload,
            "/save": self._save,
            "/report": self._report,
        }

    async def _show_earlier(self, argument: str) -> None:
        chat = self._open()
        if argument:
            number, _ = numbered(argument, "/history N", needs_text=False)
            await self._chat.shown.around(chat, number)
        else:
            await self._chat.shown.earlier(chat)

    async def _search(self, words: str, usage: str, chat_id: str | None = None) -> None:
        if len(words) < SHORTEST:
            raise Misuse(f"Name two letters at least: {usage}.")
        page = await self._client.api.search(words, chat_id=chat_id)
        hits = list(page.hits)
        while page.next is not None and len(hits) < HITS:
            page = await self._client.api.search(words, chat_id=chat_id, cursor=page.next)
            hits += page.hits
        await self._show_hits(hits[:HITS])
        if not hits:
            self._chat.say(f"No message has {words!r}.", "yellow")
        elif page.next is not None or len(hits) > HITS:
            self._chat.say(f"There may be more: these are {len(hits[:HITS])}, name more of the words.", "dim")

    async def _show_hits(self, hits: list[Hit]) -> None:
        await self._people.learn(hit.message.sender_id for hit in hits)
        for hit in hits:
            where = self._chat.chats.title_of(hit.chat_id)
            sender = self._people.name(hit.message.sender_id)
            self._chat.say(f"{where} {hit.message.seq}  {sender}: {hit.message.text}")

    async def _reply(self, argument: str) -> None:
        number, text = numbered(argument, "/reply N TEXT")
        self._chat.send(text, reply_to=number)

    async def _edit(self, argument: str) -> None:
        number, text = numbered(argument, "/edit N TEXT")
        await self._client.edit(self._open().chat_id, number, text)

    async def _delete(self, argument: str) -> None:
        number, _ = numbered(argument, "/delete N", needs_text=False)
        await self._client.delete(self._open().chat_id, number)

    async def _react(self, argument: str) -> None:
        number, emoji = numbered(argument, "/react N EMOJI", needs_text=False)
        await self._client.react(self._open().chat_id, number, emoji or None)

    async def _upload(self, argument: str) -> None:
        chat = self._open()
        name, _, text = argument.partition(" ")
        path = path_of(name, "/upload FILE [TEXT]")
        try:
            attachment = await self._client.api.media.upload_file(
                chat.chat_id, path, progress=self._chat.working.progress
            )
        except OSError as error:
            raise Misuse(f"{name} cannot be read: /upload FILE [TEXT].") from error
        self._chat.send(text.strip(), attachment=attachment)

    async def _save(self, argument: str) -> None:
        number, name = numbered(argument, "/save N FILE")
        chat = self._open()
        page = await self._client.history(chat.chat_id, around=number, limit=1)
        file = next((message.attachment for message in page.messages if message.seq == number), None)
        if file is None:
            raise Misuse(f"Message {number} has no file.")
        path = path_of(name, "/save N FILE")
        try:
            await self._client.api.media.download_file(
                chat.chat_id, file.media_id, path, seq=number, progress=self._chat.working.progress
            )
        except OSError as error:
            raise Misuse(f"{name} cannot be written: name a new file.") from error
        self._chat.say(f"{file.name} is kept as {name}.")

    async def _report(self, argument: str) -> None:
        usage = f"/report N WHY [TEXT], WHY being one of {', '.join(REASONS)}"
        number, rest = numbered(argument, usage)
        reason, _, note = rest.partition(" ")
        if reason not in REASONS:
            raise Misuse(f"Type it so: {usage}.")
        await self._client.api.report(self._open().chat_id, number, reason, note.strip() or None)
        self._chat.say(f"Message {number} is reported to those who run the service.")
