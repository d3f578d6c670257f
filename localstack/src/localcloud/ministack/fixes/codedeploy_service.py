"""CodeDeploy: there is neither its API nor AWS::CodeDeploy::Application and ::DeploymentGroup.

Fault: MiniStack has no such service, so its API answers ``Unsupported service`` and a stack with either
resource is refused. Here it is one more service of MiniStack's tables, which route, authorize and save it.
"""

from __future__ import annotations

from ministack import app
from ministack.core import iam_actions, router
from ministack.services.cloudformation import provisioners

from localcloud.ministack.codedeploy import api, resources
from localcloud.ministack.patch import Fix, Patch

_NAME = "codedeploy"
_PATTERNS = {
    "target_prefixes": ["CodeDeploy_20141006"],
    "host_patterns": [r"codedeploy\."],
    "credential_scope": _NAME,
}
_HANDLERS = provisioners._RESOURCE_HANDLERS  # noqa: SLF001

FIX = Fix(
    Patch(app.SERVICE_REGISTRY, _NAME, lambda _: {"module": _NAME}),
    Patch(app._loaded_modules, _NAME, lambda _: api),  # noqa: SLF001
    Patch(app.SERVICE_HANDLERS, _NAME, lambda _: api.handle_request),
    Patch(app._state_map, _NAME, lambda _: _NAME),  # noqa: SLF001
    Patch(router.SERVICE_PATTERNS, _NAME, lambda _: _PATTERNS),
    Patch(iam_actions.SERVICE_TO_IAM_NAMESPACE, _NAME, lambda _: _NAME),
    Patch(
        _HANDLERS,
        "AWS::CodeDeploy::Application",
        lambda _: {
            "create": resources.create_application,
            "update": resources.update_application,
            "update_with_logical_id": True,
            "delete": resources.delete_application,
        },
    ),
    Patch(
        _HANDLERS,
        "AWS::CodeDeploy::DeploymentGroup",
        lambda _: {
            "create": resources.create_group,
            "update": resources.update_group,
            "update_with_logical_id": True,
            "delete": resources.delete_group,
        },
    ),
)
