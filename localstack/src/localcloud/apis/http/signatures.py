"""AWS_IAM routes: signed requests, and IAM's word on who may invoke what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localcloud.apis.http.arns import request_arn
from localcloud.apis.http.context import Authorized, Refusal

if TYPE_CHECKING:
    from localcloud.apis.http.context import RequestContext
    from localcloud.interfaces import ControlPlane

ACTION = "execute-api:Invoke"

_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")


def authorize_signed(context: RequestContext, control_plane: ControlPlane) -> Authorized:
    """Whose request it is.

    Raises:
        Refusal: 403 where the signature is missing or wrong, or IAM does not allow the caller to invoke.
    """
    resource = request_arn(context)
    if denied := control_plane.authorize(context.request, "execute-api", ACTION, resource):
        raise Refusal(403, "Forbidden", reason=denied.message)
    found = _ACCESS_KEY.search(context.request.header("authorization"))
    access_key = found[1] if found else ""
    caller = control_plane.caller(access_key)
    if caller is None:
        raise Refusal(403, "Forbidden", reason="nobody signs with that access key")
    facts = {
        "accessKey": access_key,
        "accountId": caller.account_id,
        "callerId": caller.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": caller.arn,
        "userId": caller.user_id,
    }
    return Authorized("iam", facts)
