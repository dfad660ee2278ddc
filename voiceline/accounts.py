"""People, their passwords and their sessions: who somebody is, never what they may read.

Rules from OWASP ASVS 5.0, chapter 7 (sessions) and 6.3.8 (an unknown user gets the same answer
after the same time). Functions leave the commit to their caller, but for `sign_in`, which ends
its transaction before it hashes: hashing takes a tenth of a second, in which a caller on the
telephone must not wait for the database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.account_proofs import note_refused, prove
from voiceline.audit import OPERATOR, Action, Deed
from voiceline.errors import NotFoundError, UserError
from voiceline.limits import give_back, limit_key, take
from voiceline.models import Business, LoginSession, Membership, Role, User
from voiceline.passwords import hash_password, make_hash, needs_rehash, verify_password

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.audit import Actor

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""A busy browser writes to its session no more often than this."""

TRIES = 10
TRIES_OVERALL = 1000
TRIES_WINDOW = timedelta(minutes=5)

_EMAIL = re.compile(
    r"[^@\s\x00-\x1f\x7f\ud800-\udfff]{1,64}@[^@\s\x00-\x1f\x7f\ud800-\udfff]{3,250}"
)


class Refusal(Enum):
    """Why somebody was not signed in; a wrong name and a wrong password are never told apart."""

    WRONG = "wrong"
    TOO_OFTEN = "too_often"


def add_user(session: Session, email: str, name: str, password: str, at: datetime) -> User:
    """Add a person who may sign in, or raise UserError saying what to change."""
    address = _normal_email(email)
    if not _EMAIL.fullmatch(address):
        raise UserError("That is not an e-mail address: write it as name@example.com.")
    user = User(email=address, name=name.strip()[:200] or address, created_at=at)
    user.password_hash = hash_password(password, email=address)
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise UserError("Somebody signs in with this e-mail address already.") from None
    return user


def add_member(
    session: Session,
    business: Business,
    user: User,
    role: Role,
    at: datetime,
    *,
    by: Actor = OPERATOR,
) -> Membership:
    """Give a person a place in a business, or raise UserError when they have one."""
    member = Membership(business_id=business.id, user_id=user.id, role=role, created_at=at)
    try:
        with session.begin_nested():
            session.add(member)
    except IntegrityError:
        raise UserError("This person is a member of the business already.") from None
    facts, subject = {"role": role.value}, audit.about(user)
    audit.write(session, Deed(business.id, Action.PERSON_JOINED, by, at, subject, facts))
    return member


def set_password(
    session: Session, user: User, password: str, at: datetime, *, by: Actor | None = None
) -> None:
    """Change a password and end every session that was opened with the old one.

    `by`: who changes it, where it is not the person.
    """
    user.password_hash = hash_password(password, email=user.email)
    sign_out_everywhere(session, user, at=at)
    prove(session, user, Action.PERSON_PASSWORD_CHANGED, at, by=by)


def sign_in(
    session: Session, email: str, password: str, *, address: str, secret: str, at: datetime
) -> str | Refusal:
    """Answer the token of a new session, or why there is none.

    `address` is the browser's network address, `secret` keys the limits. Tries are counted before
    the password is looked at and given back when it was right. Raises TemporaryFailure when too
    many people sign in at once.
    """
    email = _normal_email(email)[:320]
    keys = _limit_keys(email, address, secret)
    # In this order and only so far: one address alone cannot use up what everybody shares.
    within = all(
        take(session, key=key, allowance=allowance, window=TRIES_WINDOW, at=at)
        for key, allowance in keys.items()
    )
    known = _EMAIL.fullmatch(email)
    user = session.scalar(select(User).where(User.email == email)) if known else None
    session.commit()
    if not within:
        return Refusal.TOO_OFTEN
    right = verify_password(user.password_hash if user else None, password)
    if user is None or not right or not _is_still_valid(session, user):
        note_refused(session, user, at)
        return Refusal.WRONG
    _rehash(session, user, password)
    for key in keys:
        give_back(session, key=key)
    return _open_session(session, user, at)


def session_user(
    session: Session, token: str | None, at: datetime, *, active: bool = True
) -> User | None:
    """Answer who is signed in with the token, if anybody still is.

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
    if login is None or login.user.disabled_at is not None:
        return None
    if at >= login.ends_at or at - login.seen_at >= IDLE:
        return None
    if active and at - login.seen_at >= SEEN_EVERY:
        # A statement of its own: the row may be gone by now, which is nobody's error.
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == login.id)
            .values(seen_at=at)
            .execution_options(synchronize_session=False)
        )
    return login.user


def sign_out(session: Session, token: str | None, *, at: datetime) -> None:
    """End the session of this token; one that has ended already is a success."""
    ended = session.scalar(
        delete(LoginSession)
        .where(LoginSession.token_sha256 == _token_hash(token or ""))
        .returning(LoginSession.user_id)
    )
    if ended is not None:
        prove(session, session.get_one(User, ended), Action.PERSON_SIGNED_OUT, at)


def sign_out_everywhere(session: Session, user: User, *, at: datetime) -> None:
    """End all of a person's sessions."""
    ended = session.scalars(
        delete(LoginSession).where(LoginSession.user_id == user.id).returning(LoginSession.id)
    ).all()
    if ended:
        prove(session, user, Action.PERSON_SIGNED_OUT, at, everywhere=True)


def forget_ended_sessions(session: Session, at: datetime) -> int:
    """Delete the sessions nobody can use any more and answer how many they were."""
    ended = or_(LoginSession.ends_at <= at, LoginSession.seen_at <= at - IDLE)
    deleted = session.execute(delete(LoginSession).where(ended).returning(LoginSession.id))
    return len(deleted.all())


def memberships_of(session: Session, user: User) -> list[Membership]:
    """Answer a person's places, with their businesses, by name."""
    query = select(Membership).join(Membership.business).where(Membership.user_id == user.id)
    return list(
        session.scalars(
            query.options(joinedload(Membership.business)).order_by(Business.name, Business.id)
        )
    )


def find_membership(session: Session, user: User, business_id: UUID) -> Membership:
    """Answer a person's place in the business, or raise NotFoundError as if there were none."""
    member = session.scalar(
        select(Membership)
        .where(Membership.user_id == user.id, Membership.business_id == business_id)
        .options(joinedload(Membership.business))
    )
    if member is None:
        raise NotFoundError("no such business")
    return member


def _is_still_valid(session: Session, user: User) -> bool:
    """Look again, now holding the row: hashing took a while, in which much may have changed."""
    query = select(User.id).where(
        User.id == user.id,
        User.password_hash == user.password_hash,
        User.disabled_at.is_(None),
    )
    return session.scalar(query.with_for_update()) is not None


def _open_session(session: Session, user: User, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_sha256=_token_hash(token),
            user_id=user.id,
            created_at=at,
            seen_at=at,
            ends_at=at + LONGEST,
        )
    )
    session.flush()
    audit.keep_name(session, audit.staff(user))
    prove(session, user, Action.PERSON_SIGNED_IN, at)
    return token


def _rehash(session: Session, user: User, password: str) -> None:
    """Bring an old hash up to today's parameters, unless the password was changed meanwhile."""
    old = user.password_hash
    if old is None or not needs_rehash(old):
        return
    new = make_hash(password)
    session.execute(
        update(User).where(User.id == user.id, User.password_hash == old).values(password_hash=new)
    )


def _limit_keys(email: str, address: str, secret: str) -> dict[str, int]:
    """Answer what a try counts against; always in one order, so that two tries never deadlock."""
    return {
        limit_key("sign_in.address", address, secret): TRIES,
        limit_key("sign_in.user", email, secret): TRIES,
        limit_key("sign_in.everybody", "", secret): TRIES_OVERALL,
    }


def _normal_email(email: str) -> str:
    return unicodedata.normalize("NFC", email).strip().lower()


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
