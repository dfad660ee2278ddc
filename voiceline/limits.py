"""How often something may be tried: counted in the database, where a restart does not forget.

A window is fixed: it starts with the first try and ends `window` later, so across the edge of two
windows twice the allowance may pass. Wrong passwords and wrong references live well with that.
"""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from voiceline.models import Allowance

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

HASH_LENGTH = 40
"""Hex digits kept of the keyed hash: enough that no two people meet in one row."""

PREFIX = 64
"""Bits of an IPv6 address that are one customer's (RFC 6177, BCP 157): the rest costs nothing."""


def limit_key(what: str, whom: str, secret: str) -> str:
    """Name an allowance: what is limited and, so that no table lists people, a keyed hash of whom.

    `what` is at most 80 characters; `secret` is the installation's secret key.
    """
    message = f"{what}\0{whom}".encode(errors="surrogatepass")  # whatever somebody typed
    digest = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return f"{what}:{digest[:HASH_LENGTH]}"


def counted_address(address: str | None) -> str:
    """Answer by what a network address is counted: IPv6 by its /64, of which a home has all.

    What a proxy hands on that is no address is counted as it is.
    """
    try:
        known = ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(known, IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Network((int(known), PREFIX), strict=False))


def take(session: Session, *, key: str, allowance: int, window: timedelta, at: datetime) -> bool:
    """Count one try and tell whether it was within the allowance of its window.

    One statement, so two processes cannot both take the last one; the row stays locked until the
    caller's transaction ends, which must therefore be soon.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    over = Allowance.window_starts_at <= at - window
    statement = (
        insert(Allowance)
        .values(key=key, window_starts_at=at, used=1)
        .on_conflict_do_update(
            index_elements=[Allowance.key],
            set_={
                "used": case((over, 1), else_=Allowance.used + 1),
                "window_starts_at": case((over, at), else_=Allowance.window_starts_at),
            },
        )
        .returning(Allowance.used)
    )
    return session.scalars(statement).one() <= allowance


def opens_at(session: Session, *, key: str, window: timedelta) -> datetime:
    """Answer when a spent allowance, of which something was taken, is whole again."""
    began = select(Allowance.window_starts_at).where(Allowance.key == key)
    return session.scalars(began).one() + window


def give_back(session: Session, *, key: str) -> None:
    """Undo one `take`, where the try turned out not to be one of those that are limited."""
    session.execute(
        update(Allowance)
        .where(Allowance.key == key, Allowance.used > 0)
        .values(used=Allowance.used - 1)
        .execution_options(synchronize_session=False)
    )


def forget_windows(session: Session, *, before: datetime) -> int:
    """Delete the counts whose window started before then; answer how many they were.

    `before` lies at least the longest window in the past, or a limit would be lifted.
    """
    spent = delete(Allowance).where(Allowance.window_starts_at < before)
    return len(session.scalars(spent.returning(Allowance.key)).all())
