"""IAM where there is no signed request: what roles may do, and which services may invoke a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import iam, lambda_svc

from localcloud.interfaces import Denied

if TYPE_CHECKING:
    from ministack.core.iam_evaluator import EvalContext, PrincipalInfo


class Roles:
    """What execution roles may do; implements :class:`localcloud.functions.roles.Roles`."""

    def __init__(self, account_id: str, region: str) -> None:
        """Answer for the functions of one account and region."""
        self._account_id = account_id
        self._region = region

    def may(self, function_name: str, action: str, resource: str) -> Denied | None:
        """Whether the function's role may do ``action`` on ``resource``; None is a yes.

        Raises:
            KeyError: there is no such function.
        """
        with request_scope(self._account_id, self._region):
            function = lambda_svc._functions.get(function_name)  # noqa: SLF001
            if function is None:
                raise KeyError(f"There is no function {function_name}: deploy it first.")
            access_key = lambda_runtime.execution_credentials(function["config"])["AWS_ACCESS_KEY_ID"]
            principal = iam_evaluator.resolve_principal(access_key, self._account_id)
            if isinstance(principal, iam_evaluator.AuthError):
                return Denied(principal.code, principal.message)
            return _denial(principal, action, resource)


def role_may(role_arn: str, action: str, resource: str) -> Denied | None:
    """Whether a role of the account may do something; None is a yes. Call it within the request scope."""
    name, account_id = role_arn.rpartition("/")[2], get_account_id()
    principal = iam_evaluator.PrincipalInfo(
        arn=role_arn,
        type="AssumedRole",
        account=account_id,
        policies=iam_evaluator._gather_role_policies(name, account_id),  # noqa: SLF001
        limits=iam_evaluator._permissions_boundary(iam._roles, name, account_id),  # noqa: SLF001
    )
    return _denial(principal, action, resource)


def _denial(principal: PrincipalInfo, action: str, resource: str) -> Denied | None:
    context = iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        principal_keys=principal.keys,
    )
    result = iam_evaluator.evaluate(context, principal.policies or [], *principal.limits)
    of_resource = iam_evaluator._resource_policy(action.partition(":")[0], resource)  # noqa: SLF001
    if of_resource is not None:
        result = iam_evaluator.combine_resource_policy(result, context, *of_resource, limits=principal.limits)
    if result.decision == "Allow":
        return None
    message = f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}"
    return Denied("AccessDeniedException", message)


def service_may_invoke(function: str, service: str, source_arn: str, source_account: str) -> bool:
    """Whether a function's own policy lets a service invoke it; call it within MiniStack's request scope.

    Args:
        function: the function's ARN.
        service: the service's principal, such as ``sns.amazonaws.com``.
        source_arn: what the service acts for: a topic, a rule, a bucket, a user pool.
        source_account: whose that is.
    """
    found = lambda_svc.function_policy_for_arn(function)
    if found is None:
        return False
    context: EvalContext = iam_evaluator.EvalContext(
        principal_arn="*",  # the service itself, as MiniStack's queues and topics put it
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function,
        region=get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": source_account},
    )
    decision = iam_evaluator.evaluate_resource_policy(found[0], context, service=service).decision
    return bool(decision == "Allow")
