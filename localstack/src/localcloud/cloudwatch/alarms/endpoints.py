"""The control API's endpoints of alarms, below ``/_localcloud/alarms``."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import msgspec

from localcloud.control.routes import error, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.cloudwatch.alarms.evaluator import AlarmEvaluator
    from localcloud.control.routes import Endpoint
    from localcloud.interfaces import Request, Response

_WEEK = 7 * 24 * 3600


class _Ahead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    seconds_ahead: Annotated[float, msgspec.Meta(ge=0, le=_WEEK)]


def alarm_endpoints(evaluator: AlarmEvaluator) -> Mapping[tuple[str, str], Endpoint]:
    """List the alarms, and evaluate them as if it was later: for ``Control``."""

    async def list_alarms(_request: Request) -> Response:
        """GET /alarms: the state of each by its name."""
        return json_answer({"alarms": evaluator.states()})

    async def evaluate(request: Request) -> Response:
        """POST /alarms {"secondsAhead": 120}: evaluate now as if it was so much later; the states then."""
        try:
            ahead = msgspec.json.decode(request.body, type=_Ahead)
        except msgspec.DecodeError as refused:
            return error(HTTPStatus.BAD_REQUEST, f'Send {{"secondsAhead": 120}}: {refused}.')
        return json_answer({"alarms": evaluator.move_ahead(ahead.seconds_ahead)})

    return {("GET", "/alarms"): list_alarms, ("POST", "/alarms"): evaluate}
