"""The stack's parameters, as the AWS CLI reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError
from harness.parameters import parameters_file, read_parameters

if TYPE_CHECKING:
    from pathlib import Path


def test_read_parameters_splits_at_the_first_equals_sign(tmp_path: Path) -> None:
    """A value may have one itself, or be empty."""
    file = tmp_path / "dev.json"
    file.write_text('["A=x=y", "B="]')
    assert read_parameters(file) == {"A": "x=y", "B": ""}


@pytest.mark.parametrize("content", ["{}", "[1]", "not JSON", '["A"]'])
def test_read_parameters_another_form_is_refused(tmp_path: Path, content: str) -> None:
    """One sentence that names the file."""
    file = tmp_path / "dev.json"
    file.write_text(content)
    with pytest.raises(HarnessError, match=r"dev\.json"):
        read_parameters(file)


def test_parameters_file_unknown_environment_says_which_there_are() -> None:
    """One sentence."""
    with pytest.raises(HarnessError, match="choose one of dev, prod, staging"):
        parameters_file("qa")
