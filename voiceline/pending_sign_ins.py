"""The verbs of a sign-in under way: begun, found by its browser's cookie, finished once.

A row of this table opens no page. Its token is 256 random bits, of which the database has the
SHA-256; each further step gets a row and a token of its own. Functions leave the commit to their
caller.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from voiceline.models import PendingKind, PendingSignIn

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import SignInWay, User

LASTS = timedelta(minutes=10)
CHALLENGE_LASTS = timedelta(minutes=5)


def begin(
    session: Session,
    kind: PendingKind,
    at: datetime,
    *,
    user: User | None = None,
    way: SignInWay | None = None,
    facts: dict[str, str] | None = None,
    until: datetime | None = None,
) -> str:
    """Begin a step and answer the token that its browser keeps.

    `until`: when it ends, where another step began before it.
    """
    token = secrets.token_urlsafe(32)
    lasts = CHALLENGE_LASTS if kind == PendingKind.PASSKEY else LASTS
    session.add(
        PendingSignIn(
            token_sha256=_hash(token),
            kind=kind,
            user_id=user.id if user else None,
            way=way,
            facts=facts or {},
            created_at=at,
            ends_at=until or at + lasts,
        )
    )
    session.flush()
    return token


def find(
    session: Session, token: str | None, at: datetime, *kinds: PendingKind
) -> PendingSignIn | None:
    """Answer the step of the token, if it is of these kinds and its time is not over."""
    if not token:
        return None
    row = session.scalar(
        select(PendingSignIn)
        .where(PendingSignIn.token_sha256 == _hash(token), PendingSignIn.ends_at > at)
        .options(joinedload(PendingSignIn.user))
    )
    if row is None or row.kind not in kinds:
        return None
    return None if row.user and row.user.disabled_at else row


def finish(session: Session, row: PendingSignIn) -> bool:
    """End the step; tell whether it was this caller who ended it: it ends once."""
    ended = delete(PendingSignIn).where(PendingSignIn.id == row.id).returning(PendingSignIn.id)
    return session.scalar(ended.execution_options(synchronize_session=False)) is not None


def take_challenge(session: Session, row: PendingSignIn) -> str | None:
    """Take the challenge off a step that goes on without it: of two at once, one has it."""
    held = session.scalar(
        select(PendingSignIn)
        .where(PendingSignIn.id == row.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if held is None:
        return None
    challenge = held.facts.get("challenge")
    held.facts = {name: value for name, value in held.facts.items() if name != "challenge"}
    session.flush()
    return challenge


def forget(session: Session, user: User) -> None:
    """End all that a person had under way: what they prove with has changed."""
    session.execute(
        delete(PendingSignIn)
        .where(PendingSignIn.user_id == user.id)
        .execution_options(synchronize_session=False)
    )


def forget_over(session: Session, at: datetime) -> int:
    """Delete what nobody can go on with; answer how many they were."""
    over = delete(PendingSignIn).where(PendingSignIn.ends_at <= at).returning(PendingSignIn.id)
    return len(session.execute(over).all())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
