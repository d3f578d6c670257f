"""The calls that the capacity model reckons with are those that are counted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.handlers.support.measured_calls import Counter

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley

DATA = Path(__file__).parents[2] / "loadtest" / "capacity" / "data" / "measured_calls.json"
WRITE = "PARLEY_WRITE_MEASURED_CALLS"


def test_measured_calls_of_the_capacity_model_are_what_the_service_asks_for(
    parley: Parley, dynamodb: DynamoDBClient
) -> None:
    """Every request, item and byte; PARLEY_WRITE_MEASURED_CALLS=1 writes the file anew."""
    counted = Counter(parley, dynamodb).run()
    if os.environ.get(WRITE):
        DATA.write_text(json.dumps(counted, indent=1) + "\n")
    assert counted == json.loads(DATA.read_text()), f"set {WRITE}=1 and run this test to write the file anew"
