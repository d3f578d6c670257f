"""``localcloud faults``: turn faults on, see what is on and what struck, turn them off."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from localcloud.faults.points import EFFECTS
from localcloud.faults.rules import TEN_MINUTES, InvalidRules, Rule, Scenario, read_rule, read_scenario

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Callable, Iterable

    from localcloud.faults.client import FaultsClient

    Action = Callable[[FaultsClient, Namespace], Iterable[str]]

_ENDPOINT_URL = "http://127.0.0.1:4566"
_EXAMPLES = """\
examples:
  localcloud faults add dynamodb PutItem throttle --resource '*-Messages' --rate 0.1
      one put in ten is throttled, for ten minutes
  localcloud faults add lambda Invoke crash-after --resource '*-SendMessage' --count 1
      the next invocation dies once its handler is done
  localcloud faults add execute-api PostToConnection error --status 410
      every post says that the connection is gone
  localcloud faults add --file scenario.json
      several rules at once, with their seeds
  localcloud faults list --json > scenario.json
      what is on, to be added again: the same matches strike
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add the command ``faults``; what runs it is in ``run`` of what was parsed."""
    parser = subparsers.add_parser(
        "faults",
        help="make things go wrong on purpose",
        description="Faults on purpose, by rules. Each ends by itself; none survives localcloud's end.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--endpoint-url",
        default=os.environ.get("AWS_ENDPOINT_URL", _ENDPOINT_URL),
        help="where localcloud answers (default: AWS_ENDPOINT_URL, or %(default)s)",
    )
    actions = parser.add_subparsers(required=True, metavar="action")
    _add_add_parser(actions)
    listing = actions.add_parser("list", help="what is on")
    listing.add_argument("--json", action="store_true", help="as a scenario that `add --file` takes")
    listing.set_defaults(run=_within(_list))
    clearing = actions.add_parser("clear", help="turn rules off: all, or the ones named")
    clearing.add_argument("ids", nargs="*", metavar="id", help="a rule's id")
    clearing.set_defaults(run=_within(_clear))
    strikes = actions.add_parser("strikes", help="what went wrong on purpose, the last at the end")
    strikes.set_defaults(run=_within(_strikes))


def _add_add_parser(actions: _SubParsersAction[ArgumentParser]) -> None:
    parser = actions.add_parser(
        "add", help="turn a rule on", epilog=_points(), formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("service", nargs="?", help=", ".join(EFFECTS))
    parser.add_argument("operation", nargs="?", help="AWS's name, or a glob")
    parser.add_argument("effect", nargs="?", help="see below")
    parser.add_argument("--file", type=Path, help="a scenario to add instead: a JSON object with `rules`")
    parser.add_argument(
        "--resource", help="the function, the table or the API's id, or a glob (default: any)"
    )
    parser.add_argument("--connection-id", help="the WebSocket connection (default: any)")
    parser.add_argument("--delay-ms", type=float, help="how late, for delay; how long at most, for reorder")
    parser.add_argument("--status", type=int, help="the HTTP status of an error")
    parser.add_argument("--code", help="AWS's code of an error")
    parser.add_argument("--rate", type=float, help="how probable a strike is, 0 to 1 (default: 1)")
    parser.add_argument("--after", type=int, help="let so many pass first (default: 0)")
    parser.add_argument("--count", type=int, help="end after so many strikes (default: never)")
    parser.add_argument(
        "--expires-in-seconds", type=float, help=f"end after so long (default: {TEN_MINUTES:.0f})"
    )
    parser.add_argument("--seed", type=int, help="decides which matches strike (default: chosen, and said)")
    parser.add_argument("--id", help="the rule's name (default: chosen, and said)")
    parser.set_defaults(run=_within(_add))


def _points() -> str:
    lines = []
    for service, operations in EFFECTS.items():
        effects: dict[str, list[str]] = {}
        for operation, honoured in operations.items():
            effects.setdefault(", ".join(sorted(effect.value for effect in honoured)), []).append(operation)
        for known, names in effects.items():
            shown = names if len(names) < 5 else ["PutItem, Query, ... or any other data operation"]  # noqa: PLR2004
            lines.append(f"  {service:<12}{', '.join(shown)}\n{'':14}{known}")
    return "services, operations and their effects:\n" + "\n".join(lines)


def _within(action: Action) -> Callable[[Namespace], int]:
    """Run an action with a client, and say in one sentence what stops it; gives the exit status."""

    def run(parsed: Namespace) -> int:
        import httpx  # noqa: PLC0415 - not for --help

        from localcloud.faults.client import FaultsClient  # noqa: PLC0415 - it imports httpx

        try:
            with FaultsClient(parsed.endpoint_url) as client:
                lines = action(client, parsed)
        except httpx.HTTPError as error:
            complaint = f"localcloud does not answer at {parsed.endpoint_url} ({error}): start it first."
        except InvalidRules as refused:
            complaint = str(refused)
        except OSError as error:
            complaint = f"{parsed.file} cannot be read ({error.strerror}): name a scenario file."
        else:
            sys.stdout.writelines(f"{line}\n" for line in lines)
            return 0
        sys.stderr.write(f"{complaint}\n")
        return 1

    return run


def _add(client: FaultsClient, parsed: Namespace) -> Iterable[str]:
    scenario = _scenario(parsed)
    return [f"on: {_said(rule)}" for rule in client.add(*scenario.rules, seed=scenario.seed)]


def _scenario(parsed: Namespace) -> Scenario:
    if parsed.file is not None:
        return read_scenario(parsed.file.read_bytes())
    given = {
        field.encode_name: value
        for field in msgspec.structs.fields(Rule)
        if (value := getattr(parsed, field.name)) is not None
    }
    if not {"service", "operation", "effect"} <= given.keys():
        raise InvalidRules("Say service, operation and effect, or --file: `localcloud faults add --help`.")
    return Scenario((read_rule(msgspec.json.encode(given)),))


def _list(client: FaultsClient, parsed: Namespace) -> Iterable[str]:
    active = client.list()
    if parsed.json:
        rules = {"rules": [each.rule for each in active]}
        return [msgspec.json.format(msgspec.json.encode(rules)).decode()]
    return [
        f"{_said(each.rule)}: struck {each.struck} of {each.matched}, ends in {each.ends_in_seconds:.0f} s"
        for each in active
    ] or ["No fault is on."]


def _clear(client: FaultsClient, parsed: Namespace) -> Iterable[str]:
    if not parsed.ids:
        return [f"{client.clear()} off"]
    return [f"{name} {'off' if client.remove(name) else 'was not on'}" for name in parsed.ids]


def _strikes(client: FaultsClient, _parsed: Namespace) -> Iterable[str]:
    return [
        f"{strike.number} {datetime.fromtimestamp(strike.at, UTC):%H:%M:%S.%f} {strike.rule} "
        f"(match {strike.match}) {strike.effect.value}: {strike.service} {strike.operation} "
        f"{strike.resource} {strike.connection_id}".rstrip()
        for strike in client.strikes()
    ] or ["Nothing has gone wrong on purpose."]


def _said(rule: Rule) -> str:
    """A rule in one line: what differs from the defaults."""
    extras = {
        field.encode_name: value
        for field in msgspec.structs.fields(Rule)[3:]
        if field.name != "id" and (value := getattr(rule, field.name)) != field.default
    }
    shown = "".join(f" {name}={value}" for name, value in extras.items())
    return f"{rule.id} {rule.effect.value}: {rule.service} {rule.operation}{shown}"
