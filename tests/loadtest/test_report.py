"""The report: one page that needs nothing else, says the verdict, and is as readable without its colours."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from loadtest.compare import compare
from loadtest.figures import SECOND, Figures
from loadtest.history import Connected, Failed, Kind, Measured, Workload
from loadtest.report import render
from loadtest.report.__main__ import main
from loadtest.summary import summary_of, write_summary
from tests.loadtest.forging import Story, a_run, judge

if TYPE_CHECKING:
    from pathlib import Path

    from loadtest.history import AnyRecord
    from loadtest.summary import Summary


def run_of(*more: AnyRecord, kinds: tuple[Kind, ...] = tuple(Kind), ghost: str = "") -> Summary:
    """A short run in which all kinds were measured; where asked, somebody was shown what nobody sent."""
    story = Story()
    story.join("ann.1", chat="<i>")
    story.send("ann.1", "m1", chat="<i>")
    story.ack("ann.1", "m1", 1, chat="<i>")
    story.show("m1", 1, "ann", "ann.1", chat="<i>")
    if ghost:
        story.show(ghost, 2, "ann", "ann.1", chat="<i>")
    start = a_run().at
    records: list[AnyRecord] = [a_run(workload=Workload.OPEN, parameters={"rate": 2.0, "size": None})]
    records.append(Connected(at=start, device="ann.1"))
    for kind in kinds:
        for number in range(1, 30):
            at = start + number * SECOND // 5
            records.append(Measured(at=at, kind=kind, intended=at - number * 1_000_000, start=at - 500_000))
    figures = Figures()
    for record in (*records, *more):
        figures.take(record)
    findings = {"knee": 120.5, "steps": [{"rate": 60, "p99": 80}, {"rate": 120, "p99": 700}]}
    return summary_of(figures, judge(story.close()), findings)


class Page(HTMLParser):
    """What stands in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep every element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep all text."""
        self.text += f" {data}"

    def all(self, attribute: str) -> list[str]:
        """The values of an attribute, wherever it stands."""
        return [value for _, found in self.tags if (value := found.get(attribute)) is not None]


@pytest.fixture(scope="module")
def html() -> str:
    """A page with everything in it."""
    failed = Failed(at=a_run().at + SECOND, device="ann.1", code="internal_error")
    return render(run_of(failed, ghost="<script>"), compare(run_of(), run_of(failed)))


def test_report_needs_nothing_from_anywhere(html: str) -> None:
    """No script, no style sheet, no picture, no font: it opens from the disk."""
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object"}
    links = {*page.all("src"), *page.all("href"), *page.all("xlink:href")}
    assert {link for link in links if not link.startswith("#")} == {"data:,"}
    assert not re.search(r"url\((?!#)|@import", html)


def test_report_says_what_was_broken_and_by_what(html: str) -> None:
    """The violation is named; what stands in a history is text, whatever it looks like."""
    text = " ".join(Page(html).text.split())
    assert "Broken The chat broke its promises: 1 never sent." in text
    assert "Message <script>, number 2 of <i>, was never sent there; seen at ann.1." in text


def test_report_takes_its_colours_from_the_page(html: str) -> None:
    """Nothing in a plot has a colour that a dark page would hide."""
    drawn = "".join(re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL))
    assert not re.findall(r"#[0-9a-fA-F]{6}\b", drawn)
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", drawn))
    assert {"--ink", "--quiet", "--grid", "--line-1", "--line-8", "--alarm"} <= used
    assert used <= set(re.findall(r"(--[a-z0-9-]+):", html))


def test_report_names_every_plot_for_those_who_do_not_see_it(html: str) -> None:
    """Each has a sentence; ids are there once, so that what refers to them finds them."""
    page = Page(html)
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    plots = [found for tag, found in page.tags if tag == "svg"]
    assert len(plots) == 2 * 5
    referred = {*page.all("aria-labelledby"), *(link[1:] for link in page.all("xlink:href"))}
    assert referred <= set(ids)
    assert all(found["role"] == "img" for found in plots)


def test_lines_of_a_plot_differ_without_their_colours(html: str) -> None:
    """Eight kinds, eight dashes; the first line has none."""
    (latency,) = re.findall(r"<figure>\s*<h2 id=\"percentiles-title.*?</figure>", html, flags=re.DOTALL)
    dashes = set(re.findall(r"stroke-dasharray: ([\d., ]+)", latency))
    assert len(dashes) == len(Kind) - 1


def test_report_tells_what_the_scenario_found_and_where_it_ran(html: str) -> None:
    """Values and tables, parameters and versions."""
    text = " ".join(Page(html).text.split())
    assert "knee : 120.5" in text
    assert "rate p99 60 80 120 700" in text
    assert "size not set" in text
    assert a_run().environment.revision in text


def test_report_of_run_without_anything_is_a_page() -> None:
    """Who connected to nothing has a report that says so."""
    figures = Figures()
    figures.take(a_run())
    text = Page(render(summary_of(figures, judge(), {}))).text
    assert "No message was acked" in text


def test_command_renders_a_kept_summary_and_fails_by_the_outcome(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 when nothing is wrong, 1 when something is, 2 without a run, 3 when the older one is no measure."""
    write_summary(tmp_path / "old" / "summary.json", run_of(kinds=(Kind.ACK,)))
    write_summary(tmp_path / "spoilt" / "summary.json", run_of(ghost="ghost", kinds=()))
    write_summary(tmp_path / "other" / "summary.json", run_of(kinds=(Kind.CONNECT,)))
    old = str(tmp_path / "old" / "summary.json")
    assert main([str(tmp_path / "old"), "--compare", old]) == 0
    text = " ".join(Page((tmp_path / "old" / "report.html").read_text()).text.split())
    assert "Kept All promises kept: 1 acked messages, 1 deliveries to 1 devices in 1 chats" in text
    assert "There were none." in text
    assert main([str(tmp_path / "spoilt")]) == 1
    assert main([str(tmp_path)]) == 2
    assert main([str(tmp_path / "other"), "--compare", old]) == 3
    assert "The runs cannot be compared" in capsys.readouterr().out
