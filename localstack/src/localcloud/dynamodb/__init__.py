"""DynamoDB's data: dynoxide as a child process, its tables following the control plane's, IAM in front."""
