"""What a MOCK integration answers: the status code in its request template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from localcloud.apis.integrations import Failure, ProxyResponse

if TYPE_CHECKING:
    from localcloud.apis.resources import Integration

_OK = ProxyResponse(200)


class _Template(msgspec.Struct, frozen=True, rename="camel"):
    status_code: int


def mock_answer(integration: Integration) -> ProxyResponse | Failure:
    """The answer of a MOCK integration; 200 where it has no request template.

    Only plain JSON is understood, such as ``{"statusCode": 403}``: no Velocity, and no response templates.
    """
    key = (integration.template_selection_expression or "$default").removeprefix("\\")
    template = integration.request_templates.get(key)
    if template is None:
        return _OK
    try:
        return ProxyResponse(msgspec.json.decode(template, type=_Template, strict=False).status_code)
    except msgspec.DecodeError:
        return Failure.MALFORMED
