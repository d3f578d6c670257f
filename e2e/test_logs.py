"""What the functions log: structured, correlated, in CloudWatch Logs; never a text, a token or a ticket."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.parley import send_message
from e2e.support.redaction import search_logs
from e2e.support.sockets import open_socket

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person


async def test_logs_tell_who_did_what_and_no_secret(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """Every function that a user reached logged the user's id; what was said and secret stands nowhere."""
    text = f"between us {secrets.token_hex(8)}"
    chat_id = await parley.direct_chat(alice, bob)
    ticket = await parley.ticket(alice)
    async with open_socket(parley.socket_url(ticket=ticket)) as socket:
        await socket.ask(send_message(chat_id, 0, text))
        await socket.ask(send_message(chat_id, 99, text))  # refused
        await socket.send(f'{{"action": "sendMessage", "oops": "{text}"')  # not even JSON
        await socket.first(lambda frame: frame.get("code") == "not_json")
    groups = account.of_type("AWS::Logs::LogGroup")
    for reached in ("Tickets", "Connect", "SendMessage", "Default"):
        await eventually(lambda: logged(account, groups[f"{reached}Logs"], alice.user_id))  # noqa: B023 - awaited
    secret = (text, ticket, alice.access_token, alice.access_token.rpartition(".")[2])
    for group in groups.values():
        told = "\n".join(await logged(account, group))
        assert [word for word in secret if word in told] == [], group


async def logged(account: Account, group: str, term: str = "") -> list[str]:
    """Give what a log group holds that contains a term."""
    pages = account.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern=f'"{term}"' if term else ""
    )
    return [event["message"] for page in pages for event in page["events"]]


async def test_logs_of_a_send_are_read_by_the_command_line(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """`aws logs filter-log-events` finds a user's send: a JSON object a line, with the ids to follow."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "text"))
    group = account.of_type("AWS::Logs::LogGroup")["SendMessageLogs"]

    async def found() -> list[str]:
        printed = account.ask(
            *("aws", "logs", "filter-log-events", "--log-group-name", group),
            *("--filter-pattern", f'"{alice.user_id}"', "--output", "json"),
        )
        return [event["message"] for event in json.loads(printed)["events"]]

    for line in await eventually(found):
        entry = json.loads(line)
        assert entry["userId"] == alice.user_id
        assert entry["requestId"]
        assert entry["connectionId"]


async def test_logs_of_an_invocation_have_its_start_end_and_report(
    parley: Parley, account: Account, alice: Person
) -> None:
    """Around what a function logs stand Lambda's own lines, the report with duration and memory."""
    await parley.ticket(alice)
    group = account.of_type("AWS::Logs::LogGroup")["TicketsLogs"]
    for first_word in ("START", "END", "REPORT"):
        await eventually(lambda: logged(account, group, f"{first_word} RequestId"))  # noqa: B023 - awaited
    for part in ("Duration:", "Billed Duration:", "Memory Size:", "Max Memory Used:"):
        assert all(part in report for report in await logged(account, group, "REPORT RequestId"))


@pytest.mark.local_only("it reads the whole of the stack's logs")
async def test_search_of_all_logs_finds_a_text_a_token_and_a_ticket(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """What the run of all tests ends with (`conftest.py`) sees a leak where there is one."""
    text = f"between us {secrets.token_hex(8)}"
    chat_id = await parley.direct_chat(alice, bob)
    ticket = await parley.ticket(alice)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, text))
    group = account.of_type("AWS::Logs::LogGroup")["SendMessageLogs"]
    lines = [f"she said {text}", f"Authorization: {alice.access_token}", f"?ticket={ticket}"]
    account.logs.create_log_stream(logGroupName=group, logStreamName="leak")
    try:
        events = [{"timestamp": int(time.time() * 1_000), "message": line} for line in lines]
        account.logs.put_log_events(logGroupName=group, logStreamName="leak", logEvents=events)  # type: ignore[arg-type]
        leaks = search_logs(account, page=10).leaks  # so that what leaks is not on the first page
    finally:
        account.logs.delete_log_stream(logGroupName=group, logStreamName="leak")
    found = ("a ticket", "a token", "the text of a message")
    assert leaks == [f"{group} holds {leak}." for leak in found]
    assert not any(secret in leak for leak in leaks for secret in (text, ticket, alice.access_token))
