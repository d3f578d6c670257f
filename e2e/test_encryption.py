"""A customer managed key: what the stack keeps is encrypted by it where a parameter asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.partial_stacks import PartialStack

if TYPE_CHECKING:
    from e2e.support.account import Account

NAME = "parley-e2e-encryption"


@pytest.mark.embedded_only("on AWS a key is charged for, and is deleted a week later at the earliest")
def test_key_encrypts_what_is_made_with_it(account: Account) -> None:
    """Each service says so of what it keeps."""
    key, data, firewall = (
        PartialStack(account, f"{NAME}-{part}", f"{part}.yaml") for part in ("encryption", "data", "webacl")
    )
    own = {"NamePrefix": NAME, "Environment": "dev"}
    arn = key.put(own)["KeyArn"]
    none = {"ExistingTables": "", "FirstReplicaRegion": "", "SecondReplicaRegion": ""}
    bounds = {f"{end}{kind}Capacity": "5" for end in ("Min", "Max") for kind in ("Read", "Write")}
    made = data.put({**own, **none, **bounds, "TableCapacity": "on-demand", "KeyArn": arn})
    table = account.dynamodb.describe_table(TableName=made["MessagesTable"])["Table"]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == arn
    asked = account.queues.get_queue_attributes(
        QueueUrl=made["FanOutQueueUrl"], AttributeNames=["KmsMasterKeyId"]
    )
    assert asked["Attributes"] == {"KmsMasterKeyId": arn}
    target = account.target
    s3 = target.session().client("s3", endpoint_url=target.endpoint_url)
    (rule,) = s3.get_bucket_encryption(Bucket=made["MediaBucket"])["ServerSideEncryptionConfiguration"][
        "Rules"
    ]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    firewall.put({"NamePrefix": NAME, "RequestLimit": "100", "LogRetentionDays": "1", "KeyArn": arn})
    (group,) = account.logs.describe_log_groups(logGroupNamePrefix=f"aws-waf-logs-{NAME}")["logGroups"]
    assert group["kmsKeyId"] == arn
    for each in (firewall, data, key):
        each.delete()
