"""The verbs of a signed-in browser: its session is opened, read, confirmed, listed and ended.

Rules from OWASP ASVS 5.0, chapter 7. A token is 256 random bits; the database has its SHA-256
alone, and another one follows whenever a person proves anew who they are (7.2.4). Functions leave
the commit to their caller.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.account_proofs import prove
from voiceline.audit import Action
from voiceline.models import LoginSession, SignInWay, User

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""A busy browser writes to its session no more often than this."""

CONFIRMED_FOR = timedelta(minutes=15)
"""How long after a person proved to be there they may do dangerous things without doing it again.
"""


@dataclass(frozen=True)
class Device:
    """What a person may know one of their browsers by."""

    browser: str | None = None
    """`Firefox on Windows`."""
    address: str | None = None


def open_session(
    session: Session,
    user: User,
    at: datetime,
    *,
    way: SignInWay = SignInWay.PASSWORD,
    device: Device | None = None,
    provider_id: UUID | None = None,
) -> str:
    """Open a session for somebody who has proved who they are, and answer its token.

    `provider_id`: the business's provider they came through, whose business it opens alone.
    """
    token = secrets.token_urlsafe(32)
    device = device or Device()
    session.add(
        LoginSession(
            token_sha256=_token_hash(token),
            user_id=user.id,
            created_at=at,
            seen_at=at,
            ends_at=at + LONGEST,
            way=way,
            confirmed_at=at,
            identity_provider_id=provider_id,
            browser=device.browser[:80] if device.browser else None,
            address=device.address[:45] if device.address else None,
        )
    )
    session.flush()
    session.execute(
        update(User)
        .where(User.id == user.id)
        .values(signed_in_at=at)
        .execution_options(synchronize_session=False)
    )
    audit.keep_name(session, audit.staff(user))
    prove(session, user, Action.PERSON_SIGNED_IN, at)
    return token


def find_session(
    session: Session, token: str | None, at: datetime, *, active: bool = True
) -> LoginSession | None:
    """Answer the session of the token with its person, if it still is one.

    A page that asks by itself is not a person at work: with `active=False` the session is read
    but not kept alive.
    """
    if not token:
        return None
    login = session.scalar(
        select(LoginSession)
        .where(LoginSession.token_sha256 == _token_hash(token))
        .options(joinedload(LoginSession.user))
    )
    if login is None or login.user.disabled_at is not None or not _lives(login, at):
        return None
    if active and at - login.seen_at >= SEEN_EVERY:
        # A statement of its own: the row may be gone by now, which is nobody's error.
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == login.id)
            .values(seen_at=at)
            .execution_options(synchronize_session=False)
        )
    return login


def session_user(
    session: Session, token: str | None, at: datetime, *, active: bool = True
) -> User | None:
    """Answer who is signed in with the token, if anybody still is."""
    login = find_session(session, token, at, active=active)
    return login.user if login else None


def is_confirmed(login: LoginSession, at: datetime) -> bool:
    """Tell whether the session's person proved to be there a short while ago."""
    return login.confirmed_at is not None and at - login.confirmed_at < CONFIRMED_FOR


def confirm(session: Session, login: LoginSession, at: datetime) -> str:
    """Note that the session's person has just proved to be there; answer its new token."""
    token = secrets.token_urlsafe(32)
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == login.id)
        .values(token_sha256=_token_hash(token), confirmed_at=at, seen_at=at)
        .execution_options(synchronize_session=False)
    )
    return token


def sessions_of(session: Session, user: User, at: datetime) -> list[LoginSession]:
    """Answer a person's sessions that still live, the last used first."""
    query = select(LoginSession).where(LoginSession.user_id == user.id)
    rows = session.scalars(query.order_by(LoginSession.seen_at.desc(), LoginSession.id))
    return [login for login in rows if _lives(login, at)]


def end_session(session: Session, user: User, session_id: UUID, *, at: datetime) -> bool:
    """End one of the person's own sessions; tell whether there was one."""
    mine = (LoginSession.id == session_id, LoginSession.user_id == user.id)
    ended = session.scalar(delete(LoginSession).where(*mine).returning(LoginSession.id))
    if ended is not None:
        prove(session, user, Action.PERSON_SIGNED_OUT, at)
    return ended is not None


def sign_out(session: Session, token: str | None, *, at: datetime) -> None:
    """End the session of this token; one that has ended already is a success."""
    ended = session.scalar(
        delete(LoginSession)
        .where(LoginSession.token_sha256 == _token_hash(token or ""))
        .returning(LoginSession.user_id)
    )
    if ended is not None:
        prove(session, session.get_one(User, ended), Action.PERSON_SIGNED_OUT, at)


def sign_out_everywhere(
    session: Session, user: User, *, at: datetime, but: UUID | None = None
) -> Sequence[UUID]:
    """End a person's sessions, all or all but one; answer which."""
    which = [LoginSession.user_id == user.id]
    if but is not None:
        which.append(LoginSession.id != but)
    ended = session.scalars(delete(LoginSession).where(*which).returning(LoginSession.id)).all()
    if ended:
        prove(session, user, Action.PERSON_SIGNED_OUT, at, everywhere=True)
    return ended


def forget_ended_sessions(session: Session, at: datetime) -> int:
    """Delete the sessions nobody can use any more and answer how many they were."""
    ended = or_(LoginSession.ends_at <= at, LoginSession.seen_at <= at - IDLE)
    deleted = session.execute(delete(LoginSession).where(ended).returning(LoginSession.id))
    return len(deleted.all())


def _lives(login: LoginSession, at: datetime) -> bool:
    return at < login.ends_at and at - login.seen_at < IDLE


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
