"""An event source mapping that a template disables says so.

MiniStack calls every mapping that CloudFormation creates enabled, and takes the text "false" for a yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _stating(provision: Callable[..., tuple[str, Any]]) -> Callable[..., tuple[str, Any]]:
    def provision_mapping(*arguments: Any) -> tuple[str, Any]:  # noqa: ANN401 - MiniStack is untyped
        mapping_id, attributes = provision(*arguments)
        mapping = lambda_svc._esms[mapping_id]  # noqa: SLF001
        mapping["Enabled"] = str(mapping["Enabled"]).lower() != "false"
        mapping["State"] = "Enabled" if mapping["Enabled"] else "Disabled"
        return mapping_id, attributes

    return provision_mapping


_HANDLERS = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]  # noqa: SLF001

FIX = Fix(Patch(_HANDLERS, "create", _stating), Patch(_HANDLERS, "update", _stating))
