"""A status for people: tables on a terminal, the same rows without lines or colours in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localcloud.control.status import Status

_PIPE_WIDTH = 1000
"""Characters: in a pipe nothing is wrapped."""
_MINUTE = 60


def print_status(status: Status, console: Console | None = None) -> None:
    """Print it to the console, standard output unless given."""
    console = console or Console(highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    health = status.health
    console.print(
        Text.assemble(
            ("localcloud", "bold"), f" is {health.status} on ", (status.endpoint_url, "bold"),
            f", process {health.process_id}, for {_duration((status.at - status.started_at) // 1000)}",
        )
    )  # fmt: skip
    console.print(f"data       {health.data_directory}", markup=False)
    console.print(f"DynamoDB   {health.dynamodb}", markup=False)
    console.print(f"dashboard  {status.endpoint_url}/_localcloud", markup=False)
    _print_faults(status, console)
    _print_table(console, "APIs", ("API", "name", "protocol", "open", "address"), _apis(status))
    _print_table(
        console,
        "Functions",
        ("function", "runtime", "environments", "invocations", "errors", "throttles", "last error"),
        _functions(status),
    )


def _print_faults(status: Status, console: Console) -> None:
    if not status.faults:
        console.print("faults     none is on", markup=False)
        return
    rows = [
        (
            each.rule.id, each.rule.effect.value, each.rule.service, each.rule.operation, each.rule.resource,
            f"{each.struck} of {each.matched}", f"{each.ends_in_seconds:.0f} s",
        )
        for each in status.faults
    ]  # fmt: skip
    count = f"{len(rows)} FAULT{'S ARE' if len(rows) > 1 else ' IS'} ON"
    console.print(Text(f"\n{count}: `localcloud faults clear` turns all off", "bold red"))
    columns = ("fault", "effect", "service", "operation", "resource", "struck", "ends in")
    _print_table(console, "", columns, rows, style="red")


def _apis(status: Status) -> Iterable[Sequence[str]]:
    for api in status.apis:
        for stage in api.stages:
            yield api.api_id, api.name, api.protocol, str(stage.connections), stage.url
        if not api.stages:
            yield api.api_id, api.name, api.protocol, "0", "it has no stage"


def _functions(status: Status) -> Iterable[Sequence[str]]:
    for function in status.functions:
        counts = function.environments
        environments = [
            f"{count} {state}"
            for count, state in (
                (counts.busy, "busy"),
                (counts.idle, "idle"),
                (counts.starting, "starting"),
            )
            if count
        ]
        error = function.last_error.text.splitlines()[0] if function.last_error else "-"
        yield (
            function.name, function.runtime, ", ".join(environments) or "none", str(function.invocations),
            str(function.errors), str(function.throttles), error,
        )  # fmt: skip


def _print_table(
    console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, style: str = ""
) -> None:
    listed = list(rows)
    if title:
        console.print(Text(f"\n{title}" if listed else f"\n{title}: none", "bold"))
    if not listed:
        return
    if console.is_terminal:
        table = Table(*columns, header_style="dim", border_style="dim", row_styles=[style])
    else:
        table = Table(*columns, box=None, pad_edge=False)
    for row in listed:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _duration(seconds: int) -> str:
    minutes, seconds = divmod(seconds, _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
