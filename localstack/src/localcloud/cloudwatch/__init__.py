"""What reaches CloudWatch: the metrics that services publish, and those that functions embed in logs."""

from localcloud.cloudwatch.exporter import MetricsExporter

__all__ = ["MetricsExporter"]
