"""Settings of tables that templates name: there, and gone with the template or the table.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.localcloud.small_templates import stack_of, table

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws


async def table_settings(aws: InProcessAws, name: str) -> tuple[str, str, str]:
    """Deploy a table with every setting; the status of its TTL, point-in-time recovery and encryption."""
    template = stack_of(
        Table=table(
            name,
            TimeToLiveSpecification={"AttributeName": "expiresAt", "Enabled": True},
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            SSESpecification={"SSEEnabled": True},
        )
    )
    assert await aws.deploy(name, template) == "CREATE_COMPLETE"
    return await described_settings(aws, name)


async def described_settings(aws: InProcessAws, name: str) -> tuple[str, str, str]:
    """The status of a table's TTL, point-in-time recovery and encryption."""
    prefix = "DynamoDB_20120810."
    ttl = await aws.target("dynamodb", f"{prefix}DescribeTimeToLive", {"TableName": name})
    backups = await aws.target("dynamodb", f"{prefix}DescribeContinuousBackups", {"TableName": name})
    described = await aws.target("dynamodb", f"{prefix}DescribeTable", {"TableName": name})
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    encryption = described["Table"].get("SSEDescription") or {"Status": "DISABLED"}
    return (
        ttl["TimeToLiveDescription"]["TimeToLiveStatus"],
        recovery["PointInTimeRecoveryStatus"],
        encryption["Status"],
    )


async def test_table_settings_from_template_are_on(aws: InProcessAws) -> None:
    """TTL, point-in-time recovery and encryption are what the template says."""
    assert await table_settings(aws, "settings-table") == ("ENABLED", "ENABLED", "ENABLED")


async def test_table_settings_dropped_from_template_go_off(aws: InProcessAws) -> None:
    """An update without TTL and recovery switches both off."""
    await table_settings(aws, "settings-dropped")
    assert (
        await aws.deploy("settings-dropped", stack_of(Table=table("settings-dropped"))) == "UPDATE_COMPLETE"
    )
    assert (await described_settings(aws, "settings-dropped"))[:2] == ("DISABLED", "DISABLED")


async def test_table_settings_of_deleted_table_are_not_the_next_ones(aws: InProcessAws) -> None:
    """A table made anew under the name of a deleted one starts with no TTL."""
    await table_settings(aws, "settings-deleted")
    await aws.delete("settings-deleted")
    assert await aws.deploy("settings-anew", stack_of(Table=table("settings-deleted"))) == "CREATE_COMPLETE"
    assert (await described_settings(aws, "settings-deleted"))[0] == "DISABLED"


async def test_table_settings_unfixed_stay_off(aws: InProcessAws) -> None:
    """MiniStack alone ignores all three."""
    from localcloud.ministack.fixes import table_settings as fixed  # noqa: PLC0415

    with fixed.FIX.undone():
        assert await table_settings(aws, "settings-unfixed") == ("DISABLED", "DISABLED", "DISABLED")
