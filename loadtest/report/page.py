"""The page itself: the verdict in words, the figures, the plots, the environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from loadtest.findings import findings_of, plain
from loadtest.history import Workload
from loadtest.tables import COUNTED_FROM, milliseconds
from loadtest.verdict.violations import PROMISES

from .plots import plots_of

if TYPE_CHECKING:
    from loadtest.compare import Comparison
    from loadtest.summary import Summary

REPORT = "report.html"
_HERE = Path(__file__).parent


def write_report(path: Path, summary: Summary, comparison: Comparison | None = None) -> None:
    """Write the page; it opens from the disk as from a server."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(summary, comparison), encoding="utf-8")


def render(summary: Summary, comparison: Comparison | None = None) -> str:
    """Return the page, beside an older run where one is compared with it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ms"] = milliseconds
    environment.filters["plain"] = plain
    return environment.get_template("report.html").render(
        style=Markup((_HERE / "report.css").read_text()),  # noqa: S704 - our own file
        summary=summary,
        verdict=summary.verdict,
        comparison=comparison,
        counted_from=COUNTED_FROM[summary.workload],
        is_open=summary.workload is Workload.OPEN,
        promises=[(said, summary.verdict.broken.get(rule, 0)) for rule, said in PROMISES.items()],
        plots=plots_of(summary),
        findings=list(findings_of(summary.findings)),
        environment=_environment(summary),
    )


def _environment(summary: Summary) -> dict[str, str]:
    here = summary.environment
    return {
        "CPU": f"{here.cpu}, {here.cores} cores",
        "Memory": f"{here.memory_bytes / (1 << 30):.1f} GiB",
        "Load average": f"{here.load_average:g} at the beginning, {summary.load_average_after:g} at the end",
        "System": here.system,
        "Python": here.python,
        "Parley": here.revision,
        **dict(sorted(here.versions.items())),
    }
