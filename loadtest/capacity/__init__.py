"""What the chat would cost on AWS, which of an account's quotas binds first, and what to change then."""
