"""The commands for a stack that others depend on: deploy, publish, drift, restore, destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import change_sets, commands, frontend, targets
from harness.confirm import Confirmation
from harness.deploy import Deployment, artifacts_bucket, bucket_url, ensure_bucket
from harness.destroy import Destruction
from harness.drift import detect_drift
from harness.errors import HarnessError
from harness.outputs import read_outputs
from harness.package import package
from harness.parameters import parameters_file, read_parameters
from harness.publish import publish
from harness.resources import resources
from harness.restore import restore
from harness.traffic_shifts import TrafficShifts
from harness.watch import rollback_configuration

if TYPE_CHECKING:
    import argparse

    from types_boto3_cloudformation import CloudFormationClient

    from harness.change_sets import Patience
    from harness.progress import Progress
    from harness.targets import Target

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name


def _deploy(parsed: argparse.Namespace, progress: Progress) -> None:
    target, stack_name = _target(parsed), _stack_name(parsed)
    parameters = read_parameters(parameters_file(parsed.env))
    confirmation = Confirmation(parsed.yes)
    confirmation.require_possible()
    if target.endpoint_url:
        progress.say(f"The commands below go to {target.endpoint_url}: AWS_ENDPOINT_URL says so to `aws`.")
    run = commands.command_line(target, progress.say)
    cloudformation = _cloudformation(target)
    cloudwatch = target.session().client("cloudwatch", endpoint_url=target.endpoint_url)
    watched = parsed.watch and rollback_configuration(cloudformation, cloudwatch, stack_name, parsed.watch)
    if parsed.watch and not watched:
        progress.say(f"Nothing is watched: the stack {stack_name} has no alarm yet.")
    deployment = Deployment(
        cloudformation,
        run,
        progress.say,
        confirmation,
        _patience(target),
        parsed.accept_loss,
        parsed.role_arn,
        watched or "",
        TrafficShifts(
            target.session().client("codedeploy", endpoint_url=target.endpoint_url), stack_name, progress.say
        ).show
        if parameters["TrafficShift"] != "AllAtOnce"
        else lambda: None,
    )
    with progress.step("Packaging the functions"):
        bundle = package(target.platform)
    if bundle.lacking:
        progress.say(bundle.lacking)
    bucket = parsed.bucket or artifacts_bucket(target)
    ensure_bucket(target, bucket, run)
    changed = deployment.deploy(bundle, stack_name, parameters, bucket, bucket_url(target, bucket))
    progress.say(f"The stack {stack_name} is deployed." if changed else "Nothing has changed.")
    if parsed.site:
        _publish_site(target, stack_name, progress)


def _publish(parsed: argparse.Namespace, progress: Progress) -> None:
    _publish_site(_target(parsed), parsed.stack, progress)


def _publish_site(target: Target, stack_name: str, progress: Progress) -> None:
    with progress.step("Building the web client"):
        site = frontend.build()
    with progress.step("Publishing the web site"):
        publish(target, stack_name, site)
    progress.say(f"The web client is at {read_outputs(target, stack_name).web_url}")


def _drift(parsed: argparse.Namespace, progress: Progress) -> int:
    target = _target(parsed)
    with progress.step("Comparing the stack with its templates"):
        drift = detect_drift(_cloudformation(target), _stack_name(parsed), _patience(target))
    progress.say(drift.report())
    return 1 if drift.differences else 0


def _restore(parsed: argparse.Namespace, progress: Progress) -> None:
    target, stack_name = _target(parsed), _stack_name(parsed)
    confirmation = Confirmation(parsed.yes)
    confirmation.require_possible()
    found = resources(_cloudformation(target), stack_name)
    table = next((found[kind, name] for kind, name in found if name == parsed.table and "Table" in kind), "")
    if not table:
        raise HarnessError(f"The stack {stack_name} has no table {parsed.table}.")
    what = "all items" if parsed.overwrite else "the items that it lacks"
    if not confirmation.agrees(f"Write {what} to {table} from {parsed.source}?"):
        raise HarnessError("Nothing was written.")
    dynamodb = target.session().client("dynamodb", endpoint_url=target.endpoint_url)
    with progress.step(f"Writing to {table}"):
        restored = restore(dynamodb, parsed.source, table, overwrite=parsed.overwrite)
    progress.say(f"{restored.written} of {restored.read} items were written.")


def _destroy(parsed: argparse.Namespace, progress: Progress) -> None:
    target = _target(parsed)
    confirmation = Confirmation(parsed.yes)
    confirmation.require_possible()
    s3 = target.session().client("s3", endpoint_url=target.endpoint_url)
    run = commands.command_line(target, progress.say)
    destruction = Destruction(_cloudformation(target), s3, run, progress.say, confirmation, _patience(target))
    destruction.destroy(_stack_name(parsed))
    progress.say(f"The uploads stay in the bucket {artifacts_bucket(target)}, which other stacks may share.")


def _target(parsed: argparse.Namespace) -> Target:
    return targets.target_named(parsed.target, endpoint_url=parsed.endpoint_url)


def _stack_name(parsed: argparse.Namespace) -> str:
    name: str = parsed.stack or f"{targets.DEFAULT_STACK}-{parsed.env}"
    return name


def _cloudformation(target: Target) -> CloudFormationClient:
    return target.session().client("cloudformation", endpoint_url=target.endpoint_url)


def _patience(target: Target) -> Patience:
    return change_sets.LOCAL if target.is_local else change_sets.AWS


def add_commands(subparsers: Subparsers) -> None:
    """Add the commands and their options."""
    deploy = subparsers.add_parser("deploy", help="deploy the stack: shows what would change, and asks")
    _add_stack(deploy)
    deploy.add_argument("--bucket", help="for the uploads (default: parley-artifacts-ACCOUNT-REGION)")
    deploy.add_argument(
        "--role-arn",
        default="",
        help="the role by which CloudFormation makes resources (default: as you are)",
    )
    deploy.add_argument(
        "--watch",
        type=int,
        default=0,
        metavar="MINUTES",
        help="have the stack's alarms take the deployment back, until so long after it (default: not)",
    )
    deploy.add_argument("--yes", action="store_true", help="do not ask: for automation")
    deploy.add_argument(
        "--accept-loss", action="store_true", help="with --yes: even where tables, buckets or users are lost"
    )
    deploy.add_argument(
        "--no-site", dest="site", action="store_false", help="leave the web client as it is published"
    )
    deploy.set_defaults(command=_deploy)
    drift = subparsers.add_parser("drift", help="tell what was changed behind CloudFormation's back")
    _add_stack(drift)
    drift.set_defaults(command=_drift)
    back = subparsers.add_parser(
        "restore", help="write back what a table lost, from a restored one beside it"
    )
    _add_stack(back)
    back.add_argument("--table", required=True, help="its logical id: Chats, Messages, Users or Reports")
    back.add_argument("--from", dest="source", required=True, metavar="NAME", help="the restored table")
    back.add_argument("--overwrite", action="store_true", help="write over what is there, too")
    back.add_argument("--yes", action="store_true", help="do not ask")
    back.set_defaults(command=_restore)
    destroy = subparsers.add_parser("destroy", help="delete the stack, and say what stays by design")
    _add_stack(destroy)
    destroy.add_argument("--yes", action="store_true", help="do not ask for the stack's name")
    destroy.set_defaults(command=_destroy)
    site = subparsers.add_parser("publish", help="build the web client and put it into a stack's bucket")
    _add_target(site, default="embedded")
    site.add_argument(
        "--stack", default=targets.DEFAULT_STACK, help="the stack's name (default: %(default)s)"
    )
    site.set_defaults(command=_publish)


def _add_stack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, help="which of stack/params/: dev, staging or prod")
    parser.add_argument("--stack", help="the stack's name (default: parley-ENV)")
    _add_target(parser, default="aws")


def _add_target(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument("--target", choices=targets.NAMES, default=default, help="default: %(default)s")
    parser.add_argument(
        "--endpoint-url", help="the target's address, where it is not http://127.0.0.1:4566 or AWS"
    )
