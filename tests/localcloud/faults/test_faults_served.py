"""Faults over the control API: by the client, by the command line, and what it refuses."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from localcloud.command import main
from localcloud.faults.client import FaultsClient
from localcloud.faults.points import EFFECTS
from localcloud.faults.rules import InvalidRules, Rule
from localcloud.interfaces import FaultEffect, FaultPoint
from tests.localcloud.faults.faults_fakes import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUT = FaultPoint("dynamodb", "PutItem", "Messages")
THROTTLED = Rule("dynamodb", "PutItem", FaultEffect.THROTTLE)


@pytest.fixture
def localcloud() -> Iterator[Served]:
    """Serve faults."""
    with served() as found:
        yield found


@pytest.fixture
def client(localcloud: Served) -> Iterator[FaultsClient]:
    """Talk to what is served."""
    with FaultsClient(localcloud.endpoint_url) as found:
        yield found


def run(localcloud: Served, *arguments: str) -> int:
    """Run `localcloud faults`; gives the exit status."""
    return main(["faults", *arguments, "--port", str(localcloud.port)])


def test_client_rule_is_on_within_the_block_and_off_after(localcloud: Served, client: FaultsClient) -> None:
    """Also where the block fails, and where the rule is spent by then."""
    with contextlib.suppress(ZeroDivisionError), client.on(THROTTLED) as (rule,):
        assert [active.rule for active in client.list()] == [rule]
        assert localcloud.rules.strike(PUT) is not None
        raise ZeroDivisionError
    assert client.list() == ()
    with client.on(Rule("dynamodb", "PutItem", FaultEffect.ERROR, count=1)) as (spent,):
        localcloud.rules.strike(PUT)
    assert [(strike.rule, strike.effect) for strike in client.strikes()] == [
        (rule.id, FaultEffect.THROTTLE),
        (spent.id, FaultEffect.ERROR),
    ]
    assert [strike.number for strike in client.strikes(spent)] == [2]


def test_client_rules_come_back_complete(client: FaultsClient) -> None:
    """With ids and seeds, which the scenario's seed decides."""
    first = client.add(THROTTLED, THROTTLED, seed=7)
    assert client.clear() == 2
    second = client.add(THROTTLED, THROTTLED, seed=7)
    assert [rule.seed for rule in first] == [rule.seed for rule in second]
    assert len({rule.id for rule in (*first, *second)}) == 4


def test_client_refused_rule_says_why(client: FaultsClient) -> None:
    """What the constructor cannot see, localcloud does."""
    with pytest.raises(InvalidRules, match="rate"):
        client.add(Rule("dynamodb", "PutItem", FaultEffect.THROTTLE, rate=2))
    assert client.list() == ()


def test_endpoints_take_one_rule_and_say_what_is_unknown(localcloud: Served) -> None:
    """As curl would ask."""
    with httpx.Client(base_url=f"{localcloud.endpoint_url}/_localcloud") as http:
        rule = {"service": "lambda", "operation": "Invoke", "effect": "timeout", "id": "mine"}
        added = http.post("/faults", json=rule)
        assert (added.status_code, added.json()["id"]) == (201, "mine")
        assert isinstance(added.json()["seed"], int)
        assert http.post("/faults", json=rule).status_code == 400
        assert http.get("/faults/mine").json()["rule"] == added.json()
        assert http.delete("/faults/mine").json() == {"cleared": 1}
        for answer in (http.delete("/faults/mine"), http.get("/faults/mine"), http.post("/faults/mine")):
            assert answer.status_code == 404
            assert "'mine'" in answer.json()["message"]


def test_command_adds_lists_and_clears(localcloud: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """Each says in a line what it did."""
    add = ["add", "dynamodb", "PutItem", "throttle", "--resource", "M*", "--rate", "0.5", "--seed", "7"]
    assert run(localcloud, *add, "--id", "mine") == 0
    assert "on: mine throttle: dynamodb PutItem resource=M* rate=0.5 seed=7" in capsys.readouterr().out
    hits = sum(localcloud.rules.strike(PUT) is not None for _ in range(20))
    assert run(localcloud, "list") == 0
    assert f"struck {hits} of 20, ends in 600 s" in capsys.readouterr().out
    assert run(localcloud, "strikes") == 0
    assert capsys.readouterr().out.count("throttle: dynamodb PutItem Messages") == hits
    assert run(localcloud, "clear", "mine", "other") == 0
    assert capsys.readouterr().out == "mine off\nother was not on\n"
    assert run(localcloud, "clear") == 0
    assert capsys.readouterr().out == "0 off\n"
    assert run(localcloud, "list") == 0
    assert capsys.readouterr().out == "No fault is on.\n"


def test_command_listing_is_a_scenario_to_add_again(
    localcloud: Served, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What is on can be kept in a file and come back, seeds and all."""
    run(localcloud, "add", "lambda", "Invoke", "delay", "--delay-ms", "20")
    capsys.readouterr()
    run(localcloud, "list", "--json")
    listed = capsys.readouterr().out
    (tmp_path / "scenario.json").write_text(listed)
    run(localcloud, "clear")
    assert run(localcloud, "add", "--file", str(tmp_path / "scenario.json")) == 0
    capsys.readouterr()
    run(localcloud, "list", "--json")
    assert json.loads(capsys.readouterr().out) == json.loads(listed)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["add"], "Say service, operation and effect"),
        (["add", "dynamodb", "PutItem", "explode"], "explode"),
        (["add", "dynamodb", "PutItem", "delay"], "needs delayMs"),
        (["add", "--file", "missing.json"], "missing.json cannot be read"),
    ],
    ids=["nothing said", "unknown effect", "no delay", "no file"],
)
def test_command_refused_says_one_sentence_and_fails(
    localcloud: Served, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, with status 1."""
    assert run(localcloud, *arguments) == 1
    complaint = capsys.readouterr().err
    assert says in complaint
    assert complaint.count("\n") == 1


def test_command_without_a_localcloud_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing listens there."""
    assert main(["faults", "list", "--port", "9"]) == 1
    assert "http://127.0.0.1:9" in capsys.readouterr().err


def test_command_help_names_every_service_and_effect(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody needs to read the code."""
    with pytest.raises(SystemExit):
        main(["faults", "add", "--help"])
    shown = capsys.readouterr().out
    assert not [name for name in (*EFFECTS, *(effect.value for effect in FaultEffect)) if name not in shown]
