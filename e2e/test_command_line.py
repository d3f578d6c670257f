"""An operator's command line: `aws`, and `awslocal` on a local target, list tables, read logs and a chat."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.parley import send_message
from harness import paths

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person


@pytest.fixture(
    params=["aws", pytest.param("awslocal", marks=pytest.mark.local_only("awslocal names local endpoints"))]
)
def program(request: pytest.FixtureRequest) -> str:
    """Give each command line that works on the target."""
    return str(request.param)


async def test_command_line_lists_the_tables(account: Account, program: str) -> None:
    """All of the stack's tables are there by their names."""
    listed = json.loads(account.ask(program, "dynamodb", "list-tables", "--output", "json"))["TableNames"]
    assert set(account.of_type("AWS::DynamoDB::GlobalTable").values()) <= set(listed)


async def test_command_line_reads_a_chat(
    parley: Parley, account: Account, alice: Person, bob: Person, program: str
) -> None:
    """A query for the chat gives its messages in their order."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "one", "two"))
    printed = account.ask(
        *(program, "dynamodb", "query", "--table-name", account.table("Messages")),
        *("--key-condition-expression", "chatId = :chat"),
        *("--expression-attribute-values", json.dumps({":chat": {"S": chat_id}}), "--output", "json"),
    )
    items = json.loads(printed)["Items"]
    assert [(item["seq"]["N"], item["senderId"]["S"]) for item in items] == [
        ("1", alice.user_id),
        ("2", alice.user_id),
    ]


@pytest.mark.local_only("it names a local endpoint")
async def test_readme_commands_run_as_they_are_written(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """The README's look inside shows the tables, the log of a send, and a chat's messages."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "look inside"))

    async def printed() -> str:
        return run_readme(account)

    text = await eventually(printed, lambda text: '"action":"sendMessage"' in text)
    assert text.count(account.table("Messages")) == 2  # by `aws` and by `awslocal`
    assert re.fullmatch(r"\d+\t.+", text.splitlines()[-1])  # whichever chat the scan met first


def run_readme(account: Account) -> str:
    """Run the commands below the README's heading, on this target; give what they print."""
    readme = (paths.ROOT / "README.md").read_text().split("### Look inside")[1].split("\n###")[0]
    block = "\n".join(line.removeprefix("    ") for line in readme.splitlines() if line.startswith("    "))
    assert account.target.endpoint_url
    script = block.replace("http://127.0.0.1:4566", account.target.endpoint_url)
    script = script.replace("parley-", f"{account.stack_name}-")
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, "PATH": programs},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
