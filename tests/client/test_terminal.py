"""The terminal chat: what people type and what they are shown, in process and through pipes."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from pathlib import Path

import pytest
from rich.text import Text

from parley_client import Endpoints, Snapshot
from parley_client.__main__ import main
from parley_client.screens import PlainScreen
from tests.client.fake_service import CHAT, FakeService
from tests.client.typed_screen import terminal_of

NOWHERE = Endpoints(websocket_url="ws://127.0.0.1:1/", http_api_url="http://127.0.0.1:1/")


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
        ("/nonsense", "There is no command /nonsense: "),
        ("/serch x", "There is no command /serch: try /search, /help lists them all."),
        ("/help", "/delete-account YOU"),
        ("/users bo", "bob"),
        ("/users xy", "Nobody's name begins with 'xy'."),
        ("/chats", "bob  (direct, 0 messages)"),
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
        assert await screen.shows("Not sent") == "Not sent: in vain\nunknown_chat"


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
