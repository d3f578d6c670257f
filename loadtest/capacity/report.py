"""The capacity of a workload as tables to read and as JSON to keep."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from loadtest.capacity.bill import Bill, bill_for
from loadtest.capacity.limits import HotChat, Room, amplification, hot_chats, rooms, storm_seconds
from loadtest.capacity.month import month_of, standing
from loadtest.capacity.prices import load_prices
from loadtest.capacity.provisioning import (
    ProvisionedTable,
    ReadyFunction,
    break_even,
    provisioned_tables,
    ready_functions,
    sums,
)
from loadtest.capacity.quotas import load_quotas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from loadtest.capacity.tally import Tally
    from loadtest.capacity.workload import Invocation, Workload

_HOW = {"request": "ask AWS", "stack": "our parameter", "never": "fixed"}


@dataclass(frozen=True, slots=True)
class Capacity:
    """Everything that the model says of a workload."""

    workload: Workload
    month: Tally
    bill: Bill
    rooms: list[Room]
    hot: list[HotChat]
    tables: list[ProvisionedTable]
    functions: list[ReadyFunction]

    @classmethod
    def of(cls, workload: Workload, invocation: Invocation | None = None) -> Capacity:
        """Reckon."""
        month = month_of(workload, invocation)
        ready = provisioned_tables(workload, month), ready_functions(workload, month)
        for meter, amount in standing().items():
            month.meters[meter] += amount
        bill = bill_for(month.meters)
        return cls(workload, month, bill, rooms(workload, month), hot_chats(workload), *ready)

    def as_json(self) -> dict[str, Any]:
        """What the tables show, as values."""
        messages = self.workload.messages
        return {
            "workload": asdict(self.workload),
            "invocation": asdict(self.month.invocation),
            "pricesLookedUp": load_prices().looked_up.isoformat(),
            "quotasLookedUp": load_quotas().looked_up.isoformat(),
            "usdPerMonth": self.bill.usd,
            "usdPerUser": self.bill.usd / self.workload.users if self.workload.users else None,
            "usdPerMillionMessages": self.bill.usd / messages * 1e6 if messages else None,
            "services": self.bill.services,
            "lines": [asdict(line) for line in self.bill.lines],
            "quotas": [
                {
                    "name": room.quota.name,
                    "quota": room.quota.value,
                    "demand": room.demand,
                    "factor": room.factor if room.demand else None,
                    "raise": room.quota.raised,
                    "remedy": room.quota.remedy,
                }
                for room in self.rooms
            ],
            "connectionMinutes": self.month.meters["websocket.minutes"],
            "fanOutAmplification": amplification(self.workload, self.month),
            "stormSeconds": storm_seconds(self.workload),
            "hotChats": [asdict(chat) for chat in self.hot],
            "provisioning": {
                "breakEven": break_even(),
                "sums": sums(self.tables),
                "tables": [asdict(table) for table in self.tables],
                "functions": [asdict(function) for function in self.functions],
            },
            "notes": list(notes()),
        }

    def show(self, console: Console) -> None:
        """Print the tables."""
        console.print(self._costs())
        console.print(self._quotas())
        console.print(self._chats())
        console.print(self._tables())
        console.print(self._functions())
        console.print(self._sums())
        for note in notes():
            console.print(f"- {note}", highlight=False)

    def _costs(self) -> Table:
        table = Table(title=f"A month of {self.workload.users:,.0f} users", title_justify="left")
        for name in ("service", "of", "US dollars", "share", "a user", "a million messages"):
            table.add_column(name, justify="left" if name in ("service", "of") else "right")
        for service, usd in self.bill.services.items():
            table.add_row(service, "", *self._money(usd), style="bold")
            for line in self.bill.lines:
                if line.service == service:
                    mark = "" if line.confirmed else " (price not confirmed)"
                    table.add_row("", f"{line.amount:,.1f} {line.unit}{mark}", *self._money(line.usd))
        table.add_section()
        table.add_row("all", "", *self._money(self.bill.usd), style="bold")
        return table

    def _money(self, usd: float) -> tuple[str, str, str, str]:
        messages = self.workload.messages
        share = f"{usd / self.bill.usd:.1%}" if self.bill.usd else "-"
        user = f"{usd / self.workload.users:.5f}" if self.workload.users else "-"
        return f"{usd:,.2f}", share, user, f"{usd / messages * 1e6:.3f}" if messages else "-"

    def _quotas(self) -> Table:
        table = Table(title="Quotas in the order in which they bind", title_justify="left")
        for name in ("room", "quota", "is", "asked for", "raised by", "otherwise"):
            table.add_column(name, justify="right" if name in ("room", "is", "asked for") else "left")
        for room in self.rooms:
            colour = "red" if room.factor < 1 else "yellow" if room.factor < 2 else "green"  # noqa: PLR2004
            table.add_row(
                f"[{colour}]{room.factor:,.2f}[/]",
                room.quota.title,
                f"{room.quota.value:,.0f}",
                f"{room.demand:,.1f}",
                _HOW[room.quota.raised],
                room.quota.remedy,
            )
        return table

    def _chats(self) -> Table:
        table = Table(title="Messages a second that one chat bears", title_justify="left")
        table.add_column("chat")
        table.add_column("messages/s", justify="right")
        table.add_column("because of")
        for chat in self.hot:
            table.add_row(chat.chat, f"{chat.messages_per_second:,.1f}", chat.why)
        return table

    def _tables(self) -> Table:
        least = break_even()["writes"]
        found = Table(
            title=f"Tables on demand, and provisioned with auto scaling, which pays above {least:.0%} used",
            title_justify="left",
        )
        for name in (
            "table",
            "units/s",
            "provisioned",
            "used",
            "throttled",
            "on demand",
            "provisioned, US dollars",
        ):
            found.add_column(name, justify="left" if name == "table" else "right")
        for each in self.tables:
            found.add_row(
                f"{each.table}, {each.kind}",
                f"{each.average:,.1f}",
                f"{each.followed.provisioned:,.1f}",
                f"{each.followed.utilisation:.0%}",
                f"{each.followed.throttled:.2%}",
                f"{each.on_demand_usd:,.2f}",
                f"{each.provisioned_usd:,.2f}",
            )
        found.add_section()
        both = [f"{usd:,.2f}" for usd in sums(self.tables).values()]
        found.add_row("all", "", "", "", "", *both, style="bold")
        return found

    def _functions(self) -> Table:
        found = Table(
            title="Functions that are waited for, and what keeping them ready costs", title_justify="left"
        )
        for name in (
            "function",
            "calls/s",
            "cold",
            "ready at the peak",
            "provisioned, US dollars",
            "SnapStart",
        ):
            found.add_column(name, justify="left" if name == "function" else "right")
        for each in self.functions:
            found.add_row(
                each.function,
                f"{each.rate:,.2f}",
                f"{each.cold:.3%}",
                f"{each.environments:,}",
                f"{each.provisioned_usd:,.2f}",
                f"{each.snapshot_usd:,.2f}",
            )
        return found

    def _sums(self) -> Table:
        table = Table(title="In sum", title_justify="left", show_header=False)
        table.add_column("what")
        table.add_column("value", justify="right")
        table.add_row("messages a month", f"{self.workload.messages:,.0f}")
        table.add_row("connections open on average", f"{self.workload.connections:,.0f}")
        table.add_row("connection minutes a month", f"{self.month.meters['websocket.minutes']:,.0f}")
        table.add_row(
            "frames posted a message (fan-out amplification, receipts, typing and presence among them)",
            f"{amplification(self.workload, self.month):,.2f}",
        )
        table.add_row(
            "seconds until all are back who lost their connections at once, at least",
            f"{storm_seconds(self.workload):,.0f}",
        )
        return table


def notes() -> Iterator[str]:
    """What a reader must know of where the numbers come from."""
    prices, quotas = load_prices(), load_quotas()
    yield f"List prices of {prices.region}, looked up {prices.looked_up}; a new account's quotas likewise."
    yield "Calls, items and bytes of each operation are counted by tests/handlers/test_measured_calls.py."
    yield "Every operation is taken to meet an environment that has not seen the chat: the dear case."
    for price in prices.price:
        if not price.confirmed:
            yield f"Not confirmed: the price of {price.meter}. {price.note}"
    for quota in quotas.quota:
        if not quota.confirmed:
            yield f"Not confirmed: the quota {quota.name}. {quota.note}"
