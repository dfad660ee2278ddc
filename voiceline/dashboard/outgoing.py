"""Requests to providers of sign-ins: short, small, never redirected, never into our own network.

The name is resolved once and the connection made to that very address, so that a name which answers
differently the second time leads nowhere else. Proxies of the environment are not used: they would
choose the address for us.
"""

from __future__ import annotations

import socket
import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NoConnectionError
from requests.exceptions import ContentDecodingError, InvalidURL
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3, 5, 10
LARGEST_ANSWER = 256 * 1024
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Tell whether the network address is one of the Internet's, however it is written."""
    known: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(known, IPv6Address):
        if known in NAT64:
            known = IPv4Address(int(known) & 0xFFFFFFFF)
        elif inner := known.ipv4_mapped or known.sixtofour:
            known = inner
    return known.is_global and not known.is_multicast


def public_addresses(host: str, port: int) -> list[str]:
    """Answer where a host is; OSError where it is nowhere, or not on the Internet alone."""
    found = [each[4][0] for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    addresses = [str(each) for each in found]
    if not all(is_public(each) for each in addresses):
        raise OSError("the name leads into a private network")
    return addresses


def limit(session: Session, *, loopback: bool) -> None:
    """Bind a session to what this module promises; `loopback`: to servers of development, too."""
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Bounded(loopback=loopback))


class _Bounded(HTTPAdapter):
    """One try, with an end to how long it takes and how much comes."""

    def __init__(self, *, loopback: bool) -> None:
        super().__init__(max_retries=0)
        if not loopback:
            self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        options |= {"stream": True, "timeout": (CONNECT_SECONDS, READ_SECONDS), "proxies": {}}
        until = time.monotonic() + WHOLE_SECONDS
        response = super().send(request, **options)
        if response.is_redirect:
            raise InvalidURL("a provider does not send us elsewhere")
        data = b""
        for chunk in response.iter_content(8192):
            data += chunk
            if len(data) > LARGEST_ANSWER:
                raise ContentDecodingError("the answer is too large")
            if time.monotonic() > until:
                raise NoConnectionError("the answer takes too long")
        response._content = data  # noqa: SLF001 - what requests itself does when it reads all
        return response


class _Public(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        try:
            addresses = public_addresses(self.host, self.port)
            return create_connection(
                (addresses[0], self.port), CONNECT_SECONDS, socket_options=self.socket_options
            )
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no answer") from error
        except OSError as error:
            raise NewConnectionError(self, "no connection") from error


class _PublicHttps(_Public, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Public


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHttps
