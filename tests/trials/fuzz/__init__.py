"""Fuzzing for as long as one likes, guided by coverage: `python -m tests.trials.fuzz schemas -max_total_time=600`."""
