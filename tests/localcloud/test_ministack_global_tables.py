"""Global tables from CloudFormation: replicas as the template names them, each with its settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from localcloud.dynamodb.capacity import Capacity, Place, Scaling
from tests.localcloud.in_process_aws import InProcessAws
from tests.localcloud.small_templates import stack_of, table

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import Json, Template

HOME, OTHER = "us-east-1", "eu-west-1"
RECOVERY = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}


def global_table(name: str, *regions: str, **settings: Json) -> Template:
    """A template of a global table that can be restored in each of its regions."""
    resource = table(name, StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"}, **settings)
    resource["Type"] = "AWS::DynamoDB::GlobalTable"
    resource["Properties"]["Replicas"] = [{"Region": region, **RECOVERY} for region in regions]
    return stack_of(Table=resource)


def tables(ministack: MiniStack, region: str, name: str) -> list[str]:
    """The tables of a region whose names begin so."""
    return [each for each in ministack.in_region(region).table_names() if each.startswith(name)]


def settings(ministack: MiniStack, region: str, name: str) -> tuple[str | None, bool]:
    """A replica's attribute of time to live, and whether it can be restored."""
    from ministack.core.responses import request_scope  # noqa: PLC0415 - after MiniStack is configured
    from ministack.services import dynamodb  # noqa: PLC0415

    found = ministack.in_region(region).table(name)
    assert found is not None
    with request_scope(ministack.account_id, region):
        return found.ttl_attribute, dynamodb._pitr_settings.get(name, False)  # noqa: SLF001


async def test_global_table_is_made_in_every_region_that_its_template_names(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """A table of the same shape and settings in each, and in no other."""
    ttl = {"AttributeName": "expiresAt", "Enabled": True}
    template = global_table("global-made", HOME, OTHER, TimeToLiveSpecification=ttl)
    assert await aws.deploy("global-made", template) == "CREATE_COMPLETE"
    assert settings(ministack, HOME, "global-made") == ("expiresAt", True)
    assert settings(ministack, OTHER, "global-made") == ("expiresAt", True)
    assert tables(ministack, "eu-west-2", "global-made") == []
    assert set(ministack.replicas("global-made")) == {OTHER}
    assert set(ministack.in_region(OTHER).replicas("global-made")) == {HOME}


async def test_global_table_gains_and_loses_replicas_with_its_template(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """An update adds a region without making the table anew, and another takes it away."""
    await aws.deploy("global-grown", global_table("global-grown", HOME))
    before = ministack.table("global-grown")
    assert await aws.deploy("global-grown", global_table("global-grown", HOME, OTHER)) == "UPDATE_COMPLETE"
    assert ministack.table("global-grown") == before
    assert tables(ministack, OTHER, "global-grown") == ["global-grown"]
    assert await aws.deploy("global-grown", global_table("global-grown", HOME)) == "UPDATE_COMPLETE"
    assert ministack.table("global-grown") == before
    assert tables(ministack, OTHER, "global-grown") == []


async def test_global_table_that_is_deleted_leaves_no_replica(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """A stack that is made anew finds the names free, in every region."""
    await aws.deploy("global-gone", global_table("global-gone", HOME, OTHER))
    await aws.delete("global-gone")
    async with asyncio.timeout(60):
        # MiniStack deletes on this loop, and tells nobody when it is done.
        while tables(ministack, HOME, "global-gone") or tables(ministack, OTHER, "global-gone"):  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_global_table_where_another_table_has_its_name_is_refused(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """A replica never takes a table's place."""
    elsewhere = InProcessAws(ministack.in_region(OTHER))
    await elsewhere.target("dynamodb", "DynamoDB_20120810.CreateTable", table("global-taken")["Properties"])
    status = await aws.deploy("global-taken", global_table("global-taken", HOME, OTHER))
    assert status == "ROLLBACK_COMPLETE"


async def test_global_table_unfixed_has_no_replica(aws: InProcessAws, ministack: MiniStack) -> None:
    """MiniStack alone makes a table of one region."""
    from localcloud.ministack.fixes import global_tables  # noqa: PLC0415

    with global_tables.FIX.undone():
        await aws.deploy("global-unfixed", global_table("global-unfixed", HOME, OTHER))
        assert tables(ministack, OTHER, "global-unfixed") == []


def provisioned_table(name: str, *regions: str, least: int = 5, seed: int = 9) -> Template:
    """A template of a global table with an index, whose capacity auto scaling keeps."""

    def scaled(kind: str) -> Json:
        tracking = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70}}
        bounds = {"MinCapacity": least, "MaxCapacity": 100, "SeedCapacity": seed, **tracking}
        return {f"{kind}ProvisionedThroughputSettings": {f"{kind}CapacityAutoScalingSettings": bounds}}

    template = indexed_table(name, *regions)
    properties = template["Resources"]["Table"]["Properties"]
    properties |= {"BillingMode": "PROVISIONED", **scaled("Write")}
    properties["GlobalSecondaryIndexes"][0] |= scaled("Write")
    for replica in properties["Replicas"]:
        replica |= {**scaled("Read"), "GlobalSecondaryIndexes": [{"IndexName": "ByPk", **scaled("Read")}]}
    return template


def indexed_table(name: str, *regions: str) -> Template:
    """The same on demand."""
    template = global_table(name, *regions)
    index = {"IndexName": "ByPk", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}
    properties = template["Resources"]["Table"]["Properties"]
    properties["GlobalSecondaryIndexes"] = [{**index, "Projection": {"ProjectionType": "ALL"}}]
    return template


def provisioned(ministack: MiniStack, region: str, name: str) -> dict[Place, Capacity]:
    """What is provisioned for a table and its indexes."""
    capacities = ministack.in_region(region).capacities()
    return {place: capacity for place, capacity in capacities.items() if place.table == name}


def everywhere(name: str, units: int, least: int = 5) -> dict[Place, Capacity]:
    """So many units for reads and writes of the table and of its index."""
    capacity = Capacity(units, Scaling(least, 100, 0.7))
    return {Place(name, index, "Read"): capacity for index in ("", "ByPk")} | {
        Place(name, index, "Write"): capacity for index in ("", "ByPk")
    }


async def described(aws: InProcessAws, name: str) -> tuple[str, Json, Json]:
    """Billing mode, throughput of the table and of its index, as DescribeTable has them."""
    answer = await aws.target("dynamodb", "DynamoDB_20120810.DescribeTable", {"TableName": name})
    table, index = answer["Table"], answer["Table"]["GlobalSecondaryIndexes"][0]
    assert not any("Scaling" in name or "Settings" in name for name in (*table, *index))
    mode: str = table["BillingModeSummary"]["BillingMode"]
    return mode, table["ProvisionedThroughput"], index["ProvisionedThroughput"]


async def test_global_table_has_what_its_template_provisions_in_each_region_and_index(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """It begins with the seed, and is described so."""
    template = provisioned_table("capacity-made", HOME, OTHER)
    assert await aws.deploy("capacity-made", template) == "CREATE_COMPLETE"
    for region in (HOME, OTHER):
        assert provisioned(ministack, region, "capacity-made") == everywhere("capacity-made", 9)
    units = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}
    assert await described(aws, "capacity-made") == ("PROVISIONED", units, units)


async def test_global_table_changes_between_on_demand_and_provisioned_in_place(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """There and back, with its items: it stays the same table, and the index the same index."""
    name, nothing = "capacity-changed", {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    await aws.deploy(name, indexed_table(name, HOME))
    before = ministack.table(name)
    assert await described(aws, name) == ("PAY_PER_REQUEST", nothing, nothing)
    assert await aws.deploy(name, provisioned_table(name, HOME)) == "UPDATE_COMPLETE"
    assert provisioned(ministack, HOME, name) == everywhere(name, 9)
    assert await aws.deploy(name, indexed_table(name, HOME)) == "UPDATE_COMPLETE"
    assert provisioned(ministack, HOME, name) == {}
    assert await described(aws, name) == ("PAY_PER_REQUEST", nothing, nothing)
    assert ministack.table(name) == before


async def test_capacity_that_auto_scaling_has_reached_outlives_an_update_within_new_bounds(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """A deployment does not take back what load has raised, but for what is below the new least."""
    name = "capacity-kept"
    await aws.deploy(name, provisioned_table(name, HOME))
    raised = [Place(name, "", "Write"), Place(name, "ByPk", "Write")]
    for place in raised:
        ministack.provision(place, 60)
    assert await aws.deploy(name, provisioned_table(name, HOME, least=20)) == "UPDATE_COMPLETE"
    found = provisioned(ministack, HOME, name)
    assert {place: capacity.units for place, capacity in found.items()} == {
        place: 60 if place in raised else 20 for place in everywhere(name, 20, 20)
    }


async def test_capacity_unfixed_is_none_for_an_index(aws: InProcessAws, ministack: MiniStack) -> None:
    """MiniStack alone provisions nothing for indexes, and five units for reads."""
    from localcloud.ministack.fixes import global_tables  # noqa: PLC0415

    name = "capacity-unfixed"
    with global_tables.FIX.undone():
        await aws.deploy(name, provisioned_table(name, HOME))
        assert Place(name, "ByPk", "Write") not in provisioned(ministack, HOME, name)
