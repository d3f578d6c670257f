"""The stack's outputs, as clients on this machine use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError
from harness.outputs import Outputs, load_outputs, localized, write_outputs

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = "http://127.0.0.1:4600"
FOUND = {
    "WebSocketUrl": "ws://127.0.0.1:4566/_aws/execute-api/abc/v1",
    "HttpApiUrl": "http://127.0.0.1:4566/_aws/execute-api/def/v1",
    "WebUrl": "https://127.0.0.1:4566/_aws/cloudfront/d111",
    "UserPoolId": "us-east-1_Pool",
    "UserPoolClientId": "client",
    "Region": "us-east-1",
}


def test_localized_emulator_on_another_port_follows_it() -> None:
    """Addresses that CloudFormation noted when the emulator had another port are still reached."""
    outputs = localized(FOUND, ENDPOINT)
    assert outputs.web_socket_url == "ws://127.0.0.1:4600/_aws/execute-api/abc/v1"
    assert outputs.http_api_url == "http://127.0.0.1:4600/_aws/execute-api/def/v1"
    assert outputs.web_url == "http://d111.cloudfront.localhost:4600"


def test_localized_aws_is_left_alone() -> None:
    """AWS's addresses are right as they are."""
    aws = {
        "WebSocketUrl": "wss://abc.execute-api.us-east-1.amazonaws.com/v1",
        "WebUrl": "https://d111.cloudfront.net",
    }
    outputs = localized({**FOUND, **aws}, None)
    assert outputs.web_socket_url == "wss://abc.execute-api.us-east-1.amazonaws.com/v1"
    assert outputs.web_url == "https://d111.cloudfront.net"
    assert outputs.endpoint is None


def test_localized_sign_in_is_where_the_emulator_answers() -> None:
    """Its user pools have no domain that leads here; AWS's is right, and without one there is none."""
    hosted = {
        "SignInUrl": "https://parley.auth.us-east-1.amazoncognito.com",
        "SignInClientId": "web",
        "SignInProviders": "Google",
    }
    assert localized({**FOUND, **hosted}, ENDPOINT).sign_in_url == ENDPOINT
    assert localized({**FOUND, **hosted}, None).sign_in_url == hosted["SignInUrl"]
    assert localized(FOUND, ENDPOINT).sign_in_url is None


def test_localized_numbers_are_read_as_such() -> None:
    """CloudFormation tells them as text; a stack of before does not tell them at all."""
    told = localized({**FOUND, "PasswordLength": "16", "Mfa": "optional"}, None)
    assert (told.password_length, told.mfa) == (16, "optional")
    assert (localized(FOUND, None).password_length, localized(FOUND, None).mfa) == (12, "disabled")


def test_localized_output_missing_is_refused() -> None:
    """A stack of something else is told apart."""
    with pytest.raises(HarnessError, match="WebUrl"):
        localized({name: value for name, value in FOUND.items() if name != "WebUrl"}, ENDPOINT)


def test_outputs_file_has_the_names_of_the_stacks_outputs(tmp_path: Path) -> None:
    """Anything that reads JSON can use it, and it reads back as it was."""
    outputs = localized(FOUND, ENDPOINT)
    write_outputs(tmp_path / "outputs.json", outputs)
    for name in (*FOUND, "Endpoint"):
        assert f'"{name}":' in (tmp_path / "outputs.json").read_text()
    assert load_outputs(tmp_path / "outputs.json") == outputs


def test_load_outputs_nothing_up_says_how_to_bring_it_up(tmp_path: Path) -> None:
    """One sentence."""
    with pytest.raises(HarnessError, match="nox -s up"):
        load_outputs(tmp_path / "outputs.json")


def test_outputs_are_the_contract() -> None:
    """Eight outputs and the endpoint, three more where identity providers sign in, and nothing else."""
    hosted, user_pool = ("SignInUrl", "SignInClientId", "SignInProviders"), ("PasswordLength", "Mfa")
    assert Outputs.__struct_encode_fields__ == (*FOUND, "Endpoint", *hosted, *user_pool)
