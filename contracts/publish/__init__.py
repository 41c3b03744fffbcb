"""Contracts told in the formats that other tools read."""
