"""Believing a proxy about who asks, and only a proxy we trust."""

import ipaddress
from collections.abc import Iterable
from typing import Any


class ProxyGuard:
    """Forwarded headers count when they come from a trusted address, and are dropped otherwise."""

    HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")

    def __init__(self, direct: Any, behind_proxy: Any, trusted: Iterable[str]) -> None:
        self.direct = direct
        self.behind_proxy = behind_proxy
        self.networks = [ipaddress.ip_network(one, strict=False) for one in trusted]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if self.is_trusted(environ.get("REMOTE_ADDR", "")):
            return self.behind_proxy(environ, start_response)
        for header in self.HEADERS:
            environ.pop(header, None)
        return self.direct(environ, start_response)

    def is_trusted(self, address: str) -> bool:
        """Whether the peer is one of our proxies."""
        try:
            peer = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.networks)
