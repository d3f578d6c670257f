"""Global tables from CloudFormation: replicas as the template names them, each with its settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.localcloud.in_process_aws import InProcessAws
from tests.localcloud.test_ministack_fixes import stack_of, table

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
