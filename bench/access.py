"""An IAM user of the bench's own, whose requests are verified and allowed as a function's are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bench.deployment import Deployment

_POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:*", "execute-api:ManageConnections", "sqs:SendMessage"],
            "Resource": "*",
        },
    ],
}


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What requests are signed with."""

    access_key_id: str
    secret_access_key: str


def access_key(deployment: Deployment) -> AccessKey:
    """A key of a new user who may do what the function that sends messages does."""
    iam = deployment.target.session().client("iam", endpoint_url=deployment.target.endpoint_url)
    name = f"bench-{len(iam.list_users()['Users'])}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="bench", PolicyDocument=json.dumps(_POLICY))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return AccessKey(key["AccessKeyId"], key["SecretAccessKey"])
