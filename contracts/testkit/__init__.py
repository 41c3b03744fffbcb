"""One suite for each port, and what the suites need. Ships with the product, for those who write adapters."""
