"""Connection settings written behind the `#` of a webhook's URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag

from .errors import DeliveryError

BAD_URL = 11100
POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})
# name -> (field, lowest, highest, divisor): milliseconds become seconds, counts stay.
NUMBERS: dict[str, tuple[str, int, int, int]] = {
    "ct": ("connect", 100, 10_000, 1000),
    "rt": ("read", 100, 15_000, 1000),
    "tt": ("total", 100, 15_000, 1000),
    "rc": ("retries", 0, 5, 1),
}
_USABLE = re.compile(r"https?://[^\s/?#@]+(?:[/?#][!-~]*)?")


@dataclass(frozen=True)
class Overrides:
    """How long to try, in seconds, and what to try again; the defaults are the carrier's."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retry_on(self, reason: str) -> bool:
        """Answer whether an attempt that ended with `reason` (4xx, 5xx, ct, rt) is repeated."""
        return reason in self.policy or "all" in self.policy


def split_overrides(url: str) -> tuple[str, Overrides]:
    """Answer the URL as it is sent and signed, and the settings that were behind its `#`.

    Raises DeliveryError 11100 on a URL or a setting that the carrier would not understand.
    """
    if not _USABLE.fullmatch(url):
        raise DeliveryError(BAD_URL, "not an absolute http(s) URL in plain ASCII", url=url)
    plain, fragment = urldefrag(url)
    fields: dict[str, Any] = {}
    for setting in filter(None, fragment.split("&")):
        name, _, value = setting.partition("=")
        fields.update(_read_setting(plain, name, value))
    return plain, Overrides(**fields)


def _read_setting(url: str, name: str, value: str) -> dict[str, Any]:
    if name in NUMBERS:
        field, lowest, highest, divisor = NUMBERS[name]
        if value.isdecimal() and lowest <= int(value) <= highest:
            return {field: int(value) / divisor if divisor > 1 else int(value)}
    elif name == "rp" and set(value.split(",")) <= POLICIES:
        return {"policy": frozenset(value.split(","))}
    elif name in {"sni", "e"}:  # TLS server name, edge: nothing to do on loopback
        return {}
    raise DeliveryError(
        BAD_URL, f"connection setting {name!r} is not one of the carrier's", url=url
    )
