"""Where passkeys work: a browser binds them to a host name, and an IP address is none."""

from __future__ import annotations

from ipaddress import ip_address

from voiceline.dashboard.context import site


def passkeys_work() -> bool:
    """Tell whether browsers make passkeys for the address our pages are at."""
    here = site()
    secure = here.origin.startswith("https://") or here.host == "localhost"
    return secure and not _is_ip(here.host)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
