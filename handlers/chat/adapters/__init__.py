"""The ports served on AWS: a DynamoDB table a file, and API Gateway's @connections."""
