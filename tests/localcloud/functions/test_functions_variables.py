"""An environment's variables: AWS's, the function's own, and nothing of the server's."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localcloud.functions.runtime_directory import RuntimeDirectory
from localcloud.functions.variables import Bundle, environment_variables
from localcloud.interfaces import Credentials
from tests.localcloud.functions.functions_fakes import function

if TYPE_CHECKING:
    from collections.abc import Mapping

BUNDLE = Bundle(
    code=Path("/code"),
    layers=[],
    runtime=RuntimeDirectory(Path("/runtime")),
    scratch=Path("/scratch"),
    credentials=Credentials("AKIA", "secret", "token"),
    region="us-east-1",
    endpoint_url="http://127.0.0.1:4566",
)


def variables_with(**own: str) -> Mapping[str, str]:
    """The variables of a function that has ``own`` set."""
    return environment_variables(
        dataclasses.replace(function(), variables=own), BUNDLE, "127.0.0.1:9001", "2026/11/21/[$LATEST]0"
    )


def test_environment_variables_plain_function_has_all_of_aws() -> None:
    """The documented variables, the SDKs' endpoint, and no more."""
    assert variables_with() == {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "greet",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "Text",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/greet",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/21/[$LATEST]0",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "HOME": "/scratch",
        "LAMBDA_RUNTIME_DIR": "/runtime",
        "LAMBDA_TASK_ROOT": "/code",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": "/code:/runtime",
        "TMPDIR": "/scratch",
        "TZ": ":UTC",
        "_HANDLER": "main.handler",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("TABLE", "Chats"), ("TZ", "Europe/Berlin"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")],
)
def test_environment_variables_function_may_set_is_the_functions(name: str, value: str) -> None:
    """A function's own variables, also those of which AWS only has a default."""
    assert variables_with(**{name: value})[name] == value


def test_environment_variables_reserved_is_not_the_functions() -> None:
    """A function cannot take another's place."""
    assert variables_with(AWS_LAMBDA_RUNTIME_API="127.0.0.1:1")["AWS_LAMBDA_RUNTIME_API"] == "127.0.0.1:9001"


def test_environment_variables_function_python_path_comes_last() -> None:
    """Additional module directories do not hide the function's or the runtime's."""
    assert variables_with(PYTHONPATH="/code/vendored")["PYTHONPATH"] == "/code:/runtime:/code/vendored"
