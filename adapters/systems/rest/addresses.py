"""Which addresses may be called. Whoever can write an address must not reach what lies behind the firewall with it."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from typing import Final

from aiohappyeyeballs import AddrInfoType

_NEAR: Final = re.compile(r"(.+\.)?localhost\.?", re.IGNORECASE)


class PrivateAddress(OSError):
    """A connection to an address that is not a public one was about to be made.

    Its text is always the same: so it stays itself where several addresses of one name fail together.
    """

    def __init__(self) -> None:
        super().__init__(errno.EACCES, "a private address")


def is_private(address: str) -> bool:
    """Whether an IP address is anything but a public unicast one: loopback, private, link-local, reserved …

    An IPv4 address inside an IPv6 one counts as itself. ValueError: no IP address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner and is_private(str(inner)):
            return True
        if ip.ipv4_mapped or ip.is_site_local:
            return ip.is_site_local
    return not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified


def is_private_host(host: str) -> bool:
    """Whether a host can be known to be private without asking DNS."""
    try:
        return is_private(host)
    except ValueError:
        return _NEAR.fullmatch(host) is not None


def public_socket(addr_info: AddrInfoType) -> socket.socket:
    """A socket for exactly this address, whether it was written or came from DNS. PrivateAddress."""
    family, kind, protocol, _, address = addr_info
    if is_private(str(address[0])):
        raise PrivateAddress
    return socket.socket(family=family, type=kind, proto=protocol)
