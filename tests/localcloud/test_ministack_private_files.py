"""Private files: keys and signed URLs of CloudFront, conditional copies in S3, buckets that ask for TLS.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from localcloud.distributions import Distributions
from localcloud.interfaces import Request
from tests.localcloud.test_ministack_authorization import HOST, make_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.localcloud.in_process_aws import InProcessAws, Template

KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
CONTENT = b"the eagle lands at noon"


def public_pem(key: rsa.RSAPrivateKey = KEY) -> str:
    """The public half as CloudFront takes it."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form).decode()


def keys(name: str, pem: str = "", comment: str = "") -> Template:
    """A public key and a group of it."""
    config = {"Name": name, "CallerReference": name, "EncodedKey": pem or public_pem(), "Comment": comment}
    group = {"Name": name, "Items": [{"Ref": "Key"}]}
    return {
        "Key": {"Type": "AWS::CloudFront::PublicKey", "Properties": {"PublicKeyConfig": config}},
        "Group": {"Type": "AWS::CloudFront::KeyGroup", "Properties": {"KeyGroupConfig": group}},
    }


def template(resources: Template, **outputs: Any) -> Template:
    """A template with outputs of what its resources are known by."""
    return {"Resources": resources, "Outputs": {name: {"Value": value} for name, value in outputs.items()}}


async def put(
    aws: InProcessAws, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None
) -> int:
    """PUT to S3 as the account's root; the status."""
    raw = tuple((name.encode(), value.encode()) for name, value in (headers or {}).items())
    response = await aws.control_plane.call("s3", Request("PUT", path, path.encode(), b"", raw, body))
    return response.status


@dataclass(frozen=True)
class Site:
    """A distribution that wants signed URLs, with one file."""

    aws: InProcessAws
    domain: str
    key_id: str

    @classmethod
    async def deploy(cls, aws: InProcessAws, name: str) -> Site:
        """Deploy it."""
        assert await put(aws, f"/{name}") == 200
        assert await put(aws, f"/{name}/secret.txt", CONTENT) == 200
        behavior = {
            "TargetOriginId": "bucket",
            "ViewerProtocolPolicy": "https-only",
            "TrustedKeyGroups": [{"Ref": "Group"}],
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        }
        origin = {
            "Id": "bucket",
            "DomainName": f"{name}.s3.us-east-1.amazonaws.com",
            "OriginAccessControlId": {"Ref": "Access"},
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        config = {"Enabled": True, "Origins": [origin], "DefaultCacheBehavior": behavior}
        access = {"Name": name, "OriginAccessControlOriginType": "s3"}
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{name}/*",
        }
        policy = {"Bucket": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
        resources = {
            **keys(name),
            "Access": {
                "Type": "AWS::CloudFront::OriginAccessControl",
                "Properties": {"OriginAccessControlConfig": access},
            },
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
            "Site": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}},
        }
        outputs = {"Domain": {"Fn::GetAtt": ["Site", "DomainName"]}, "Key": {"Ref": "Key"}}
        assert await aws.deploy(name, template(resources, **outputs)) == "CREATE_COMPLETE"
        found = await aws.outputs(name)
        return cls(aws, found["Domain"], found["Key"])

    def url(self, path: str = "/secret.txt") -> str:
        """The file's address."""
        return f"https://{self.domain}{path}"

    def signed(
        self, seconds: float = 60, *, url: str = "", key: rsa.RSAPrivateKey = KEY, policy: str | None = None
    ) -> str:
        """The address, signed as AWS's SDK signs."""
        signer = CloudFrontSigner(
            self.key_id,
            lambda text: key.sign(text, padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303
        )
        until = None if policy else datetime.fromtimestamp(time.time() + seconds, UTC)
        link: str = signer.generate_presigned_url(url or self.url(), date_less_than=until, policy=policy)
        return link

    async def get(self, url: str) -> httpx.Response:
        """Open an address as a browser does."""
        transport = httpx.ASGITransport(Distributions(self.aws.control_plane, HOST))
        async with httpx.AsyncClient(transport=transport) as browser:
            return await browser.get(urlsplit(url)._replace(scheme="http").geturl())


@pytest.fixture
async def site(aws: InProcessAws, request: pytest.FixtureRequest) -> Site:
    """A distribution of this test's own."""
    return await Site.deploy(aws, f"signed-{abs(hash(request.node.name))}")


def policy(url: str, *, before: float, after: float = 0, address: str = "0.0.0.0/0") -> str:
    """A custom policy; times are in seconds from now."""
    now = int(time.time())
    condition = {
        "DateLessThan": {"AWS:EpochTime": int(now + before)},
        "DateGreaterThan": {"AWS:EpochTime": int(now + after)},
        "IpAddress": {"AWS:SourceIp": address},
    }
    return json.dumps({"Statement": [{"Resource": url, "Condition": condition}]})


async def test_signed_url_opens_its_file(site: Site) -> None:
    """As AWS's SDK signs it."""
    answer = await site.get(site.signed())
    assert (answer.status_code, answer.content) == (200, CONTENT)


async def test_signed_url_opens_its_file_at_each_form_of_the_address(site: Site) -> None:
    """By whichever it is opened, and signed for https, as on AWS, or for what is spoken here."""
    for scheme in ("https", "http"):
        link = urlsplit(site.signed(url=f"{scheme}://{site.domain}/secret.txt"))
        label = site.domain.rpartition("/")[2]
        by_host = link._replace(netloc=f"{label}.cloudfront.localhost:4566", path="/secret.txt")
        for address in (link, by_host):
            assert (await site.get(address.geturl())).content == CONTENT


async def test_url_that_is_not_signed_opens_nothing(site: Site) -> None:
    """CloudFront's own words."""
    answer = await site.get(site.url())
    assert answer.status_code == 403
    assert "<Code>MissingKey</Code>" in answer.text


async def test_signed_url_opens_nothing_once_it_has_expired(site: Site) -> None:
    """Its time is up."""
    answer = await site.get(site.signed(-1))
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("Expires", "4000000000"), ("Signature", "AAAA"), ("Signature", "*"), ("Key-Pair-Id", "KNOBODYS")],
)
async def test_signed_url_changed_in_any_part_opens_nothing(site: Site, name: str, value: str) -> None:
    """Nobody prolongs a link, and nobody makes one."""
    address = urlsplit(site.signed())
    changed = urlencode({**dict(parse_qsl(address.query)), name: value})
    assert (await site.get(address._replace(query=changed).geturl())).status_code == 403


async def test_signature_of_one_file_opens_no_other(site: Site) -> None:
    """The path is signed, and so is a query."""
    query = urlsplit(site.signed()).query
    for other in (site.url("/other.txt"), site.url() + "?versionId=1&"):
        link = f"{other}{'' if other.endswith('&') else '?'}{query}"
        assert (await site.get(link)).status_code == 403


async def test_signature_by_another_key_opens_nothing(site: Site) -> None:
    """Only a key of the behavior's groups."""
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    assert (await site.get(site.signed(key=stranger))).status_code == 403


async def test_custom_policy_opens_what_it_names(site: Site) -> None:
    """With wildcards, within its times, from its addresses."""
    everything = f"https://{site.domain}/*"
    opened = {
        "all": policy(everything, before=60),
        "one": policy(site.url(), before=60, address="127.0.0.0/8"),
    }
    for text in opened.values():
        assert (await site.get(site.signed(policy=text))).status_code == 200
    refused = {
        "elsewhere": policy(f"https://{site.domain}/other/*", before=60),
        "late": policy(everything, before=-1),
        "early": policy(everything, before=60, after=30),
        "from elsewhere": policy(everything, before=60, address="192.0.2.0/24"),
        "nonsense": "{}",
    }
    for text in refused.values():
        assert (await site.get(site.signed(policy=text))).status_code == 403


async def test_signed_url_unfixed_is_not_needed(site: Site) -> None:
    """MiniStack alone opens the file to everybody."""
    from localcloud.ministack.fixes import cloudfront_signed_urls  # noqa: PLC0415 - after it is configured

    with cloudfront_signed_urls.FIX.undone():
        assert (await site.get(site.url())).content == CONTENT


async def test_public_key_and_group_are_made_changed_and_removed(aws: InProcessAws) -> None:
    """A comment changes in place, another key is another, and both go with the stack."""
    outputs = {"Key": {"Ref": "Key"}, "Group": {"Ref": "Group"}}

    async def deploy(resources: Template) -> dict[str, str]:
        assert (await aws.deploy("keys", template(resources, **outputs))).endswith("_COMPLETE")
        return await aws.outputs("keys")

    made = await deploy(keys("keys"))
    assert await deploy(keys("keys", comment="changed")) == made
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    replaced = keys("keys", public_pem(other))
    replaced["Key"]["Properties"]["PublicKeyConfig"] |= {"Name": "keys-2", "CallerReference": "keys-2"}
    found = await deploy(replaced)
    assert found["Group"] == made["Group"]
    assert found["Key"] != made["Key"]
    await aws.delete("keys")
    assert "ROLLBACK" not in await aws.deploy("keys-again", template(keys("keys")))


@pytest.mark.parametrize("bits", [1_024, 4_096])
async def test_public_key_of_another_length_is_refused(aws: InProcessAws, bits: int) -> None:
    """CloudFront takes RSA keys of 2,048 bits alone."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=bits)
    resources = keys(f"bits-{bits}", public_pem(key))
    assert await aws.deploy(f"bits-{bits}", template(resources)) == "ROLLBACK_COMPLETE"


async def test_public_key_that_is_none_is_refused(aws: InProcessAws) -> None:
    """Not PEM."""
    assert await aws.deploy("no-key", template(keys("no-key", "no key"))) == "ROLLBACK_COMPLETE"


async def test_public_key_unfixed_fails_the_stack(aws: InProcessAws) -> None:
    """MiniStack alone knows neither type."""
    from localcloud.ministack.fixes import cloudfront_key_resources  # noqa: PLC0415

    with cloudfront_key_resources.FIX.undone():
        assert await aws.deploy("keys-unfixed", template(keys("keys-unfixed"))) != "CREATE_COMPLETE"


async def copy_over(aws: InProcessAws, bucket: str) -> int:
    """Copy an object to a key that another has, on the condition that none has; the status."""
    assert await put(aws, f"/{bucket}") == 200
    for key in ("source", "target"):
        assert await put(aws, f"/{bucket}/{key}", key.encode()) == 200
    condition = {"if-none-match": "*", "x-amz-copy-source": f"/{bucket}/source"}
    assert await put(aws, f"/{bucket}/free", headers=condition) == 200
    return await put(aws, f"/{bucket}/target", headers=condition)


async def test_copy_to_a_key_that_must_be_free_and_is_not_is_refused(aws: InProcessAws) -> None:
    """412, as by PutObject."""
    assert await copy_over(aws, "copies") == 412


async def test_copy_to_a_key_that_must_be_free_unfixed_overwrites(aws: InProcessAws) -> None:
    """MiniStack alone copies."""
    from localcloud.ministack.fixes import object_copy_conditions  # noqa: PLC0415

    with object_copy_conditions.FIX.undone():
        assert await copy_over(aws, "copies-unfixed") == 200


async def put_where_tls_is_wanted(aws: InProcessAws, bucket: str) -> int:
    """Put an object, as a user who may, into a bucket whose policy refuses what comes in the clear."""
    assert await put(aws, f"/{bucket}") == 200
    wanted = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Bucket": bucket, "PolicyDocument": {"Version": "2012-10-17", "Statement": [wanted]}}
    resources = {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy}}
    assert await aws.deploy(bucket, {"Resources": resources}) == "CREATE_COMPLETE"
    writer = await make_user(aws, bucket, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    url = f"http://{HOST}/{bucket}/key"
    request = AWSRequest("PUT", url, data=CONTENT)
    S3SigV4Auth(writer, "s3", "us-east-1").add_auth(request)
    transport = httpx.ASGITransport(aws.control_plane)
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.put(url, content=CONTENT, headers=dict(request.headers.items()))
    return answer.status_code


async def test_bucket_that_asks_for_tls_takes_what_comes_over_loopback(aws: InProcessAws) -> None:
    """The policy is every guide's, and there is no TLS to speak here."""
    assert await put_where_tls_is_wanted(aws, "over-tls") == 200


async def test_bucket_that_asks_for_tls_unfixed_takes_nothing(aws: InProcessAws) -> None:
    """MiniStack alone lets nobody in."""
    from localcloud.ministack.fixes import secure_transport  # noqa: PLC0415

    with secure_transport.FIX.undone():
        assert await put_where_tls_is_wanted(aws, "over-tls-unfixed") == 403
