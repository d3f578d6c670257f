"""CloudWatch's alarms: evaluated once a minute, by the rules of AWS, on a clock that may be moved ahead."""

from localcloud.cloudwatch.alarms.evaluator import AlarmEvaluator

__all__ = ["AlarmEvaluator"]
