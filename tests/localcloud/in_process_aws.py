"""AWS calls straight into the control plane, as the tests of MiniStack's fixes need them."""

from __future__ import annotations

import asyncio
import json
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.ministack.control_plane import MiniStack

Template = dict[str, Any]
Json = Any
"""JSON as AWS answers it."""
_DEADLINE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class InProcessAws:
    """The account's root."""

    control_plane: MiniStack

    async def get(self, service: str, path: str) -> Json:
        """GET of a REST service, its JSON."""
        response = await self.control_plane.call(service, _request("GET", path))
        return json.loads(response.body)

    async def post(self, service: str, path: str, body: Mapping[str, Any]) -> Json:
        """POST of a REST service, its JSON."""
        response = await self.control_plane.call(service, _request("POST", path, json.dumps(body).encode()))
        return json.loads(response.body)

    async def put(self, service: str, path: str, body: Mapping[str, Any]) -> Json:
        """PUT of a REST service, its JSON."""
        response = await self.control_plane.call(service, _request("PUT", path, json.dumps(body).encode()))
        return json.loads(response.body)

    async def target(self, service: str, target: str, body: Mapping[str, Any]) -> Json:
        """A call of a JSON service by its target, its JSON."""
        headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
        response = await self.control_plane.call(
            service, _request("POST", "/", json.dumps(body).encode(), headers)
        )
        return json.loads(response.body)

    async def cloudformation(self, action: str, parameters: Mapping[str, str]) -> ET.Element:
        """A call of CloudFormation, its XML without namespaces."""
        body = urlencode({"Action": action, **parameters}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        response = await self.control_plane.call("cloudformation", _request("POST", "/", body, headers))
        root = ET.fromstring(response.body)  # noqa: S314 - our own server's answer
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root

    async def upload(self, template: Template) -> str:
        """Put a nested template into S3; its URL."""
        text = json.dumps(template)
        name = f"{abs(hash(text))}.json"
        await self.control_plane.call("s3", _request("PUT", "/templates"))
        await self.control_plane.call("s3", _request("PUT", f"/templates/{name}", text.encode()))
        return f"https://s3.us-east-1.amazonaws.com/templates/{name}"

    async def upload_to(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object into a bucket."""
        await self.control_plane.call("s3", _request("PUT", f"/{bucket}/{key}", content))

    async def deploy(self, stack: str, template: Template) -> str:
        """Create the stack, or update it when there is one, and wait; its status, or REJECTED and why."""
        exists = (await self.cloudformation("DescribeStacks", {"StackName": stack})).find(".//StackStatus")
        answer = await self.cloudformation(
            "CreateStack" if exists is None else "UpdateStack",
            {
                "StackName": stack,
                "TemplateBody": json.dumps(template),
                "Capabilities.member.1": "CAPABILITY_NAMED_IAM",
                "Capabilities.member.2": "CAPABILITY_AUTO_EXPAND",
            },
        )
        if answer.tag == "ErrorResponse":
            return f"REJECTED: {answer.findtext('.//Message')}"
        return await self._ended(stack)

    async def delete(self, stack: str) -> None:
        """Delete a stack and wait."""
        await self.cloudformation("DeleteStack", {"StackName": stack})
        await self._ended(stack, "DELETE_")

    async def outputs(self, stack: str) -> dict[str, str]:
        """A stack's outputs."""
        described = await self.cloudformation("DescribeStacks", {"StackName": stack})
        members = described.findall(".//Outputs/member")
        return {str(member.findtext("OutputKey")): str(member.findtext("OutputValue")) for member in members}

    async def _ended(self, stack: str, begins: str = "") -> str:
        """Wait for a status that begins so and is not in progress; give it."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < deadline:
            described = await self.cloudformation("DescribeStacks", {"StackName": stack})
            status = described.findtext(".//StackStatus") or "DELETE_COMPLETE"
            if status.startswith(begins) and not status.endswith("_IN_PROGRESS"):
                return status
            await asyncio.sleep(0)
        raise AssertionError(f"The stack {stack} is still in progress after {_DEADLINE_SECONDS:.0f} s.")


def _request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Request:
    raw = tuple((name.encode(), value.encode()) for name, value in (headers or {}).items())
    return Request(method, path, path.encode(), b"", raw, body)
