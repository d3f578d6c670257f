"""The customer managed key: what it encrypts where the parameter asks for it, and who may use it."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stack.rendered import Render
    from tests.stack.template import Template


def test_key_is_made_only_where_the_parameter_asks_for_it(render: Render) -> None:
    """Else keys of AWS encrypt, and one for the alarms, which AWS's own let nobody publish."""
    assert set(render().of_type("AWS::KMS::Key")) == {"Topic.TopicKey"}
    assert set(render(EncryptionKey="customer").of_type("AWS::KMS::Key")) == {"Encryption.Key"}


def test_key_encrypts_all_that_the_stack_keeps(render: Render) -> None:
    """Each table, queue, bucket, log, secret and topic, with everything turned on; without it none."""
    everything = {
        "SignInDomain": "parley-test",
        "WebPush": "enabled",
        "Canary": "scheduled",
        "Firewall": "enabled",
    }
    for chosen, arn in (("customer", "<Encryption.Key.Arn>"), ("aws", None)):
        stack = render(EncryptionKey=chosen, **everything)
        tables = stack.of_type("AWS::DynamoDB::GlobalTable").values()
        found = [table["Replicas"][0].get("SSESpecification", {}).get("KMSMasterKeyId") for table in tables]
        tables = stack.of_type("AWS::DynamoDB::Table").values()
        found += [table["SSESpecification"].get("KMSMasterKeyId") for table in tables]
        found += [queue.get("KmsMasterKeyId") for queue in stack.of_type("AWS::SQS::Queue").values()]
        for bucket in stack.of_type("AWS::S3::Bucket").values():
            (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            found.append(rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID"))
        for kind in ("AWS::Logs::LogGroup", "AWS::SecretsManager::Secret"):
            assert stack.of_type(kind), kind
            found += [each.get("KmsKeyId") for each in stack.of_type(kind).values()]
        parameters = stack.properties("Push.PushKey")["Environment"]["Variables"]["PARAMETER_KEY"]
        found.append(parameters or None)
        assert set(found) == {arn}
        topic = stack.properties("Topic.Topic")["KmsMasterKeyId"]
        assert topic == (arn or "<Topic.TopicKey.Arn>")


def test_nothing_that_may_hold_a_key_is_without_one(templates: dict[str, Template]) -> None:
    """A resource that is added comes to the test above by its type; these are the types that take a key."""
    keyed = {"KmsKeyId", "KmsMasterKeyId", "KMSMasterKeyId", "KmsKeyArn", "KMSMasterKeyID"}
    kinds = {
        resource["Type"]
        for template in templates.values()
        for resource in template.resources.values()
        if keyed & set(re.findall(r"\w+", str(resource.get("Properties", ""))))
    }
    assert kinds == {
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
    }


def test_key_of_one_region_is_refused_with_replicas(templates: dict[str, Template]) -> None:
    """Before anything is made."""
    rule = templates["root"].sections["Rules"]["KeyIsOfOneRegion"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "EncryptionKey"}, "customer"]}
    assert [each["Assert"] for each in rule["Assertions"]] == [
        {"Fn::Equals": [{"Ref": "ReplicaRegions"}, ""]}
    ]


def test_key_is_used_through_services_by_who_may_use_them(templates: dict[str, Template]) -> None:
    """Nobody of another account, and nobody by KMS itself, but who administers the account."""
    key = templates["encryption"].resources["Key"]
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == {"Fn::If": ["IsProduction", "Retain", "Delete"]}
    administers, services, logs, alarms, downloads = key["Properties"]["KeyPolicy"]["Statement"]
    assert administers["Principal"]["AWS"]["Fn::Sub"].endswith(":root")
    condition = services["Condition"]["StringEquals"]
    assert condition["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
    through = [each["Fn::Sub"].partition(".")[0] for each in condition["kms:ViaService"]]
    assert through == ["dynamodb", "s3", "secretsmanager", "sqs", "ssm"]
    assert not {"kms:*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"} & set(services["Action"])
    assert (downloads["Principal"], downloads["Action"]) == (
        {"Service": "cloudfront.amazonaws.com"},
        "kms:Decrypt",
    )
    assert "distribution/*" in downloads["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]
    assert logs["Principal"]["Service"]["Fn::Sub"].startswith("logs.${AWS::Region}.")
    groups = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert all("${AWS::AccountId}:log-group:" in group["Fn::Sub"] for group in groups)
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_key_lets_every_log_be_written(render: Render) -> None:
    """CloudWatch is let encrypt for the groups by their names; another name would fail the deployment."""
    stack = render(
        EncryptionKey="customer", SignInDomain="parley-test", Canary="scheduled", Firewall="enabled"
    )
    statements = stack.properties("Encryption.Key")["KeyPolicy"]["Statement"]
    (logs,) = [each for each in statements if each["Sid"] == "LogsAreWritten"]
    allowed = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    for name, group in stack.of_type("AWS::Logs::LogGroup").items():
        arn = f"arn:aws:logs:us-east-1:111122223333:log-group:{group['LogGroupName']}"
        assert any(fnmatchcase(arn, pattern) for pattern in allowed), name
