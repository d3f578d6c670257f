"""Functions in real processes that keep the events which services and queues invoke them with."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.localcloud.functions.functions_fakes import arn, package, until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.localcloud.in_process_aws import InProcessAws, Json

KEEP = """
import json, os, pathlib, uuid
DIRECTORY = pathlib.Path(os.environ["KEPT"])
def keep(event):
    written = DIRECTORY / f"{uuid.uuid4()}.part"
    written.write_text(json.dumps(event))
    written.rename(written.with_suffix(".json"))
"""
"""What a handler begins with that keeps the events that it was given."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Deploys functions that keep the events they were given below a directory of the test."""

    aws: InProcessAws
    directory: Path

    async def function(
        self, name: str, code: str, allowed: Mapping[str, Sequence[str]] | None = None, **settings: Any
    ) -> str:
        """Deploy a function; its ARN.

        Args:
            name: the function's, and the directory's with its events.
            code: has a ``handler(event, context)`` and may call ``keep(event)``.
            allowed: the ARNs on which its role may do actions, by action.
            settings: of CreateFunction.
        """
        (self.directory / name).mkdir()
        await self.allow(name, allowed or {})
        body = {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "main.handler",
            "Role": f"arn:aws:iam::000000000000:role/{name}-role",
            "Code": {"ZipFile": base64.b64encode(package({"main.py": KEEP + code})).decode()},
            "Environment": {"Variables": {"KEPT": str(self.directory / name)}},
            **settings,
        }
        created = await self.aws.post("lambda", "/2015-03-31/functions", body)
        assert created["FunctionName"] == name, created
        return arn(name)

    async def allow(self, name: str, allowed: Mapping[str, Sequence[str]]) -> None:
        """Let the function's role do this and nothing else."""
        statements = [
            {"Effect": "Allow", "Action": action, "Resource": list(resources)}
            for action, resources in allowed.items()
        ]
        policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
        role = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": f"{name}-role",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                "Policies": [policy] if statements else [],
            },
        }
        status = await self.aws.deploy(f"{name}-role", {"Resources": {"Role": role}})
        assert status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, status

    async def permit(self, name: str, principal: str, source_arn: str) -> None:
        """Let a service invoke the function for a source."""
        body = {
            "StatementId": "p",
            "Action": "lambda:InvokeFunction",
            "Principal": principal,
            "SourceArn": source_arn,
        }
        added = await self.aws.post("lambda", f"/2015-03-31/functions/{name}/policy", body)
        assert "Statement" in added, added

    def kept(self, name: str) -> list[Json]:
        """The events that the function was given so far, in no order."""
        return [json.loads(path.read_text()) for path in (self.directory / name).glob("*.json")]

    async def events(self, name: str, count: int) -> list[Json]:
        """Wait until the function was given that many events; TimeoutError when it is not."""
        await until(lambda: len(self.kept(name)) >= count, 10)
        return self.kept(name)
