"""The stack's parameters for an environment: stack/params/<environment>.json, as the AWS CLI reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from harness import paths
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def parameters_file(environment: str) -> Path:
    """The file with an environment's parameters; HarnessError when there is none."""
    path = paths.STACK / "params" / f"{environment}.json"
    if not path.exists():
        known = ", ".join(sorted(other.stem for other in path.parent.glob("*.json")))
        raise HarnessError(f"There is no environment {environment!r}: choose one of {known}.")
    return path


def read_parameters(path: Path) -> Mapping[str, str]:
    """Read a file of ["Key=Value", ...]; HarnessError where it is not of that form."""
    try:
        pairs = [pair.partition("=") for pair in msgspec.json.decode(path.read_bytes(), type=list[str])]
    except msgspec.DecodeError as fault:
        raise HarnessError(f"{path} is not a JSON list of Key=Value strings: {fault}.") from fault
    if lacking := [key for key, equals, _ in pairs if not equals]:
        raise HarnessError(f"{path}: {lacking[0]!r} has no value; write Key=Value.")
    return {key: value for key, _, value in pairs}
