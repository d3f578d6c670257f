"""What AWS's throttles and Lambda's growth do to bursts and reconnect storms, simulated event by event."""
