"""AWS CodeDeploy for Lambda, a service that MiniStack lacks: its API, its deployments, its resources."""
