"""The catalog: GetFunction parsed once a deployment, and every way to name a function."""

from __future__ import annotations

import pytest

from localcloud.functions.catalog import Catalog, function_name, parse_get_function, parse_reference
from localcloud.interfaces import Response
from tests.localcloud.functions.functions_fakes import FakeControlPlane, arn


@pytest.mark.parametrize(
    "reference",
    [
        "greet",
        "greet:$LATEST",
        "function:greet",
        "000000000000:function:greet",
        arn("greet"),
        f"{arn('greet')}:$LATEST",
    ],
)
def test_function_name_any_reference_gives_the_name(reference: str) -> None:
    """Lambda's API takes names, partial ARNs and ARNs, qualified or not."""
    assert function_name(reference) == "greet"


@pytest.mark.parametrize(
    ("reference", "qualifier"),
    [("greet", "$LATEST"), ("greet:1", "1"), (f"{arn('greet')}:live", "live"), (arn("greet"), "$LATEST")],
)
def test_parse_reference_gives_the_qualifier(reference: str, qualifier: str) -> None:
    """A version or an alias may follow every form of the name."""
    assert parse_reference(reference) == ("greet", qualifier)


async def test_catalog_unknown_version_raises_key_error() -> None:
    """A version that was never published is not the function."""
    control_plane = FakeControlPlane()
    control_plane.deploy("greet", "")
    with pytest.raises(KeyError, match="no such version"):
        await Catalog(control_plane).find("greet:7")


async def test_catalog_full_configuration_is_parsed() -> None:
    """Everything that decides how a function runs is taken from AWS's JSON."""
    control_plane = FakeControlPlane()
    control_plane.deploy(
        "greet",
        "",
        reserved=7,
        Timeout=29,
        MemorySize=512,
        Environment={"Variables": {"TABLE": "Chats"}},
        Layers=[{"Arn": "layer:1", "CodeSize": 3}, {"Arn": "layer:2", "CodeSize": 4}],
        LoggingConfig={"LogGroup": "/parley/greet", "LogFormat": "JSON"},
    )
    found = await Catalog(control_plane).find("greet")
    assert (found.timeout_seconds, found.memory_megabytes, found.reserved_concurrency) == (29, 512, 7)
    assert (found.log_group, found.log_format) == ("/parley/greet", "JSON")
    assert found.variables == {"TABLE": "Chats"}
    assert found.layers == ("layer:1", "layer:2")


async def test_catalog_sparse_configuration_has_lambdas_defaults() -> None:
    """What AWS leaves out has AWS's default."""
    control_plane = FakeControlPlane()
    control_plane.deploy("greet", "")
    found = await Catalog(control_plane).find("greet")
    assert (found.timeout_seconds, found.memory_megabytes, found.reserved_concurrency) == (3, 128, None)
    assert found.log_group == "/aws/lambda/greet"


async def test_catalog_asked_again_reads_once_until_a_deployment() -> None:
    """The control plane is asked again only after its generation has moved."""
    control_plane = FakeControlPlane()
    control_plane.deploy("greet", "old")
    catalog = Catalog(control_plane)
    first = await catalog.find("greet")
    assert await catalog.find("greet") is first
    assert len(control_plane.calls) == 1
    control_plane.deploy("greet", "new")
    assert (await catalog.find("greet")).code_sha256 != first.code_sha256


async def test_catalog_unknown_function_raises_key_error() -> None:
    """There is no such function: the caller answers as its service does."""
    with pytest.raises(KeyError, match="deploy it first"):
        await Catalog(FakeControlPlane()).find("nobody")


def test_parse_get_function_control_plane_fault_is_not_a_missing_function() -> None:
    """A fault of the control plane is not taken for a function that is not there."""
    with pytest.raises(RuntimeError, match="answered 500"):
        parse_get_function("greet", Response(500, (), b"oops"))
