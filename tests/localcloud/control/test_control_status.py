"""The status says what is deployed, connected and running, and what is made to fail on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from localcloud.clock import SystemClock
from localcloud.control.deployed import Deployed
from localcloud.control.health import Health
from localcloud.control.statistics import Statistics
from localcloud.control.status import CONNECTIONS_LISTED, LINES_LISTED, Sources, Status, status_endpoints
from localcloud.faults.engine import FaultRules
from localcloud.faults.rules import Rule, Scenario
from localcloud.interfaces import EnvironmentCounts, FaultEffect, Request
from localcloud.observations import ConnectionOpened, FunctionInvoked, LogWritten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws

FUNCTION = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "status-function",
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": "def handler(event, context): ..."},
            },
        },
    }
}
HEALTH = Health("ready", 1, "/data", "dynoxide", {})


@dataclass
class FakeFunctions:
    """Environments as a test says."""

    counts: dict[str, EnvironmentCounts] = field(default_factory=dict)

    def environments(self) -> Mapping[str, EnvironmentCounts]:
        """All of them."""
        return self.counts


class Asked:
    """A localcloud's status over its own MiniStack."""

    def __init__(self, ministack: MiniStack) -> None:
        """Begin without any observation."""
        clock = SystemClock()
        self.statistics = Statistics(clock)
        self.functions = FakeFunctions()
        self.faults = FaultRules(clock)
        sources = Sources(
            health=HEALTH,
            endpoint_url="http://here",
            deployed=Deployed(ministack),
            statistics=self.statistics,
            functions=self.functions,
            faults=self.faults,
            clock=clock,
        )
        sources = Sources(
            health=HEALTH,
            endpoint_url="http://here",
            deployed=Deployed(ministack),
            statistics=self.statistics,
            functions=self.functions,
            faults=self.faults,
            clock=clock,
        )
        self._endpoints = status_endpoints(sources)

    async def status(self, query: bytes = b"") -> Status:
        """Ask, as the dashboard and the command do."""
        request = Request("GET", "/_localcloud/status", b"/_localcloud/status", query, ())
        answer = await self._endpoints["GET", "/status"](request)
        return msgspec.json.decode(answer.body, type=Status)


async def make_api(aws: InProcessAws, name: str, protocol: str, *stages: str) -> str:
    """Make an API by calls; give its id."""
    api = await aws.post("apigateway", "/v2/apis", {"name": name, "protocolType": protocol})
    for stage in stages:
        await aws.post(
            "apigateway", f"/v2/apis/{api['apiId']}/stages", {"stageName": stage, "autoDeploy": True}
        )
    return str(api["apiId"])


async def test_status_lists_apis_with_the_addresses_of_their_stages(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """A new one is there at the next look; the $default stage has no path of its own."""
    asked = Asked(ministack)
    before = {api.api_id for api in (await asked.status()).apis}
    websocket = await make_api(aws, "status-ws", "WEBSOCKET", "prod", "dev")
    http = await make_api(aws, "status-http", "HTTP", "$default")
    asked.statistics.note(ConnectionOpened(websocket, "dev", "c1"))
    apis = {api.api_id: api for api in (await asked.status()).apis}
    assert before.isdisjoint({websocket, http})
    found = apis[websocket]
    assert (found.name, found.protocol) == ("status-ws", "WEBSOCKET")
    assert [(stage.name, stage.connections) for stage in found.stages] == [("dev", 1), ("prod", 0)]
    assert found.stages[0].url.startswith("ws://127.0.0.1:")
    assert found.stages[0].url.endswith(f"/_aws/execute-api/{websocket}/dev")
    (default,) = apis[http].stages
    assert default.url.endswith(f"/_aws/execute-api/{http}")


async def test_status_tells_each_function_with_environments_counts_and_last_error(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """What is deployed and was never invoked is listed too."""
    assert await aws.deploy("status-stack", FUNCTION) == "CREATE_COMPLETE"
    asked = Asked(ministack)
    found = {function.name: function for function in (await asked.status()).functions}["status-function"]
    assert (found.runtime, found.environments, found.invocations) == ("python3.13", EnvironmentCounts(), 0)
    asked.functions.counts["status-function"] = EnvironmentCounts(starting=1, idle=2, busy=3)
    asked.statistics.note(
        FunctionInvoked("status-function", "r", 1.0, None, "KeyError: 'x'", throttled=False)
    )
    found = {function.name: function for function in (await asked.status()).functions}["status-function"]
    assert found.environments == EnvironmentCounts(starting=1, idle=2, busy=3)
    assert (found.invocations, found.errors) == (1, 1)
    assert found.last_error is not None
    assert found.last_error.text == "KeyError: 'x'"


async def test_status_shows_faults_that_are_on(ministack: MiniStack) -> None:
    """And no others."""
    asked = Asked(ministack)
    assert (await asked.status()).faults == []
    asked.faults.add(Scenario((Rule("lambda", "Invoke", FaultEffect.THROTTLE),)))
    (active,) = (await asked.status()).faults
    assert (active.rule.service, active.rule.effect) == ("lambda", FaultEffect.THROTTLE)
    asked.faults.clear()
    assert (await asked.status()).faults == []


async def test_status_counts_all_connections_and_lists_the_newest(ministack: MiniStack) -> None:
    """However many there are, an answer stays small."""
    asked = Asked(ministack)
    for number in range(CONNECTIONS_LISTED + 5):
        asked.statistics.note(ConnectionOpened("api", "dev", f"c{number}"))
    connections = (await asked.status()).connections
    assert connections.open == CONNECTIONS_LISTED + 5
    assert len(connections.newest) == CONNECTIONS_LISTED
    assert connections.newest[0].connection_id == f"c{CONNECTIONS_LISTED + 4}"


async def test_status_gives_log_lines_by_cursor(ministack: MiniStack) -> None:
    """Who names the last number gets all that came after; who names none, or nonsense, gets the last."""
    asked = Asked(ministack)
    asked.statistics.note(LogWritten("g", 0, "one"))
    first = (await asked.status()).logs
    for number in range(LINES_LISTED):
        asked.statistics.note(LogWritten("g", 0, f"later {number}"))
    second = (await asked.status(f"logsAfter={first.last}".encode())).logs
    assert [line.text for line in second.lines] == [f"later {number}" for number in range(LINES_LISTED)]
    assert len((await asked.status(b"logsAfter=0")).logs.lines) == LINES_LISTED + 1
    assert (await asked.status(b"logsAfter=x")).logs == second
    assert (await asked.status()).logs == second
