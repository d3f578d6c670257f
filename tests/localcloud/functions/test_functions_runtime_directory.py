"""The runtime directory: exactly what AWS's runtime has, out of localcloud's own environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.functions.runtime_directory import make_runtime_directory

if TYPE_CHECKING:
    from pathlib import Path


def test_runtime_directory_boto3_brings_all_it_requires_and_no_more(tmp_path: Path) -> None:
    """The SDK with its dependencies, without extras, metadata and neighbours."""
    runtime = make_runtime_directory(tmp_path, ["boto3"])
    assert {path.name for path in runtime.path.iterdir()} == {
        "bootstrap.py",
        "boto3",
        "botocore",
        "dateutil",
        "jmespath",
        "s3transfer",
        "six.py",
        "urllib3",
    }
    assert runtime.program == (str(runtime.path / "bootstrap.py"),)


def test_runtime_directory_runtime_client_runs_where_it_exists(tmp_path: Path) -> None:
    """AWS's own runtime client is run as a module."""
    pytest.importorskip("awslambdaric")
    assert make_runtime_directory(tmp_path).program == ("-m", "awslambdaric")


def test_runtime_directory_made_again_is_the_same(tmp_path: Path) -> None:
    """The directory is keyed by what it links to, so a start finds the last one's."""
    assert make_runtime_directory(tmp_path, []) == make_runtime_directory(tmp_path, [])
    assert make_runtime_directory(tmp_path, ["six"]) != make_runtime_directory(tmp_path, [])
    assert len(list(tmp_path.iterdir())) == 2
