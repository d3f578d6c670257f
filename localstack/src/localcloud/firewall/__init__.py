"""AWS WAF: web ACLs and what they say to a request. No I/O; what is in front of what is elsewhere."""
