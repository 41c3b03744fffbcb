"""Other offices' lists."""
