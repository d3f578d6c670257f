"""Plots over users and group size: what a month costs, what a message costs, which quota binds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib import pyplot as plt

from loadtest.capacity.report import Capacity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.figure import Figure

    from loadtest.capacity.workload import Workload

USERS = tuple(10 ** (power / 4) for power in range(8, 33))
"""A hundred to a hundred million, four to the decade."""
GROUP_SIZES = (2, 4, 8, 16, 32, 64, 128, 256)
ONLINE = (0.05, 0.1, 0.3, 1.0)
_SIZE = (9, 5)


def write_plots(folder: Path, workload: Workload) -> list[Path]:
    """Write every plot of the model as SVG; where they are."""
    drawn: dict[str, Callable[[Workload], Figure]] = {
        "scale-cost": cost_over_users,
        "scale-quotas": room_over_users,
        "scale-groups": cost_over_group_size,
    }
    return [save(draw(workload), folder / f"{name}.svg") for name, draw in drawn.items()]


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as SVG, the same bytes each time: no date, no random ids, text as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": path.stem, "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)
    text = "".join(f"{line.rstrip()}\n" for line in path.read_text().splitlines())
    path.write_text(text)
    return path


def cost_over_users(workload: Workload) -> Figure:
    """Dollars a month by service, and dollars a million messages."""
    capacities = [Capacity.of(replace(workload, users=users)) for users in USERS]
    figure, (total, each) = plt.subplots(1, 2, figsize=_SIZE)
    services = list(capacities[-1].bill.services)
    for service in services[:6]:
        total.plot(USERS, [c.bill.services.get(service, 0.0) for c in capacities], label=service)
    total.plot(USERS, [c.bill.usd for c in capacities], label="all", color="black", linewidth=2)
    total.set(xscale="log", yscale="log", xlabel="users", ylabel="US dollars a month", ylim=(1, None))
    total.legend(fontsize="small")
    each.plot(USERS, [c.bill.usd / c.workload.messages * 1e6 for c in capacities], color="black")
    each.set(xscale="log", xlabel="users", ylabel="US dollars a million messages", ylim=(0, None))
    for axes in (total, each):
        axes.grid(visible=True, alpha=0.3)
    return figure


def room_over_users(workload: Workload) -> Figure:
    """Quota over demand at the peak: below 1 it binds."""
    figure, axes = plt.subplots(figsize=_SIZE)
    found: dict[str, list[float]] = {}
    for users in USERS:
        for room in Capacity.of(replace(workload, users=users)).rooms:
            found.setdefault(room.quota.name, []).append(room.factor)
    for name, factors in sorted(found.items(), key=lambda item: item[1][-1]):
        axes.plot(USERS, factors, label=name)
    axes.axhline(1, color="black", linewidth=2)
    axes.set(xscale="log", yscale="log", xlabel="users", ylabel="quota over demand at the peak")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small", loc="upper right")
    return figure


def cost_over_group_size(workload: Workload) -> Figure:
    """Dollars a million messages, and frames posted a message, where all messages go to groups."""
    figure, (cost, posts) = plt.subplots(1, 2, figsize=_SIZE)
    for online in ONLINE:
        chosen = replace(workload, group_share=1.0, channel_share=0.0, online_share=online)
        capacities = [Capacity.of(replace(chosen, group_size=size)) for size in GROUP_SIZES]
        label = f"{online:.0%} online"
        cost.plot(
            GROUP_SIZES, [c.bill.usd / c.workload.messages * 1e6 for c in capacities], "o-", label=label
        )
        posts.plot(GROUP_SIZES, [c.month.posts / c.workload.messages for c in capacities], "o-", label=label)
    cost.set(xscale="log", yscale="log", xlabel="members of a group", ylabel="US dollars a million messages")
    posts.set(xscale="log", yscale="log", xlabel="members of a group", ylabel="frames posted a message")
    for axes in (cost, posts):
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="small")
    return figure
