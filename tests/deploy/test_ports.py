"""Ports for what is started on this machine."""

from __future__ import annotations

from pathlib import Path

from deploy.ports import free_ports, is_free


def test_free_ports_are_different_and_none_is_one_that_outgoing_connections_are_given() -> None:
    ports = free_ports(200)
    assert len(set(ports)) == 200
    assert all(is_free(port) for port in ports)
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(given.read_text("ascii").split()[0]) if given.exists() else 49_152
    assert max(ports) < first
