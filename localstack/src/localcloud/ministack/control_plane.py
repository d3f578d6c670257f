"""MiniStack as the rest of localcloud sees it: the control plane, in this process."""

from __future__ import annotations

import asyncio
import copy
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec
from ministack import app
from ministack.core import lambda_runtime
from ministack.core.responses import request_scope
from ministack.services import apigateway, cognito, dynamodb, eventbridge, lambda_svc, scheduler
from ministack.services.cloudformation import provisioners

from localcloud.dynamodb.definition import TableDefinition, parse
from localcloud.http import raw_headers
from localcloud.interfaces import Credentials, Response
from localcloud.ministack import (
    authorization,
    domains,
    fixes,
    interrupted_operations,
    invocation_bridge,
    logs,
    metrics,
    permissions,
    service_observations,
    table_capacity,
)
from localcloud.ministack.alarms import StoredAlarms
from localcloud.ministack.bucket_metrics import BucketMetrics
from localcloud.ministack.changes import Changes
from localcloud.ministack.codedeploy import shifts
from localcloud.ministack.codedeploy.shifts import SHIFTS
from localcloud.ministack.fixes import secret_rotation
from localcloud.ministack.permissions import Roles
from localcloud.ministack.queue_metrics import QueueMetrics
from localcloud.ministack.queues import Queues
from localcloud.ministack.state import SavedState, Saver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence

    from localcloud.cloudwatch.metrics import DataPoint
    from localcloud.data_directory import DataDirectory
    from localcloud.dynamodb.capacity import Capacity, Place
    from localcloud.interfaces import Caller, Denied, Request
    from localcloud.ministack.invocation_bridge import TracedFunctions
    from localcloud.observations import Observations
    from localcloud.regions.records import Record
    from localcloud.settings import Settings

logger = logging.getLogger(__name__)

_ISSUER = re.compile(r"https://cognito-idp\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<pool>[\w-]+)")
_ROOT = "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request"
"""By what some services tell the account from a stranger; the root's signature is never verified."""

_WORKER_THREADS = 32


class MiniStack:
    """The control plane. One a process; make it after ``environment.configure``."""

    def __init__(self, settings: Settings, data: DataDirectory) -> None:
        """Mend MiniStack's faults and give it back its saved state.

        Raises:
            LocalcloudError: the saved state is corrupt.
        """
        self.account_id = settings.account_id
        self.region = settings.region
        self._changes = Changes()
        self._changes.listeners.append(authorization.answers.forget)
        self.roles = Roles(settings.account_id, settings.region)
        self.queues = Queues(settings.account_id, settings.region, self._changes)
        self.queue_metrics = QueueMetrics(settings.account_id, settings.region)
        self.bucket_metrics = BucketMetrics(settings.account_id, settings.region)
        self.alarms = StoredAlarms(settings.account_id, settings.region, self._changes)
        self.traffic_shifts = SHIFTS
        self._shifting: asyncio.Task[None] | None = None
        self._saver: Saver | None = None
        authorization.quicker.apply()
        metrics.counted_once.apply()
        for fix in fixes.ALL:
            fix.apply()
        self._changes.watch_provisioning(provisioners._RESOURCE_HANDLERS)  # noqa: SLF001
        self._saved = SavedState(data.control_plane)
        self._saved.restore()
        interrupted_operations.end()
        self.traffic_shifts.changed = self._note_shift
        self.traffic_shifts.end_interrupted()

    def in_region(self, region: str) -> MiniStack:
        """The same control plane as it is in another region; that of the settings opens and closes it."""
        if region == self.region:
            return self
        other = copy.copy(self)
        other.region = region
        other.roles = Roles(self.account_id, region)
        other.queues = Queues(self.account_id, region, self._changes)
        return other

    async def open(
        self, functions: TracedFunctions | None, accept: Callable[[str, bytes], str] | None = None
    ) -> None:
        """Start what runs beside requests: saving, schedules, and invocations.

        Args:
            functions: who runs functions; None leaves them to MiniStack.
            accept: who takes asynchronous invocations: a function's ARN and the event; gives the request id.
        """
        loop = asyncio.get_running_loop()
        # MiniStack's own start does this and more (Docker, init scripts, SFTP) that has no place here.
        app._MAIN_LOOP = loop  # noqa: SLF001
        loop.set_default_executor(ThreadPoolExecutor(_WORKER_THREADS, thread_name_prefix="ministack"))
        eventbridge.start_scheduler()
        scheduler.start_scheduler()
        secret_rotation.start_schedule()
        self._saver = Saver(self._saved, loop)
        self._changes.listeners.append(self._saver.changed)
        self._shifting = loop.create_task(self._shift_traffic())
        if functions is not None:
            invocation_bridge.install(functions, loop)
        if accept is not None:
            invocation_bridge.install_asynchronous(accept)

    def observe(self, observations: Observations) -> None:
        """Tell of what MiniStack serves by itself, on the event loop; call it there."""
        loop = asyncio.get_running_loop()
        service_observations.install(
            lambda observation: loop.call_soon_threadsafe(observations.publish, observation)
        )

    async def close(self) -> None:
        """Save a last time, and end what somebody waits for."""
        if self._shifting is not None:
            self._shifting.cancel()
        self._changes.listeners.clear()
        if self._saver is not None:
            await self._saver.close()
        else:
            self._saved.close()
        self.traffic_shifts.end_interrupted()  # else stacks that wait for them keep the process from ending

    async def _shift_traffic(self) -> None:
        """Go on with CodeDeploy's deployments."""
        while True:
            await asyncio.sleep(shifts.LOOK_SECONDS)
            try:
                self.traffic_shifts.advance()
            except Exception:
                logger.exception("CodeDeploy's deployments are not gone on with this time.")

    def _note_shift(self) -> None:
        self._changes.call("lambda", "PUT", "/", b"")
        self._changes.call("codedeploy", "POST", "/", b"")

    def owns(self, _scope: MutableMapping[str, Any]) -> bool:
        """Whatever nobody else answers."""
        return True

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Serve one request with MiniStack, and note what it may have changed before its answer leaves."""

        async def noting_send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._changes.request(scope["method"], scope["path"], scope["headers"])
            await send(message)

        await app.app(scope, receive, noting_send)

    @property
    def generation(self) -> int:
        """Grows whenever an API, a function or a layer may have changed."""
        return self._changes.generation

    async def call(self, service: str, request: Request) -> Response:
        """One AWS API call as the account's root, unsigned."""
        headers = {"authorization": _ROOT.format(region=self.region, service=service)}
        headers |= {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        query = parse_qs(request.query_string.decode("latin-1"), keep_blank_values=True)
        with request_scope(self.account_id, self.region):
            status, answer_headers, body = await app.SERVICE_HANDLERS[service](
                request.method, request.path, headers, request.body, query
            )
        target = request.header("x-amz-target").encode("latin-1")
        self._changes.call(service, request.method, request.path, target)
        content = body.encode() if isinstance(body, str) else body
        return Response(status, raw_headers(answer_headers), content)

    def authorize(self, request: Request, service: str, action: str, resource: str) -> Denied | None:
        """Verify the request's signature, then ask IAM; None is a yes."""
        return authorization.authorize(request, service, action, resource)

    def caller(self, access_key_id: str) -> Caller | None:
        """Who signs with an access key; None where nobody does."""
        with request_scope(self.account_id, self.region):
            return authorization.caller(access_key_id, self.account_id)

    def may_invoke(self, service: str, function: str, source_arn: str) -> bool:
        """Whether a function's own policy lets an AWS service invoke it on behalf of ``source_arn``."""
        with request_scope(self.account_id, self.region):
            return permissions.service_may_invoke(function, service, source_arn, self.account_id)

    def authorize_dynamodb(self, request: Request, operation: str) -> Response | None:
        """Verify a DynamoDB data request and ask IAM for every table it names; None is a yes."""
        return authorization.authorize_dynamodb(request, operation)

    def path_of(self, domain: str, raw_path: str, regions: Sequence[str]) -> str | None:
        """Where an address at a domain of one's own leads, in the first region that has it."""
        with request_scope(self.account_id, self.region):
            return domains.path_of(domain, raw_path, regions)

    def records_of(self, domain: str) -> Sequence[Record]:
        """The records by which Route 53 chooses among the regions that have a domain."""
        with request_scope(self.account_id, self.region):
            return domains.records(domain)

    def table(self, name: str) -> TableDefinition | None:
        """A DynamoDB table's definition, or None when there is no such table."""
        table = dynamodb._tables.get_scoped(self.account_id, self.region, name)  # noqa: SLF001
        if table is None:
            return None
        return parse(table, dynamodb._ttl_settings.get_scoped(self.account_id, self.region, name))  # noqa: SLF001

    def table_names(self) -> list[str]:
        """The names of the account's tables in this region."""
        with request_scope(self.account_id, self.region):
            return list(dynamodb._tables)  # noqa: SLF001

    def replicas(self, name: str) -> list[str]:
        """The other regions that have a replica of a table of this one, if it is a global table."""
        table = dynamodb._tables.get_scoped(self.account_id, self.region, name)  # noqa: SLF001
        regions = dynamodb._replica_group(table) if table else ()  # noqa: SLF001
        return [region for region in regions if region != self.region]

    def capacities(self) -> Mapping[Place, Capacity]:
        """What is provisioned for this region's DynamoDB tables and indexes."""
        with request_scope(self.account_id, self.region):
            return table_capacity.capacities()

    def provision(self, place: Place, units: int) -> None:
        """Have auto scaling change what is provisioned."""
        with request_scope(self.account_id, self.region):
            table_capacity.provision(place, units)

    def has_api(self, api_id: str) -> bool:
        """Whether an HTTP or WebSocket API with this id is in this region."""
        return apigateway._apis.get_scoped(self.account_id, self.region, api_id) is not None  # noqa: SLF001

    def function_code(self, function_name: str, version: str = "$LATEST") -> bytes:
        """The deployed zip of a function's version; KeyError when there is none."""
        function = self._function(function_name)
        code = (function if version == "$LATEST" else function["versions"][version]).get("code_zip")
        if not isinstance(code, bytes):
            raise KeyError(function_name)
        return code

    def layer_code(self, layer_version_arn: str) -> bytes:
        """The zip of a layer version; KeyError when there is none."""
        with request_scope(self.account_id, self.region):
            code = lambda_svc._resolve_layer_zip(layer_version_arn)  # noqa: SLF001
        if not isinstance(code, bytes):
            raise KeyError(layer_version_arn)
        return code

    def role_credentials(self, function_name: str) -> Credentials:
        """Credentials of the function's execution role; KeyError when there is no such function."""
        with request_scope(self.account_id, self.region):
            session = lambda_runtime.execution_credentials(self._function(function_name)["config"])
        return Credentials(
            session["AWS_ACCESS_KEY_ID"], session["AWS_SECRET_ACCESS_KEY"], session["AWS_SESSION_TOKEN"]
        )

    def append_logs(
        self, group: str, stream: str, events: Sequence[tuple[int, str]], function_name: str = ""
    ) -> None:
        """Write log events (epoch ms, text) to CloudWatch Logs, a function's as far as its role may."""
        with request_scope(self.account_id, self.region):
            if function_name and not self._may_log(function_name, group, stream):
                return
            logs.append(group, stream, events)

    def _may_log(self, function_name: str, group: str, stream: str) -> bool:
        """Whether a function's role may write to a stream, and make what of it is missing."""
        group_arn = f"arn:aws:logs:{self.region}:{self.account_id}:log-group:{group}"
        needed = [("logs:PutLogEvents", f"{group_arn}:log-stream:{stream}")]
        if not logs.has_stream(group, stream):
            needed.append(("logs:CreateLogStream", f"{group_arn}:log-stream:"))
        if not logs.has_group(group):
            needed.append(("logs:CreateLogGroup", f"{group_arn}:log-stream:"))
        try:
            return all(self.roles.may(function_name, action, on) is None for action, on in needed)
        except KeyError:  # the function has been deleted meanwhile, and what it was allowed with it
            return False

    def put_metrics(self, points: Sequence[DataPoint]) -> None:
        """Add values to CloudWatch's metrics, CloudFront's in the one region that has them."""
        with request_scope(self.account_id, self.region):
            metrics.put([point for point in points if not metrics.is_global(point)])
        with request_scope(self.account_id, metrics.GLOBAL_REGION):
            metrics.put([point for point in points if metrics.is_global(point)])

    def measure(self, now: float) -> None:
        """Put into CloudWatch what queues and buckets hold now."""
        self.put_metrics(self.queue_metrics.measure(now))
        with request_scope(self.account_id, self.region):
            metrics.replace(self.bucket_metrics.measure(now))

    async def jwks(self, issuer: str) -> Mapping[str, object] | None:
        """The key set of a user pool of this account, or None when the issuer is anyone else."""
        match = _ISSUER.fullmatch(issuer)
        if match is None:
            return None
        if cognito._user_pools.get_scoped(self.account_id, match["region"], match["pool"]) is None:  # noqa: SLF001
            return None
        # The first time, this makes two RSA keys, which takes long enough to be noticed by everyone else.
        _status, _headers, body = await asyncio.to_thread(cognito.well_known_jwks, match["pool"])
        key_set: Mapping[str, object] = msgspec.json.decode(body)
        return key_set

    def _function(self, name: str) -> dict[str, Any]:
        function: dict[str, Any] | None = lambda_svc._functions.get_scoped(self.account_id, self.region, name)  # noqa: SLF001
        if function is None:
            raise KeyError(name)
        return function
