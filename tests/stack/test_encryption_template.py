"""The customer managed key: what it encrypts where the parameter asks for it, and who may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stack.template import Template

NOTHING = {"Ref": "AWS::NoValue"}
KEY = {"Ref": "KeyArn"}


def test_key_is_made_only_where_the_parameter_asks_for_it(templates: dict[str, Template]) -> None:
    """Else keys of AWS encrypt."""
    root = templates["root"]
    assert root.parameters["EncryptionKey"]["Default"] == "aws"
    assert root.sections["Conditions"]["HasKey"] == {"Fn::Equals": [{"Ref": "EncryptionKey"}, "customer"]}
    assert root.resources["Encryption"]["Condition"] == "HasKey"
    for nested in ("Data", "Federation"):
        given = root.resources[nested]["Properties"]["Parameters"]["KeyArn"]
        assert given == {"Fn::If": ["HasKey", {"Fn::GetAtt": ["Encryption", "Outputs.KeyArn"]}, ""]}


def test_key_of_one_region_is_refused_with_replicas(templates: dict[str, Template]) -> None:
    """Before anything is made."""
    rule = templates["root"].sections["Rules"]["KeyIsOfOneRegion"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "EncryptionKey"}, "customer"]}
    assert [each["Assert"] for each in rule["Assertions"]] == [
        {"Fn::Equals": [{"Ref": "ReplicaRegions"}, ""]}
    ]


def test_key_encrypts_every_table_queue_and_file(templates: dict[str, Template]) -> None:
    """With it; without it each has what it had."""
    data = templates["data"]
    tables = data.of_type("AWS::DynamoDB::GlobalTable").values()
    for table in tables:
        assert table["Properties"]["SSESpecification"]["SSEType"] == {"Fn::If": ["HasKey", "KMS", NOTHING]}
        own = table["Properties"]["Replicas"][0]["SSESpecification"]
        assert own == {"Fn::If": ["HasKey", {"KMSMasterKeyId": KEY}, NOTHING]}
    queues = data.of_type("AWS::SQS::Queue").values()
    for queue in queues:
        assert queue["Properties"]["KmsMasterKeyId"] == {"Fn::If": ["HasKey", KEY, NOTHING]}
        assert queue["Properties"]["SqsManagedSseEnabled"] == {"Fn::If": ["HasKey", NOTHING, True]}
    assert tables
    assert queues
    bucket = data.resources["MediaBucket"]["Properties"]
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    with_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    chosen = {"Fn::If": ["HasKey", with_key, {"SSEAlgorithm": "AES256"}]}
    assert encryption["ServerSideEncryptionByDefault"] == chosen


def test_key_encrypts_sessions_of_browsers(templates: dict[str, Template]) -> None:
    """Whose items hold refresh tokens."""
    (sessions,) = templates["federation"].of_type("AWS::DynamoDB::Table").values()
    encryption = sessions["Properties"]["SSESpecification"]
    assert encryption["KMSMasterKeyId"] == {"Fn::If": ["HasKey", KEY, NOTHING]}
    assert encryption["SSEType"] == {"Fn::If": ["HasKey", "KMS", NOTHING]}


def test_key_is_used_through_services_by_who_may_use_them(templates: dict[str, Template]) -> None:
    """Nobody of another account, and nobody by KMS itself, but who administers the account."""
    key = templates["encryption"].resources["Key"]
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == {"Fn::If": ["IsProduction", "Retain", "Delete"]}
    administers, services, downloads = key["Properties"]["KeyPolicy"]["Statement"]
    assert administers["Principal"]["AWS"]["Fn::Sub"].endswith(":root")
    condition = services["Condition"]["StringEquals"]
    assert condition["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
    through = [each["Fn::Sub"].partition(".")[0] for each in condition["kms:ViaService"]]
    assert through == ["dynamodb", "s3", "sqs"]
    assert not {"kms:*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"} & set(services["Action"])
    assert (downloads["Principal"], downloads["Action"]) == (
        {"Service": "cloudfront.amazonaws.com"},
        "kms:Decrypt",
    )
    assert "distribution/*" in downloads["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]
