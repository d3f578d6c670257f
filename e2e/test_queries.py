"""The saved queries in use: after a chat each of them answers what an operator asks it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import PATIENCE, eventually
from e2e.support.parley import get_messages
from e2e.support.scenes import Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.local_only("AWS lets logs be queried minutes later")

Row = dict[str, str]


class Queries:
    """The saved queries of a deployed stack."""

    def __init__(self, account: Account) -> None:
        """Find them."""
        self._account = account
        found = account.logs.describe_query_definitions(queryDefinitionNamePrefix=f"{account.stack_name}/")
        self._saved = {
            saved["name"].partition("/")[2]: (saved["queryString"], saved.get("logGroupNames", []))
            for saved in found["queryDefinitions"]
        }
        self.names = self._saved.keys()

    async def run(self, name: str, **replaced: str) -> Sequence[Row]:
        """Run one over the last hour, with ids in place of what asks for them; its rows."""
        query, groups = self._saved[name]
        for placeholder, value in replaced.items():
            query = query.replace(f"REPLACE-WITH-THE-{placeholder.upper()}-ID", value)
        assert "REPLACE" not in query
        now = int(time.time())
        functions = [
            group
            for logical_id, group in self._account.of_type("AWS::Logs::LogGroup").items()
            if logical_id.endswith("Logs") and group.startswith("/aws/lambda/")
        ]
        query_id = self._account.logs.start_query(
            logGroupNames=groups or functions, startTime=now - 3_600, endTime=now + 60, queryString=query
        )["queryId"]

        async def results() -> tuple[str, Sequence[Row]]:
            answer = self._account.logs.get_query_results(queryId=query_id)
            rows = [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]
            return answer["status"], rows

        return (await eventually(results, lambda seen: seen[0] == "Complete"))[1]


async def test_saved_queries_answer_what_they_are_for_after_a_chat(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """And one id leads from a send to the fan-out of its message, which another function carried out."""
    queries = Queries(account)
    scene = Scene(parley, account, alice, bob, await parley.direct_chat(alice, bob), [], PATIENCE)
    async with parley.socket(alice) as socket:
        scene.leave_connections_behind(bob)  # more than a request posts to itself
        await scene.write_by_socket(alice, 0)
        await socket.ask(get_messages(scene.chat_id) | {"more": "than it has"})

    async def session() -> Sequence[Row]:
        return await queries.run("session of a user", users=alice.user_id)

    requests = await eventually(session, lambda rows: {"sendMessage", "getMessages"} <= _all(rows, "action"))
    assert [row["@timestamp"] for row in requests] == sorted(row["@timestamp"] for row in requests)
    (sent,) = [row for row in requests if row.get("action") == "sendMessage"]
    assert sent["outcome"] == "ok"

    async def journey() -> Sequence[Row]:
        return await queries.run("journey of a message", requests=sent["requestId"])

    steps = await eventually(journey, lambda rows: _all(rows, "action") == {"sendMessage", "fanOut"})
    assert {row["@log"].rpartition("-")[2] for row in steps} >= {"message", "out"}
    posted = next(row for row in steps if row.get("action") == "fanOut")
    assert (posted["outcome"], "queueMessageId" in posted) == ("ok", True)

    errors = await queries.run("errors by code")
    assert ("bad_request", "getMessages") in {(row["outcome"], row["action"]) for row in errors}
    assert all(int(row["errors"]) > 0 and row["outcome"] != "ok" for row in errors)
    slowest = await queries.run("slowest sends")
    assert sent["requestId"] in _all(slowest, "requestId")
    durations = [float(row["SendDuration"]) for row in slowest]
    assert durations == sorted(durations, reverse=True)
    starts = {row["@log"].partition(":")[2]: row for row in await queries.run("cold starts")}
    of_sends = starts[account.of_type("AWS::Logs::LogGroup")["SendMessageLogs"]]
    assert 1 <= int(of_sends["coldStarts"]) <= int(of_sends["invocations"])
    assert 0 < float(of_sends["p50"]) <= float(of_sends["p99"])
    assert queries.names == {
        *("errors by code", "slowest sends", "session of a user", "journey of a message", "cold starts")
    }


def _all(rows: Sequence[Row], field: str) -> set[str]:
    """Every value of a field."""
    return {row[field] for row in rows if field in row}
