"""Subscriptions that systems make for themselves: kept on the log, and pushed to as webhooks."""
