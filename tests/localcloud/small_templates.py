"""Templates of a resource or two, for tests of what CloudFormation makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import Json, Template

TABLE = "AWS::DynamoDB::Table"


def stack_of(**resources: Template) -> Template:
    """A template of resources and nothing else."""
    return {"Resources": resources}


def table(name: str, **settings: Json) -> Template:
    """A table with a string key."""
    key = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    }
    return {"Type": TABLE, "Properties": {**key, **settings}}
