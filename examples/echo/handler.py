"""Says again what it is told."""


def echo(event, context):
    """Answer a message with itself."""
    print("told", event["body"])
    return {"statusCode": 200, "body": event["body"]}
