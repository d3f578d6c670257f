"""The tables: what protects them, what cleans them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.stack.template import Template

DURABLE = {"Chats", "Messages", "Reports", "Users"}
FLEETING = {"Connections", "Limits", "Tickets"}
IN_PROD = {"Fn::If": ["IsProduction", "Retain", "Delete"]}
ALWAYS_ON_DEMAND = {"Reports", "Tickets"}


def _tables(templates: dict[str, Template]) -> dict[str, Any]:
    return templates["data"].of_type("AWS::DynamoDB::GlobalTable")


def replicas(table: dict[str, Any]) -> list[dict[str, Any]]:
    """A table's replicas, those among them that there are where a parameter says so."""
    found = table["Properties"]["Replicas"]
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in found]


def scaled(kind: str) -> dict[str, Any]:
    """Capacity that auto scaling keeps between the parameters' bounds, at 70 % of its use."""
    bounds = {f"{bound}Capacity": {"Ref": f"{bound}{kind}Capacity"} for bound in ("Min", "Max")}
    tracking = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70}}
    seed = {"SeedCapacity": bounds["MinCapacity"]}  # for the moment of the change from on demand
    return {f"{kind}CapacityAutoScalingSettings": bounds | seed | tracking}


def if_provisioned(settings: Any) -> dict[str, Any]:
    """What is there where TableCapacity says so, and nowhere else."""
    return {"Fn::If": ["IsProvisioned", settings, {"Ref": "AWS::NoValue"}]}


def test_tables_are_encrypted(templates: dict[str, Template]) -> None:
    """None lies in the clear."""
    tables = _tables(templates)
    assert tables.keys() == DURABLE | FLEETING
    for table in tables.values():
        assert table["Properties"]["SSESpecification"]["SSEEnabled"] is True


def test_tables_take_what_comes_unless_they_are_provisioned(templates: dict[str, Template]) -> None:
    """On demand by default; seldom used ones, and the one that all ask at once, stay so."""
    assert templates["root"].parameters["TableCapacity"]["Default"] == "on-demand"
    for name, table in _tables(templates).items():
        by_parameter = {"Fn::If": ["IsProvisioned", "PROVISIONED", "PAY_PER_REQUEST"]}
        mode = "PAY_PER_REQUEST" if name in ALWAYS_ON_DEMAND else by_parameter
        assert table["Properties"]["BillingMode"] == mode


def test_provisioned_tables_are_scaled_in_every_region_and_index(templates: dict[str, Template]) -> None:
    """Writes of the table and its indexes, reads of each region's replica and of its indexes."""
    for name, table in _tables(templates).items():
        properties = table["Properties"]
        indexes = properties.get("GlobalSecondaryIndexes", [])
        writes = [each.get("WriteProvisionedThroughputSettings") for each in (properties, *indexes)]
        reads = [each.get("ReadProvisionedThroughputSettings") for each in replicas(table)]
        of_indexes = [each.get("GlobalSecondaryIndexes") for each in replicas(table)]
        if name in ALWAYS_ON_DEMAND:
            assert not any((*writes, *reads, *of_indexes))
            continue
        assert writes == [if_provisioned(scaled("Write"))] * (1 + len(indexes))
        assert reads == [if_provisioned(scaled("Read"))] * 3
        read = [
            {"IndexName": index["IndexName"], "ReadProvisionedThroughputSettings": scaled("Read")}
            for index in indexes
        ]
        assert of_indexes == [if_provisioned(read) if indexes else None] * 3


def test_durable_tables_survive_mistakes(templates: dict[str, Template]) -> None:
    """They can be restored to any second, and in production neither a stack nor a hand deletes them."""
    for name in DURABLE:
        table = _tables(templates)[name]
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == IN_PROD
        assert "TimeToLiveSpecification" not in table["Properties"]
        for replica in replicas(table):
            assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
            assert replica["DeletionProtectionEnabled"] == {"Fn::If": ["IsProduction", True, False]}


def test_fleeting_tables_expire(templates: dict[str, Template]) -> None:
    """Connections, tickets and full buckets of limits go by themselves."""
    for name in FLEETING:
        properties = _tables(templates)[name]["Properties"]
        assert properties["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}


def test_messages_are_keyed_by_chat_and_number(templates: dict[str, Template]) -> None:
    """The sort key is the lock: a number, in the chat's partition."""
    properties = _tables(templates)["Messages"]["Properties"]
    keys = [(key["AttributeName"], key["KeyType"]) for key in properties["KeySchema"]]
    assert keys == [("chatId", "HASH"), ("seq", "RANGE")]
    assert {"AttributeName": "seq", "AttributeType": "N"} in properties["AttributeDefinitions"]


def test_fan_out_queue_keeps_what_failed_for_an_operator(templates: dict[str, Template]) -> None:
    """Encrypted; retried a few times, then kept two weeks; nobody else's queue can fill the dead letters."""
    queues = templates["data"].of_type("AWS::SQS::Queue")
    assert queues.keys() == {"FanOutQueue", "FanOutDeadLetters", "PushQueue", "PushDeadLetters"}
    assert all("SqsManagedSseEnabled" in queue["Properties"] for queue in queues.values())
    assert queues["FanOutQueue"]["Properties"]["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["FanOutDeadLetters", "Arn"]},
        "maxReceiveCount": 5,
    }
    dead_letters = queues["FanOutDeadLetters"]["Properties"]
    assert dead_letters["MessageRetentionPeriod"] == 14 * 24 * 3_600
    assert dead_letters["RedriveAllowPolicy"]["redrivePermission"] == "byQueue"


def test_fan_out_function_has_a_sixth_of_the_visibility_timeout(templates: dict[str, Template]) -> None:
    """So no task is handed out again while it is carried out; what fails alone comes back alone."""
    visibility = templates["data"].resources["FanOutQueue"]["Properties"]["VisibilityTimeout"]
    assert templates["delivery"].parameters["FunctionTimeout"]["MaxValue"] * 6 <= visibility
    source = templates["delivery"].resources["FanOutSource"]["Properties"]
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["EventSourceArn"] == {"Ref": "FanOutQueueArn"}


def test_work_of_queues_leaves_the_concurrency_to_requests(templates: dict[str, Template]) -> None:
    """Each queue's function is bounded, all together to a tenth of what an account has: none is reserved."""
    bounds = []
    for template in templates.values():
        for source in template.of_type("AWS::Lambda::EventSourceMapping").values():
            bound = source["Properties"]["ScalingConfig"]["MaximumConcurrency"]
            bounds.append(template.parameters[bound["Ref"]]["Default"] if isinstance(bound, dict) else bound)
        for function in template.of_type("AWS::Lambda::Function").values():
            assert "ReservedConcurrentExecutions" not in function["Properties"]
    assert len(bounds) >= 5
    assert sum(bounds) <= 100


def test_tables_are_replicated_to_the_regions_that_are_named(templates: dict[str, Template]) -> None:
    """Each is a global table, of this region alone until others are named, and made by one stack."""
    for table in _tables(templates).values():
        assert table["Condition"] == "HasOwnTables"
        assert table["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
        regions = [replica["Region"]["Ref"] for replica in replicas(table)]
        assert regions == ["AWS::Region", "FirstReplicaRegion", "SecondReplicaRegion"]
        conditions = [each["Fn::If"][0] for each in table["Properties"]["Replicas"][1:]]
        assert conditions == ["HasFirstReplica", "HasSecondReplica"]


def test_tables_of_another_regions_stack_are_named_as_that_stack_names_them(
    templates: dict[str, Template],
) -> None:
    """A replica has the table's name: here it is only made where no other stack has."""
    data = templates["data"]
    for name, table in _tables(templates).items():
        own, other = table["Properties"]["TableName"]["Fn::Sub"], data.outputs[f"{name}Table"]["Value"]
        there = own.replace("${NamePrefix}", "${ExistingTables}")
        assert other == {"Fn::If": ["HasOwnTables", {"Ref": name}, {"Fn::Sub": there}]}
