"""Avro schemas: parsed by two parsers, walked by everything else."""

from __future__ import annotations
