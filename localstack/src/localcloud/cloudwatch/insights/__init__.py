"""CloudWatch Logs Insights: queries of logs, and the fields that it discovers in them."""
