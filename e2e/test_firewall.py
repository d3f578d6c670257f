"""The firewall: addresses, rates and bodies that the site's web ACL blocks, and who is let through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.support.deadlines import PATIENCE
from e2e.support.partial_stacks import PartialStack, described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_s3 import S3Client

    from e2e.support.account import Account

pytestmark = pytest.mark.embedded_only("a distribution takes CloudFront minutes, and AWS WAF estimates rates")

NAME = "parley-e2e-firewall"
FEW, MANY = 10, 1_000
"""Requests that an address may make: the least that AWS WAF takes, and more than any test makes."""
PAGE = b"<!doctype html><title>Parley</title>"
HERE = "127.0.0.1/32"


@dataclass(frozen=True)
class GuardedSite:
    """The stack's web site once more, behind a web ACL of its own."""

    account: Account

    def deploy(self) -> None:
        """Make the web ACL, and the site with its page."""
        web_acl = self.set_rules()
        standing = described(self.account, self.account.resources["AWS::CloudFormation::Stack", "Web"])
        values = {each["ParameterKey"]: each["ParameterValue"] for each in standing["Parameters"]}
        self._site.put({**values, "NamePrefix": NAME, "WebAclArn": web_acl})
        self._files.put_object(Bucket=self._bucket, Key="index.html", Body=PAGE)

    def set_rules(self, blocked: str = "", limit: int = MANY) -> str:
        """Have the web ACL keep these addresses out, and those that make more requests; its ARN."""
        values = {"RequestLimit": str(limit), "BlockedAddresses": blocked, "LogRetentionDays": "1"}
        return self._web_acl.put({"NamePrefix": NAME, **values})["WebAclArn"]

    def get(self, path: str = "/", body: bytes = b"") -> httpx.Response:
        """Visit the site by plain HTTP, as nothing here speaks TLS."""
        url = self._site.outputs["WebUrl"].replace("https://", "http://")
        return httpx.request("GET", f"{url}{path}", content=body, timeout=PATIENCE, trust_env=False)

    def delete(self) -> None:
        """Leave nothing behind."""
        versions = self._files.list_object_versions(Bucket=self._bucket)["Versions"]
        for each in versions:
            self._files.delete_object(Bucket=self._bucket, Key=each["Key"], VersionId=each["VersionId"])
        self._site.delete()
        self._web_acl.delete()

    def log(self) -> list[str]:
        """What the web ACL has logged."""
        events = self.account.logs.filter_log_events(logGroupName=f"aws-waf-logs-{NAME}")["events"]
        return [event["message"] for event in events]

    @property
    def _site(self) -> PartialStack:
        return PartialStack(self.account, NAME, "web.yaml")

    @property
    def _web_acl(self) -> PartialStack:
        return PartialStack(self.account, f"{NAME}-acl", "webacl.yaml")

    @property
    def _files(self) -> S3Client:
        target = self.account.target
        return target.session().client("s3", endpoint_url=target.endpoint_url)

    @property
    def _bucket(self) -> str:
        return self._site.outputs["BucketName"]


@pytest.fixture(scope="module")
def site(account: Account) -> Iterator[GuardedSite]:
    """Deploy the guarded site; it is gone afterwards."""
    site = GuardedSite(account)
    site.deploy()
    yield site
    site.delete()


def test_visitor_is_let_through_to_every_path(site: GuardedSite) -> None:
    """The firewall is in nobody's way: each path is the one page, and none of it is logged."""
    answers = [site.get(path) for path in ("/", "/index.html", "/chats/some-chat")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, PAGE)] * 3
    assert not any('"uri":"/chats/some-chat"' in line for line in site.log())


def test_long_body_is_blocked(site: GuardedSite) -> None:
    """The answer is CloudFront's 403, and not the page that the site has for every path."""
    answer = site.get("/long?Secret", body=b"x" * 8_193)
    assert answer.status_code == 403
    assert "Request blocked" in answer.text
    (line,) = [line for line in site.log() if '"uri":"/long"' in line]
    assert '"terminatingRuleId":"body-limit"' in line
    assert "Secret" not in line


def test_address_with_too_many_requests_is_blocked(site: GuardedSite) -> None:
    """As many as the parameter says are let through within five minutes, and no more."""
    site.set_rules(limit=FEW)
    assert [site.get().status_code for _ in range(FEW + 2)] == [200] * FEW + [403] * 2


def test_listed_address_is_blocked_until_it_is_taken_off(site: GuardedSite) -> None:
    """By the parameter; others are let through."""
    site.set_rules(blocked=HERE)
    assert site.get().status_code == 403
    site.set_rules(blocked="192.0.2.0/24")
    assert site.get().status_code == 200
