"""Turns matplotlib's figures into SVG that takes its colours and font from the page, light or dark."""

from __future__ import annotations

import re
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

INK, QUIET, GRID = "#010101", "#020202", "#030303"
LINES = ("#040401", "#040402", "#040403", "#040404", "#040405", "#040406", "#040407", "#040408")
ALARM = "#050505"
"""Colours that no page shows: each stands for a variable of the page's style."""
_VARIABLES = {
    INK: "--ink",
    QUIET: "--quiet",
    GRID: "--grid",
    ALARM: "--alarm",
    **{line: f"--line-{number}" for number, line in enumerate(LINES, start=1)},
}
DASHES: tuple[tuple[int, tuple[float, ...]], ...] = (
    (0, ()),
    (0, (6, 2)),
    (0, (2, 1.5)),
    (0, (7, 2, 2, 2)),
    (0, (10, 3)),
    (0, (4, 4)),
    (0, (1, 2)),
    (0, (9, 2, 1, 2, 1, 2)),
)
"""One a line: lines are told apart without their colours too."""
_STYLE: Final[dict[Any, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": QUIET,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": QUIET,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.size": 10.5,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "svg.hashsalt": "parley",
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "ytick.left": False,
}


@contextmanager
def canvas(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """Give a figure of so many inches to draw on, in the page's style."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def svg(figure: Figure, name: str, described_by: str) -> str:
    """Return a figure as an element of a page where `name` is unique; another element describes it."""
    written = StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    drawn = written.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = _own_ids(drawn, name)
    for colour, variable in _VARIABLES.items():
        drawn = drawn.replace(colour, f"var({variable})")
    drawn = re.sub(r"font: ([\d.]+px) [^;\"]+", r"font: \1 var(--font)", drawn)
    drawn = re.sub(r'(<svg [^>]*?) width="[^"]*"', r"\1", drawn, count=1)
    drawn = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", drawn, count=1)
    drawn = re.sub(r"\n\s*", "\n", drawn)
    return drawn.replace("<svg ", f'<svg role="img" aria-labelledby="{described_by}" ', 1)


def _own_ids(drawn: str, name: str) -> str:
    """Keep the ids that something refers to, the figure's name before each: a page has many figures."""
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', drawn))
    drawn = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", drawn)
    return re.sub(r'(url\(#|href="#| id=")', rf"\1{name}-", drawn)
