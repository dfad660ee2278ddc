"""E-mail addresses as people write them, read into one spelling; nobody asks if they exist."""

from __future__ import annotations

import re
import unicodedata

import idna

LONGEST = 254
"""RFC 5321: what a mail server takes as a path."""

LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
"""What stands before the @ without quotes; quoted ones and other letters are refused, because many
mail servers do not take them."""


def read_email(text: str) -> str | None:
    """Answer the address in lower case with its domain in ASCII, or None for what is none."""
    local, at, domain = unicodedata.normalize("NFKC", text).strip().lower().partition("@")
    if not at or len(local) > LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        return None
    ascii_domain = _read_domain(domain)
    if ascii_domain is None or len(local) + 1 + len(ascii_domain) > LONGEST:
        return None
    return f"{local}@{ascii_domain}"


def _read_domain(domain: str) -> str | None:
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
    labels = ascii_domain.split(".")
    usable = len(labels) > 1 and all(labels) and not labels[-1].isdigit()
    return ascii_domain if usable else None
