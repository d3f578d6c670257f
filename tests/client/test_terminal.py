"""The terminal chat: what people type and what they are shown, in process and through pipes."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.text import Text

from parley_client import ChatClient, Endpoints, Policy, Snapshot
from parley_client.__main__ import main
from parley_client.screens import PlainScreen
from parley_client.terminal import TerminalChat
from tests.client.fake_service import CHAT, FakeService, access_token, running_service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

PATIENCE = 5.0
QUICK = Policy(reconnect_base=0.02, reconnect_cap=0.05, backlog=20)
NOWHERE = Endpoints(websocket_url="ws://127.0.0.1:1/", http_api_url="http://127.0.0.1:1/")


class TypedScreen:
    """A screen whose person is the test."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self.lines: list[str] = []
        self.status = ""
        self.standing: list[str] = []
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._changed = asyncio.Event()

    def show(self, line: Text) -> None:
        """Keep a line."""
        self.lines.append(line.plain)
        self._changed.set()

    def refresh(self, status: Text, standing: list[Text]) -> None:
        """Keep how things stand."""
        self.status, self.standing = status.plain, [line.plain for line in standing]
        self._changed.set()

    async def read(self) -> str | None:
        """Return what the test types."""
        return await self._typed.get()

    def type(self, line: str) -> None:
        """Type a line."""
        self._typed.put_nowait(line)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until the screen shows something."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def shows(self, part: str) -> str:
        """Wait until a line contains a text and return the line."""
        await self.until(lambda: any(part in line for line in self.lines))
        return next(line for line in self.lines if part in line)


@pytest.fixture
async def service() -> AsyncIterator[FakeService]:
    """Run a service for one test."""
    async with running_service() as running:
        yield running


@asynccontextmanager
async def terminal_of(
    endpoints: Endpoints, user: str, *, wanted: str = "", snapshot: Snapshot | None = None
) -> AsyncIterator[tuple[TypedScreen, ChatClient]]:
    """Run a person's terminal."""

    async def tokens() -> str:
        return access_token(user)

    screen = TypedScreen()
    client = ChatClient(endpoints=endpoints, tokens=tokens, policy=QUICK, snapshot=snapshot, wait=False)
    chat = TerminalChat(client, screen, username=user, wanted=wanted, save=lambda: None)
    async with client:
        running = [asyncio.create_task(chat.watch()), asyncio.create_task(chat.obey())]
        try:
            yield screen, client
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def test_two_people_talk(service: FakeService) -> None:
    """What one types the other reads, each with its number, one's own with a tick."""
    async with (
        terminal_of(service.endpoints, "ann", wanted="bob") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
    ):
        hers.type("hello bob")
        assert (await hers.shows("hello bob")).endswith("ann  hello bob  ✓ 1")
        assert (await his.shows("hello bob")).endswith("ann  hello bob  1")
        his.type("/chat ann")
        his.type("hello ann")
        assert (await hers.shows("hello ann")).endswith("bob  hello ann  2")
        assert hers.status == "● online"
        await hers.until(lambda: hers.standing == ["✓✓ 1 read by bob"])


async def test_message_typed_offline_is_shown_as_sending_and_sent_later(service: FakeService) -> None:
    """Nothing pretends to be sent: it stays marked until it is, here by a later terminal."""
    snapshot = Snapshot(cursors={CHAT: 0})
    async with terminal_of(NOWHERE, "ann", snapshot=snapshot) as (screen, client):
        await screen.until(lambda: screen.status.startswith("○ reconnecting"))
        client.enqueue(CHAT, "written offline")
        left = client.snapshot()
    async with terminal_of(service.endpoints, "ann", wanted="bob", snapshot=left) as (screen, _):
        assert (await screen.shows("written offline")).endswith("✓ 1")


async def test_history_goes_back_page_by_page(service: FakeService) -> None:
    """A chat opens with its latest messages; /history shows those before, to the beginning."""
    for number in range(1, 46):
        service.model.answer(
            "bob",
            {
                "action": "sendMessage",
                "requestId": "r",
                "chatId": CHAT,
                "after": number - 1,
                "messages": [{"id": str(number), "text": f"text {number}."}],
            },
        )
    async with terminal_of(service.endpoints, "ann", wanted="bob", snapshot=Snapshot(cursors={CHAT: 45})) as (
        screen,
        _,
    ):
        await screen.shows("text 45.")
        assert not any("text 25." in line for line in screen.lines)
        screen.type("/history")
        await screen.shows("text 6.")
        screen.type("/history")
        await screen.shows("from the beginning")
        screen.type("/history")
        await screen.shows("this is the beginning")
        assert sum("text 30." in line for line in screen.lines) == 1


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/nonsense", "There is no command /nonsense."),
        ("/help", "/chat NAME"),
        ("/users bo", "bob"),
        ("/users xy", "Nobody's name begins with 'xy'."),
        ("/chats", "bob  (0 messages)"),
        ("/chat nobody", "nobody is not known yet"),
        ("nobody hears this", "no chat is open"),
        ("/history", "No chat is open"),
    ],
)
async def test_command_is_answered(service: FakeService, typed: str, answer: str) -> None:
    """Every command answers, and what cannot be done says what to do."""
    async with terminal_of(service.endpoints, "ann") as (screen, _):
        await screen.until(lambda: screen.status == "● online")
        screen.type(typed)
        await screen.shows(answer)


async def test_people_edit_reply_react_and_delete(service: FakeService) -> None:
    """What becomes of a message is told to both, and history shows it as it is."""
    async with (
        terminal_of(service.endpoints, "ann", wanted="bob") as (hers, _),
        terminal_of(service.endpoints, "bob", wanted="ann") as (his, _),
    ):
        hers.type("helo @bob")
        await his.shows("helo")
        hers.type("/edit 1 hello")
        await his.shows("--- ann has edited 1: hello")
        his.type("/react 1 👍")
        await hers.shows("--- bob reacts to 1 with 👍")
        his.type("/react 1")
        await hers.shows("--- bob takes a reaction to 1 back")
        his.type("/reply 1 hi")
        assert "bob  ↪ 1 hi" in await hers.shows("hi  2")
        his.type("/delete 2")
        await hers.shows("--- bob has deleted 2")
        his.type("/delete 1")
        await his.shows("not_permitted")
        his.type("/edit hello")
        await his.shows("Type it so: /edit N TEXT.")
        assert service.model.logs[CHAT][0]["mentions"] == ["bob"]


async def test_group_lives_in_the_terminal(service: FakeService) -> None:
    """A group is made, named, asked about, grown and left; everyone is told."""
    async with (
        terminal_of(service.endpoints, "ann") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
        terminal_of(service.endpoints, "cleo") as (cleos, _),
    ):
        for screen in (hers, his, cleos):
            await screen.until(lambda screen=screen: screen.status == "● online")  # type: ignore[misc]
        hers.type("/group Team bob")
        await hers.shows("--- ann and Team")
        hers.type("hello team")
        assert (await his.shows("hello team")).endswith("ann  hello team  1")
        hers.type("/add cleo")
        await his.shows("--- cleo is member now")
        hers.type("/rename Crew")
        await his.shows("--- ann has named it Crew")
        cleos.type("/chat Crew")
        await cleos.shows("--- cleo and Crew")
        his.type("hello cleo")
        await cleos.shows("bob  hello cleo  2")
        his.type("/who")
        await his.shows("ann  owner")
        await his.shows("● online")
        hers.type("/remove cleo")
        await cleos.shows("--- you are not in Crew any more")
        his.type("/leave")
        await his.shows("--- you are not in Crew any more")
        await hers.shows("--- bob is gone")


async def test_channel_is_found_and_joined_by_name(service: FakeService) -> None:
    """One makes a channel, another joins it by its name; a name that is no channel's is told."""
    async with (
        terminal_of(service.endpoints, "ann") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
    ):
        await hers.until(lambda: hers.status == "● online")
        await his.until(lambda: his.status == "● online")
        hers.type("/channel News")
        await hers.shows("--- ann and News")
        his.type("/join Olds")
        await his.shows("There is no channel Olds")
        his.type("/join News")
        await his.shows("--- bob and News")
        hers.type("headline")
        await his.shows("ann  headline  1")


async def test_what_is_written_elsewhere_is_counted_and_writing_is_shown(service: FakeService) -> None:
    """Below the line typed stand what others are writing and what is unread in other chats."""
    async with (
        terminal_of(service.endpoints, "ann", wanted="bob") as (hers, _),
        terminal_of(service.endpoints, "bob", wanted="ann") as (his, client),
        terminal_of(service.endpoints, "cleo") as (cleos, _),
    ):
        for screen in (hers, his, cleos):
            await screen.until(lambda screen=screen: screen.status == "● online")  # type: ignore[misc]
        hers.type("hi")
        await his.shows("hi")
        client.typing(CHAT)
        await hers.until(lambda: "bob is writing …" in hers.standing)
        cleos.type("/chat ann")
        cleos.type("psst")
        await hers.shows("cleo has written: /chat cleo")
        await hers.until(lambda: "1 unread: cleo 1" in hers.standing)
        hers.type("/chat cleo")
        await hers.shows("psst")
        await hers.until(lambda: not any("unread" in line for line in hers.standing))
        await cleos.until(lambda: cleos.standing == ["✓✓ 1 read by ann"])


async def test_file_is_uploaded_and_kept(service: FakeService, tmp_path: Path) -> None:
    """A file goes to who can see the chat, and is never written over another."""
    paper = tmp_path / "paper.txt"
    paper.write_text("what it says")
    async with (
        terminal_of(service.endpoints, "ann", wanted="bob") as (hers, _),
        terminal_of(service.endpoints, "bob", wanted="ann") as (his, _),
    ):
        await hers.shows("--- ann and bob")
        hers.type(f"/upload {paper} read this")
        assert "read this [paper.txt, 4 KB]" in await his.shows("read this")
        his.type(f"/save 1 {tmp_path / 'copy.txt'}")
        await his.shows("is kept as")
        assert (tmp_path / "copy.txt").read_text() == "what it says"
        his.type(f"/save 1 {paper}")
        await his.shows("cannot be written: name a new file")
        hers.type("/upload /no/such/file")
        await hers.shows("cannot be read")


async def test_search_mute_blocks_and_sign_out_are_answered(service: FakeService) -> None:
    """What concerns this person alone is done and said."""
    async with terminal_of(service.endpoints, "ann", wanted="bob") as (screen, _):
        screen.type("find the needle")
        await screen.shows("✓ 1")
        screen.type("/search needle")
        assert await screen.shows("ann: find") == "bob 1  ann: find the needle"
        screen.type("/search straw")
        await screen.shows("No message has 'straw'.")
        screen.type("/mute 8")
        await screen.shows("bob is muted")
        assert service.rest.muted[CHAT] is not None
        screen.type("/unmute")
        await screen.shows("bob is not muted.")
        screen.type("/block cleo")
        await screen.shows("cleo is blocked")
        screen.type("/blocks")
        await screen.until(lambda: "cleo" in screen.lines)
        screen.type("/unblock cleo")
        await screen.shows("cleo is not blocked.")
        screen.type("/signout")
        await screen.shows("You are signed out on every device")
        assert service.rest.signed_out


async def test_control_characters_of_others_are_disarmed(service: FakeService) -> None:
    """A message cannot clear the screen of who reads it."""
    async with terminal_of(service.endpoints, "ann", wanted="bob") as (screen, _):
        screen.type("//quit \x1b[2Jgone")
        assert "/quit \N{REPLACEMENT CHARACTER}[2Jgone" in await screen.shows("gone")
        assert service.model.logs[CHAT][0]["text"] == "/quit \x1b[2Jgone"


async def test_refused_message_is_told(service: FakeService) -> None:
    """A message that the service does not take is not silently dropped."""
    service.refuse_sends = "unknown_chat"
    async with terminal_of(service.endpoints, "ann", wanted="bob") as (screen, _):
        screen.type("in vain")
        assert "in vain" in await screen.shows("Not sent, unknown_chat")


async def test_plain_screen_reads_lines_and_tells_each_status_once() -> None:
    """Through a pipe the chat is plain lines."""
    output = io.StringIO()
    screen = PlainScreen(io.StringIO("one\ntwo\n"), output)
    assert [await screen.read() for _ in range(3)] == ["one\n", "two\n", None]
    for _ in range(2):
        screen.refresh(Text("● online", style="green"), [Text("sending … x")])
    screen.show(Text("[bold]not markup[/]", style="red"))
    assert output.getvalue() == "* ● online\n[bold]not markup[/]\n"


async def run_command(directory: Path, typed: str, *arguments: str) -> tuple[int, str, str]:
    """Run the command with a piped standard input; return its status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "parley_client", *arguments, "--outputs", str(directory / "outputs.json")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2] / "client"),
            "PYTHONWARNINGS": "error",
        },
    )
    async with asyncio.timeout(20):
        output, errors = await process.communicate(typed.encode())
    return process.returncode or 0, output.decode(), errors.decode()


async def test_command_piped_sends_and_ends_cleanly(service: FakeService, tmp_path: Path) -> None:
    """Lines piped in are sent before the command ends, which signs in by itself and warns of nothing."""
    outputs = {
        "WebSocketUrl": service.endpoints.websocket_url,
        "HttpApiUrl": service.endpoints.http_api_url,
        "UserPoolClientId": "app",
        "Region": "us-east-1",
        "Endpoint": service.endpoints.http_api_url,
    }
    (tmp_path / "outputs.json").write_text(json.dumps(outputs))
    users = tmp_path / "users.json"
    users.write_text(json.dumps({"ann": "nna", "bob": "bob"}))
    status, output, errors = await run_command(tmp_path, "one\ntwo\n", "--as", "ann", "--users", str(users))
    assert (status, errors) == (0, "")
    assert [message["text"] for message in service.model.logs[CHAT]] == ["one", "two"]
    assert "ann  two  ✓ 2" in output


def test_command_without_a_stack_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file is one clear sentence and a status."""
    assert main(["--as", "ann", "--outputs", str(tmp_path / "outputs.json")]) == 1
    assert capsys.readouterr().err.endswith("outputs.json is not there: `nox -s up` makes it.\n")


def test_command_for_an_unknown_user_names_the_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is not among the demo users is answered with those that are."""
    outputs = {"WebSocketUrl": "", "HttpApiUrl": "", "UserPoolClientId": "", "Region": ""}
    (tmp_path / "outputs.json").write_text(json.dumps(outputs))
    (tmp_path / "users.json").write_text('{"alice": "x", "bob": "y"}')
    files = ["--outputs", str(tmp_path / "outputs.json"), "--users", str(tmp_path / "users.json")]
    assert main(["--as", "eve", *files]) == 1
    assert "has no 'eve': choose one of alice, bob." in capsys.readouterr().err
