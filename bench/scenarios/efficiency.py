"""What API Gateway and Lambda cost in throughput: messages over localcloud, and the handler alone in a loop.

The loop calls the handler of the deployed function in one process of its own, against the same DynamoDB and
the same @connections, signed by credentials that are verified as a role's are. It pays for everything but the
WebSocket, the Runtime API and the processes that events change hands between.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from bench import budgets
from bench.access import access_key
from bench.budgets import Result
from bench.figures import Pairs
from bench.handler_loop import Done, Work
from bench.ring import Ring, joined
from bench.scenarios.messages import CONNECTIONS
from bench.tables import TEXT
from harness import paths
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.access import AccessKey
    from bench.subjects import Comparison, Subject

_GRACE_SECONDS = 30.0
_MODULE = "send_message"


async def measure(comparison: Comparison) -> list[Result]:
    """Let 50 send, then the loop, in turn."""
    subject, pace = comparison.localcloud, comparison.pace
    rates, loops = [], []
    async with joined(subject.deployment, subject.tables, CONNECTIONS) as ring:
        await ring.warm_up()
        key = access_key(subject.deployment)
        for number in range(pace.rounds):
            with comparison.progress.step(
                f"{CONNECTIONS} senders, then the handler in a loop, round {number + 1}"
            ):
                rates.append((await ring.send_for(pace.seconds, CONNECTIONS)).messages_per_second)
                loops.append(await _loop(subject, ring, key, pace.seconds))
    pairs = Pairs(tuple(rates), tuple(loops))
    measured = f"{pairs.subject_median:.0f}/s; the loop {pairs.reference_median:.0f}/s"
    figures = {"localcloud": rates, "loop": loops}
    return [Result(budgets.EFFICIENCY, pairs.ratio, measured, figures)]


async def _loop(subject: Subject, ring: Ring, key: AccessKey, seconds: float) -> float:
    """Messages a second of the loop, which sends as the ring's first member."""
    member = ring.members[0]
    connection_id, entry = subject.tables.connection(member.user_id)
    work = Work(
        module=_MODULE,
        request_context=_request_context(member.user_id, connection_id, entry),
        chat_id=member.chat_id,
        after=member.last_seq,
        text=TEXT,
        seconds=seconds,
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.handler_loop",
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        cwd=paths.ROOT, env=_variables(subject, key),
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds + _GRACE_SECONDS):
            _, said = await process.communicate(msgspec.json.encode(work))
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise HarnessError(f"The handler failed in the loop: {said.decode(errors='replace').strip()}")
    done = msgspec.json.decode(said, type=Done)
    member.last_seq = done.last_seq
    return done.messages / done.seconds


def _request_context(user_id: str, connection_id: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """An event's context as API Gateway makes it, for a connection that is open."""
    domain_name, _, stage = entry["endpoint"]["S"].partition("://")[2].rpartition("/")
    return {
        "routeKey": "sendMessage",
        "eventType": "MESSAGE",
        "messageDirection": "IN",
        "stage": stage,
        "connectedAt": int(entry["connectedAt"]["N"]),
        "requestTimeEpoch": int(entry["connectedAt"]["N"]),
        "requestId": "bench",
        "domainName": domain_name,
        "connectionId": connection_id,
        "authorizer": {"userId": user_id, "username": "bench", "expiresAt": entry["expiresAt"]["N"]},
    }


def _variables(subject: Subject, key: AccessKey) -> dict[str, str]:
    """The function's environment variables as it is deployed, and the path to its code."""
    session, url = subject.deployment.target.session(), subject.deployment.emulator.endpoint_url
    pages = session.client("lambda", endpoint_url=url).get_paginator("list_functions").paginate()
    functions = [function for page in pages for function in page["Functions"]]
    (function,) = (one for one in functions if one["Handler"] == f"{_MODULE}.handler")
    return {
        **function["Environment"]["Variables"],
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(paths.ROOT), str(paths.HANDLERS))),
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_REGION": subject.deployment.target.region,
        "AWS_ENDPOINT_URL": url,
    }
