"""The control API's endpoints of faults, below ``/_localcloud/faults``."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from localcloud.control.routes import error, json_answer
from localcloud.faults.rules import InvalidRules, Scenario, read_rule, read_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.control.routes import Endpoint
    from localcloud.faults.engine import FaultRules
    from localcloud.interfaces import Request, Response

_PATH = "/faults"


def endpoints(rules: FaultRules) -> Mapping[tuple[str, str], Endpoint]:
    """List, add, clear and watch ``rules``: for ``Control``."""
    serving = _Endpoints(rules)
    return {
        ("GET", _PATH): serving.list_rules,
        ("POST", _PATH): serving.add_rule,
        ("DELETE", _PATH): serving.clear,
        ("POST", f"{_PATH}/scenario"): serving.add_scenario,
        ("GET", f"{_PATH}/strikes"): serving.list_strikes,
    }


class _Endpoints:
    def __init__(self, rules: FaultRules) -> None:
        self._rules = rules

    async def list_rules(self, request: Request) -> Response:
        """GET /faults, or /faults/{id}: what is on, with counts."""
        name = _name(request)
        active = [each for each in self._rules.describe() if name in {"", each.rule.id}]
        if name and not active:
            return _no_rule(name)
        return json_answer(active[0] if name else {"faults": active})

    async def add_rule(self, request: Request) -> Response:
        """POST /faults: turn one rule on; answers it complete."""
        if name := _name(request):
            return error(HTTPStatus.NOT_FOUND, f"A rule is posted to {_PATH}, with {name!r} as its id.")
        try:
            (rule,) = self._rules.add(Scenario((read_rule(request.body),)))
        except InvalidRules as refused:
            return error(HTTPStatus.BAD_REQUEST, str(refused))
        return json_answer(rule, HTTPStatus.CREATED)

    async def add_scenario(self, request: Request) -> Response:
        """POST /faults/scenario: turn several rules on, all or none; answers them complete."""
        try:
            rules = self._rules.add(read_scenario(request.body))
        except InvalidRules as refused:
            return error(HTTPStatus.BAD_REQUEST, str(refused))
        return json_answer({"rules": rules}, HTTPStatus.CREATED)

    async def clear(self, request: Request) -> Response:
        """DELETE /faults: turn all off; /faults/{id}: one."""
        name = _name(request)
        if not name:
            return json_answer({"cleared": self._rules.clear()})
        return json_answer({"cleared": 1}) if self._rules.remove(name) else _no_rule(name)

    async def list_strikes(self, request: Request) -> Response:
        """GET /faults/strikes?rule=: what went wrong on purpose, the oldest first."""
        wanted = parse_qs(request.query_string.decode("latin-1")).get("rule")
        strikes = [strike for strike in self._rules.strikes() if wanted is None or strike.rule in wanted]
        return json_answer({"strikes": strikes})


def _name(request: Request) -> str:
    """What the path has below the endpoint's own."""
    return request.path.rstrip("/").partition(f"{_PATH}/")[2]


def _no_rule(name: str) -> Response:
    return error(HTTPStatus.NOT_FOUND, f"There is no rule {name!r} on: it was cleared, is spent, or expired.")
