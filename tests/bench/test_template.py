"""What the templates lose on their way to bare MiniStack, and where the deployed API is found then."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from bench.deployment import web_socket_address
from bench.template import STOOD_IN_FOR, UNKNOWN_TYPES, transform, without_unknown_types
from harness import paths
from harness.errors import HarnessError

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """\
Resources:
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      Target: !Sub integrations/${Integration}
      ApiId: !Ref Api
  RouteResponse:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties:
      RouteId: !Ref Route
Outputs:
  Url:
    Value: !GetAtt Api.ApiEndpoint
"""


def test_template_with_an_unknown_type_loses_that_resource_alone() -> None:
    """Everything else keeps its meaning, intrinsic functions too."""
    template, left_out = without_unknown_types(TEMPLATE)
    assert left_out == ["RouteResponse (AWS::ApiGatewayV2::RouteResponse)"]
    assert "RouteResponse" not in template
    assert re.search(
        r"Fn::Sub.*integrations/\$\{Integration\}|!Sub.*integrations/\$\{Integration\}", template
    )
    assert re.search(r"Ref:? ?'?Api|!Ref '?Api", template)


def test_template_without_unknown_types_is_unchanged_to_the_byte() -> None:
    """What need not be transformed is not even written anew."""
    known = TEMPLATE.replace("::RouteResponse", "::Integration")
    assert without_unknown_types(known) == (known, [])


def test_unknown_resource_that_others_refer_to_has_something_stand_in_for_it() -> None:
    """References to it resolve."""
    template, left_out = without_unknown_types(
        TEMPLATE.replace(
            "  Route:\n    Type: AWS::ApiGatewayV2::Route\n",
            "  Route:\n    Type: Custom::SigningKeys\n",
        )
    )
    assert left_out[0] == "Route (Custom::SigningKeys)"
    assert re.search(r"Route:\n    Type: AWS::IAM::User\nOutputs", template)


def test_stack_on_its_way_to_ministack_loses_unknown_types_and_nothing_else(tmp_path: Path) -> None:
    """The comparison runs the same stack on both: this list is all of the difference."""
    for path in paths.STACK.glob("[!.]*.yaml"):
        shutil.copy(path, tmp_path)
    originals = {path.name: path.read_text() for path in paths.STACK.glob("[!.]*.yaml")}
    unknown = UNKNOWN_TYPES | STOOD_IN_FOR
    declared = {
        name: sum(text.count(f"Type: {kind}\n") for kind in unknown) for name, text in originals.items()
    }
    left_out = transform(tmp_path)
    assert declared["realtime.yaml"]
    assert len(left_out) == sum(declared.values())
    transformed = {name: (tmp_path / name).read_text() for name in originals}
    changed = {name for name, text in originals.items() if text != transformed[name]}
    assert changed == {name for name, count in declared.items() if count}
    assert not any(kind in text for kind in unknown for text in transformed.values())


@pytest.mark.parametrize(
    "url",
    ["http://ab12cd34.execute-api.localhost:4566/v1", "wss://ab12cd34.execute-api.us-east-1.amazonaws.com/v1",
     "ws://localhost:4566/_aws/execute-api/ab12cd34/v1"],
)  # fmt: skip
def test_address_of_an_api_in_any_form_is_reached_by_path(url: str) -> None:
    """Names below localhost do not resolve everywhere; the path does."""
    assert web_socket_address(url, 4600) == "ws://127.0.0.1:4600/_aws/execute-api/ab12cd34/v1"


def test_address_of_something_else_is_refused() -> None:
    """A web site is no API."""
    with pytest.raises(HarnessError, match="not the address of an API"):
        web_socket_address("http://d123.cloudfront.localhost/", 4600)
