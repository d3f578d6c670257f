"""What of a message's time is localcloud's own, with the handler's taken out, measured from outside.

A direct message is one event and its answer, one PutItem, one BatchGetItem, one post. Its share is the sum of
- a frame to a function that gives it back, and the answer: gateway in, Runtime API, gateway out. AWS's own
  runtime client and the bench's client are in it too, so it is rather too large than too small;
- each DynamoDB request's time through localcloud, less the same request's to dynoxide itself;
- a post's time, whole.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import connect

from bench import budgets, echo
from bench.access import access_key
from bench.budgets import Result
from bench.exchange import Exchange, signed
from bench.figures import percentile
from bench.ring import joined
from harness.errors import HarnessError

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from bench.access import AccessKey
    from bench.ring import Ring
    from bench.subjects import Comparison, Subject

_TIMES = 200
_ON_DYNOXIDE = re.compile(r"dynoxide serve .*--port (\d+)")


async def measure(comparison: Comparison) -> list[Result]:
    """Take the parts in turn, round after round; the share of a round is their sum."""
    subject = comparison.localcloud
    key = access_key(subject.deployment)
    dynoxide_port = _dynoxide_port(subject)
    parts: list[dict[str, float]] = []
    async with (
        joined(subject.deployment, subject.tables, 2) as ring,
        connect(echo.create(subject.deployment), compression=None, proxy=None) as socket,
    ):
        await _echo(socket, _TIMES)  # the environment starts
        for number in range(comparison.pace.rounds):
            with comparison.progress.step(f"localcloud's own share, round {number + 1}"):
                parts.append(
                    {
                        "event_and_answer": percentile(await _echo(socket, _TIMES), 0.5),
                        **_calls(subject, ring, key, dynoxide_port),
                    }
                )
    shares = [sum(part.values()) for part in parts]
    medians = {name: percentile([part[name] for part in parts], 0.5) for name in parts[0]}
    measured = ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in medians.items())
    return [Result(budgets.SHARE, percentile(shares, 0.5), f"{measured} ms", {"rounds": shares, **medians})]


async def _echo(socket: ClientConnection, times: int) -> list[float]:
    """Milliseconds from a frame to its answer."""
    frame = json.dumps({"action": "sendMessage", "text": "x" * 100})
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await socket.send(frame)
        answer = await socket.recv()
        taken.append((time.perf_counter() - began) * 1_000)
        if answer != frame:
            raise HarnessError(f"The echo function answered {answer!r}.")
    return taken


def _calls(subject: Subject, ring: Ring, key: AccessKey, dynoxide_port: int) -> dict[str, float]:
    """The calls that a handler makes for a message, each by localcloud's share of its p50 in milliseconds."""
    port = subject.deployment.emulator.port
    found = {}
    with Exchange(port) as through, Exchange(dynoxide_port) as direct:
        for operation, body in _requests(subject, ring).items():
            request = _dynamodb(subject, key, operation, body)
            proxied = percentile(through.milliseconds(request, _TIMES), 0.5)
            found[operation] = proxied - percentile(direct.milliseconds(request, _TIMES), 0.5)
        found["post"] = percentile(through.milliseconds(_post(subject, ring, key), _TIMES), 0.5)
    return found


def _requests(subject: Subject, ring: Ring) -> dict[str, dict[str, Any]]:
    tables, people = subject.tables, [member.user_id for member in ring.members]
    item = {"chatId": {"S": "dm:bench"}, "seq": {"N": "1"}, "id": {"S": "x" * 26}, "body": {"S": "x" * 60}}
    keys = [{"userId": {"S": user_id}} for user_id in people]
    return {
        "PutItem": {"TableName": tables.messages, "Item": item},
        "BatchGetItem": {"RequestItems": {tables.connections: {"Keys": keys, "ConsistentRead": True}}},
    }


def _dynamodb(subject: Subject, key: AccessKey, operation: str, body: dict[str, Any]) -> bytes:
    deployment = subject.deployment
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
    }
    url, region = f"{deployment.emulator.endpoint_url}/", deployment.target.region
    return signed(key, "dynamodb", region, url, headers, json.dumps(body).encode())


def _post(subject: Subject, ring: Ring, key: AccessKey) -> bytes:
    connection_id, _ = subject.tables.connection(ring.members[0].user_id)
    path = urlsplit(subject.deployment.web_socket_url).path
    url = f"{subject.deployment.emulator.endpoint_url}{path}/@connections/{quote(connection_id, safe='')}"
    return signed(key, "execute-api", subject.deployment.target.region, url, {}, b'{"type":"typing"}')


def _dynoxide_port(subject: Subject) -> int:
    """Where localcloud's dynoxide listens: its command line says it."""
    children = subprocess.run(
        ["ps", "-axo", "ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    for line in children.splitlines():
        parent, _, arguments = line.strip().partition(" ")
        found = _ON_DYNOXIDE.search(arguments)
        if found and int(parent) == subject.deployment.emulator.process.pid:
            return int(found[1])
    raise HarnessError("localcloud runs without dynoxide: `npm ci` in localstack/ fetches it.")
