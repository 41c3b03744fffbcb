"""A workspace: the folder that a bus is configured by. Read with line and column, checked, and frozen."""
