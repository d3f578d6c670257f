"""``localcloud faults``: turn faults on, see what is on and what struck, turn them off."""

from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from localcloud.command.parsing import add_location
from localcloud.command.running import locate
from localcloud.errors import LocalcloudError
from localcloud.faults.points import EFFECTS
from localcloud.faults.rules import TEN_MINUTES, InvalidRules, Rule, Scenario, read_rule, read_scenario

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable

    from localcloud.command.parsing import Subparsers
    from localcloud.faults.client import FaultsClient

    Action = Callable[[FaultsClient, Namespace], Iterable[str]]
    """Does something with a localcloud's faults, and gives the lines to show."""

_EXAMPLES = """\
  localcloud faults add dynamodb PutItem throttle --resource '*-Messages' --rate 0.1
      one put in ten is throttled, for ten minutes
  localcloud faults add lambda Invoke crash-after --resource '*-SendMessage' --count 1
      the next invocation's environment dies once its handler is done
  localcloud faults add execute-api PostToConnection error --status 410
      every post says that the connection is gone
  localcloud faults list --json > scenario.json
      what is on, to be added again: the same matches strike
  localcloud faults add --file scenario.json
      several rules at once, with their seeds
  localcloud faults clear
      all off

`localcloud faults add --help` lists what can be made to fail, and how.
"""
_SHOWN_NAMES = 6
"""Operations that --help names of a service; DynamoDB has more."""


def add_parser(subparsers: Subparsers) -> None:
    """Add ``faults``."""
    parser = subparsers.add_parser(
        "faults",
        help="make things go wrong on purpose, for a while",
        description="Faults on purpose, by rules. Each ends by itself, and none survives localcloud's end.",
        epilog=f"examples:\n{_EXAMPLES}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="action")
    _add_add_parser(actions)
    listing = _action(actions, "list", _list, "show what is on")
    listing.add_argument("--json", action="store_true", help="as a scenario that `add --file` takes")
    clearing = _action(actions, "clear", _clear, "turn rules off: all, or those named")
    clearing.add_argument("ids", nargs="*", metavar="id", help="a rule's id")
    _action(actions, "strikes", _strikes, "show what went wrong on purpose, the last at the end")


def _action(actions: Subparsers, name: str, action: Action, summary: str, epilog: str = "") -> ArgumentParser:
    """Add what ``faults`` can do; whatever it shows, it does it with the localcloud that is meant."""

    def run(arguments: Namespace) -> int:
        from localcloud.faults.client import FaultsClient  # noqa: PLC0415 - it imports httpx

        try:
            with FaultsClient(locate(arguments).endpoint_url) as client:
                sys.stdout.writelines(f"{line}\n" for line in action(client, arguments))
        except InvalidRules as refused:
            raise LocalcloudError(str(refused)) from refused
        return 0

    parser = actions.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilog,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    add_location(parser)
    return parser


def _add_add_parser(actions: Subparsers) -> None:
    parser = _action(actions, "add", _add, "turn a rule on, until it is cleared, spent or expired", _points())
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


def _points() -> str:
    """What can be made to fail, for --help."""
    lines = ["services, operations and their effects:"]
    for service, operations in EFFECTS.items():
        named: dict[str, list[str]] = {}
        for operation, honoured in operations.items():
            named.setdefault(", ".join(sorted(effect.value for effect in honoured)), []).append(operation)
        for effects, names in named.items():
            shown = ", ".join(names[:_SHOWN_NAMES]) + (", ..." if len(names) > _SHOWN_NAMES else "")
            lines += [f"  {service} {shown}", f"      {effects}"]
    return "\n".join(lines)


def _add(client: FaultsClient, arguments: Namespace) -> Iterable[str]:
    scenario = _scenario(arguments)
    return [f"on: {_said(rule)}" for rule in client.add(*scenario.rules, seed=scenario.seed)]


def _scenario(arguments: Namespace) -> Scenario:
    if arguments.file is not None:
        return read_scenario(_content(arguments.file))
    given = {
        field.encode_name: value
        for field in msgspec.structs.fields(Rule)
        if (value := getattr(arguments, field.name)) is not None
    }
    if not {"service", "operation", "effect"} <= given.keys():
        raise InvalidRules("Say service, operation and effect, or --file: `localcloud faults add --help`.")
    return Scenario((read_rule(msgspec.json.encode(given)),))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise LocalcloudError(f"{file} cannot be read ({error.strerror}): name a scenario file.") from error


def _list(client: FaultsClient, arguments: Namespace) -> Iterable[str]:
    active = client.list()
    if arguments.json:
        rules = {"rules": [each.rule for each in active]}
        return [msgspec.json.format(msgspec.json.encode(rules)).decode()]
    return [
        f"{_said(each.rule)}: struck {each.struck} of {each.matched}, ends in {each.ends_in_seconds:.0f} s"
        for each in active
    ] or ["No fault is on."]


def _clear(client: FaultsClient, arguments: Namespace) -> Iterable[str]:
    if not arguments.ids:
        return [f"{client.clear()} off"]
    return [f"{name} {'off' if client.remove(name) else 'was not on'}" for name in arguments.ids]


def _strikes(client: FaultsClient, _arguments: Namespace) -> Iterable[str]:
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
