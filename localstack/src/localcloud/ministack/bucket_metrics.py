"""S3's storage metrics: how much a bucket holds, one value a day.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ministack.core.responses import request_scope
from ministack.services import s3

from localcloud.cloudwatch.metrics import DataPoint, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMESPACE = "AWS/S3"
_DAY = 86_400


class BucketMetrics:
    """Measures the buckets of one account and region."""

    def __init__(self, account_id: str, region: str) -> None:
        """Measure nothing yet."""
        self._account_id = account_id
        self._region = region

    def measure(self, now: float) -> list[DataPoint]:
        """The metrics of the day (UTC), as they are now: each takes the place of what the day had before.

        S3 measures once a day and tells a day later; nobody waits for that here. It has metrics of
        requests only for buckets that are configured for them, so there are none.
        """
        day = int(now) // _DAY * _DAY
        with request_scope(self._account_id, self._region):
            names = [name for name, bucket in list(s3._buckets.items()) if bucket["region"] == self._region]  # noqa: SLF001
            sizes, numbers = _held()
        points = []
        for name in names:
            of_bucket = ("BucketName", name)
            size = Metric(
                _NAMESPACE, "BucketSizeBytes", (of_bucket, ("StorageType", "StandardStorage")), "Bytes"
            )
            number = Metric(
                _NAMESPACE, "NumberOfObjects", (of_bucket, ("StorageType", "AllStorageTypes")), "Count"
            )
            points += [DataPoint(size, day, {sizes[name]: 1}), DataPoint(number, day, {numbers[name]: 1})]
        return points


def _held() -> tuple[Counter[str], Counter[str]]:
    """Bytes and objects by bucket; each version is an object, as S3 counts and charges it."""
    sizes: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for bucket, size in _objects():
        sizes[bucket] += size
        numbers[bucket] += 1
    return sizes, numbers


def _objects() -> Iterator[tuple[str, int]]:
    """The bucket and the size of every version of every object; a delete marker has none."""
    versions = dict(list(s3._object_versions.items()))  # noqa: SLF001
    for (bucket, _key), kept in versions.items():
        for version in list(kept):
            yield bucket, int(version.get("size", 0))
    for name, bucket in list(s3._buckets.items()):  # noqa: SLF001
        for key, record in list(bucket["objects"].items()):
            if (name, key) not in versions:
                yield name, int(record["size"])
