"""What the documents name is there: links, tests, sessions; and no file names a machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
TEST_FILE = re.compile(r"`((?:[\w/]+/)?test_\w+\.py)`")
MACHINE = re.compile(
    r"/(?:work|root|home)/\w|\b(?:registry|files|pypi)\.(?:npmjs|pythonhosted)?\.?org\b|/simple/"
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_link_in_document_names_a_file_that_exists(document: Path) -> None:
    """Every relative link of every document leads somewhere."""
    broken = [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()]
    assert broken == []


def test_fidelity_row_names_a_test_that_exists() -> None:
    """Every test file that docs/fidelity.md names as proof is there."""
    named = set(TEST_FILE.findall((ROOT / "docs" / "fidelity.md").read_text()))
    assert named
    places = (ROOT, ROOT / "tests" / "localcloud")
    assert [name for name in sorted(named) if not any((place / name).exists() for place in places)] == []


def test_nox_session_without_a_word_in_the_documents_is_found() -> None:
    """Every session of the noxfile is mentioned in the README or in CONTRIBUTING."""
    sessions = re.findall(r"@nox\.session\([^)]*\)\ndef (\w+)", (ROOT / "noxfile.py").read_text())
    said = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    assert sessions
    assert [name for name in sessions if not re.search(rf"nox -s (?:\w+ )*{name}\b", said)] == []


def test_tracked_file_names_no_machine_and_no_registry() -> None:
    """No file of the repository holds a path of somebody's machine or a package registry's host."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    texts = {name: (ROOT / name).read_text(errors="ignore") for name in tracked if (ROOT / name).is_file()}
    assert len(texts) > 100
    found = {name: match.group() for name, text in texts.items() if (match := MACHINE.search(text))}
    assert found.keys() - {str(Path(__file__).relative_to(ROOT))} == set()
