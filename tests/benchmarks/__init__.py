"""`python -m tests.benchmarks`: how fast the bus is, as ratios against a bare spike run in the same minutes."""
