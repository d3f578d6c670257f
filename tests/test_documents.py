"""What the documents name is there: links, tests, sessions; and no file names a machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
ANCHOR = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
DECISION = re.compile(r"\b[Dd]ecision (\d+)\b|decisions/(\d{4})-")
TEST_LINK = re.compile(r"\[(test_\w+)\]\(([^)]+\.py)\)")
FIDELITY = ROOT / "docs" / "fidelity.md"
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
MACHINE = re.compile(
    r"/(?:work|root|home)/\w|\b(?:registry|files|pypi)\.(?:npmjs|pythonhosted)?\.?org\b|/simple/"
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_link_in_document_names_a_file_that_exists(document: Path) -> None:
    """Every relative link of every document leads somewhere."""
    broken = [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()]
    assert broken == []


def anchors(document: Path) -> set[str]:
    """What links may name of a document: its headings, as GitHub spells them."""
    headings = HEADING.findall(re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL))
    texts = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_anchor_in_document_is_a_heading(document: Path) -> None:
    """Every link to a part of a document, this one or another, finds that part."""
    for target, anchor in ANCHOR.findall(document.read_text()):
        linked = document.parent / target if target else document
        assert anchor in anchors(linked), f"{target}#{anchor}"


def test_decision_that_is_mentioned_is_recorded() -> None:
    """Whatever names a decision by its number, in a document or in a comment, leads to its record."""
    recorded = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")}
    named = {
        (short or number).zfill(4): name
        for name, text in tracked_texts().items()
        for short, number in DECISION.findall(text)
    }
    assert len(named) > 10
    assert {number: name for number, name in named.items() if number not in recorded} == {}


def functions(path: Path) -> set[str]:
    """The functions that a file defines, at whatever depth."""
    if not path.is_file():
        return set()
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, FUNCTION)}


def test_fidelity_row_names_tests_that_exist() -> None:
    """Every test that docs/fidelity.md names as proof is in the file that it links."""
    named = set(TEST_LINK.findall(FIDELITY.read_text()))
    assert len(named) > 300
    there = {target: functions(FIDELITY.parent / target) for _, target in named}
    assert [link for link in sorted(named) if link[0] not in there[link[1]]] == []


@pytest.mark.parametrize(
    ("document", "least"),
    [("README.md", 20), ("docs/security.md", 50), ("docs/parameters.md", 40), ("docs/operations.md", 30)],
)
def test_document_names_tests_that_exist(document: str, least: int) -> None:
    """Every test that the README and these documents name is in the file that they link."""
    path = ROOT / document
    named = set(TEST_LINK.findall(path.read_text()))
    assert len(named) > least
    there = {target: functions(path.parent / target) for _, target in named}
    assert [link for link in sorted(named) if link[0] not in there[link[1]]] == []


def test_fidelity_row_that_is_as_aws_has_a_test() -> None:
    """Nothing is claimed without proof."""
    rows = [line for line in FIDELITY.read_text().splitlines() if re.match(r"\|[^|]+\| as AWS", line)]
    assert len(rows) > 100
    assert [row for row in rows if not TEST_LINK.search(row)] == []


def test_nox_session_without_a_word_in_the_documents_is_found() -> None:
    """Every session of the noxfile is mentioned in the README or in CONTRIBUTING."""
    sessions = re.findall(r"@nox\.session\([^)]*\)\ndef (\w+)", (ROOT / "noxfile.py").read_text())
    said = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    assert sessions
    assert [name for name in sessions if not re.search(rf"nox -s (?:\w+ )*{name}\b", said)] == []


def test_tracked_file_names_no_machine_and_no_registry() -> None:
    """No file of the repository holds a path of somebody's machine or a package registry's host."""
    texts = tracked_texts()
    assert len(texts) > 100
    found = {name: match.group() for name, text in texts.items() if (match := MACHINE.search(text))}
    assert found.keys() - {str(Path(__file__).relative_to(ROOT))} == set()


def tracked_texts() -> dict[str, str]:
    """The text of every file of the repository, by its path."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return {name: (ROOT / name).read_text(errors="ignore") for name in tracked if (ROOT / name).is_file()}
