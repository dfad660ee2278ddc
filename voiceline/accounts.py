"""People and their passwords: who somebody is, never what they may read.

Rules from OWASP ASVS 5.0, 6.3.8: an unknown user gets the same answer after the same time.
Functions leave the commit to their caller, but for `sign_in` and `check_password`, which end their
transaction before they hash: hashing takes a tenth of a second, in which a caller on the telephone
must not wait for the database.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from voiceline import audit, pending_sign_ins
from voiceline.account_links import void_links
from voiceline.account_proofs import note_refused, prove
from voiceline.audit import OPERATOR, Action, Deed
from voiceline.code_apps import has_code_app
from voiceline.email_addresses import read_email
from voiceline.errors import UserError
from voiceline.limits import give_back, limit_key, take
from voiceline.login_sessions import Device, open_session, sign_out_everywhere
from voiceline.models import (
    Business,
    LinkPurpose,
    Membership,
    PendingKind,
    Role,
    SignInWay,
    User,
)
from voiceline.passwords import hash_password, make_hash, needs_rehash, verify_password
from voiceline.rules.plain_text import read_name

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.audit import Actor

NO_ADDRESS = "That is not an e-mail address: write it as name@example.com."

LONGEST_NAME = 200

TRIES = 10
TRIES_OVERALL = 1000
TRIES_WINDOW = timedelta(minutes=5)

_EMAIL = re.compile(
    r"[^@\s\x00-\x1f\x7f\ud800-\udfff]{1,64}@[^@\s\x00-\x1f\x7f\ud800-\udfff]{3,250}"
)


@dataclass(frozen=True)
class Halfway:
    """The password was right, and a second thing is to be proved."""

    token: str
    """Of the pending sign-in; it opens nothing."""


class Refusal(Enum):
    """Why somebody was not signed in; a wrong name and a wrong password are never told apart."""

    WRONG = "wrong"
    TOO_OFTEN = "too_often"


def add_user(session: Session, email: str, name: str, password: str, at: datetime) -> User:
    """Add a person who may sign in, or raise UserError saying what to change."""
    address = _normal_email(email)
    if not _EMAIL.fullmatch(address):
        raise UserError(NO_ADDRESS)
    return keep_user(session, address, name, hash_password(password, email=address), at)


def keep_user(
    session: Session, address: str, name: str, password_hash: str | None, at: datetime
) -> User:
    """Add a person under an address as `read_address` answers it, with a hash made before."""
    user = User(
        email=address, name=read_name(name[:LONGEST_NAME], LONGEST_NAME) or address, created_at=at
    )
    user.password_hash = password_hash
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise UserError("Somebody signs in with this e-mail address already.") from None
    return user


def read_address(text: str) -> str:
    """Answer an address to which mail can be sent, in its one spelling; raises UserError."""
    address = read_email(text[:400])
    if address is None:
        raise UserError(NO_ADDRESS)
    return address


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
    keep_password(session, user, hash_password(password, email=user.email), at, by=by)


def keep_password(
    session: Session,
    user: User,
    password_hash: str,
    at: datetime,
    *,
    by: Actor | None = None,
    but: UUID | None = None,
) -> None:
    """Change a password to one whose hash was made before; `but`: the session that stays open.

    Whoever was in before may have asked for another password or address: those links end, too.
    """
    user.password_hash = password_hash
    pending_sign_ins.forget(session, user)
    void_links(session, user, at, LinkPurpose.PASSWORD, LinkPurpose.NEW_ADDRESS)
    sign_out_everywhere(session, user, at=at, but=but)
    prove(session, user, Action.PERSON_PASSWORD_CHANGED, at, by=by)


def rename(session: Session, user: User, name: str, at: datetime) -> None:
    """Give a person another name, by which colleagues and the trail know them from now on."""
    wanted = read_name(name, LONGEST_NAME)
    if wanted is None:
        raise UserError(f"A name has 1 to {LONGEST_NAME} characters: colleagues see it.")
    if wanted != user.name:
        user.name = wanted
        session.flush()
        prove(session, user, Action.PERSON_RENAMED, at)


def sign_in(
    session: Session,
    email: str,
    password: str,
    *,
    address: str,
    secret: str,
    at: datetime,
    device: Device | None = None,
    wanted: str = "",
) -> str | Halfway | Refusal:
    """Answer the token of a new session, or why there is none, or none yet.

    `address` is the browser's network address, `secret` keys the limits, `wanted` is where to go
    after a second step. Tries are counted before
    the password is looked at and given back when it was right. Raises TemporaryFailure when too
    many people sign in at once.
    """
    email = _normal_email(email)[:320]
    keys = _limit_keys(email, address, secret)
    within = _count_try(session, keys, at)
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
    if has_code_app(session, user):
        return Halfway(begin_second_step(session, user, SignInWay.PASSWORD, at, wanted=wanted))
    return open_session(session, user, at, way=SignInWay.PASSWORD, device=device)


def begin_second_step(
    session: Session, user: User, way: SignInWay, at: datetime, *, wanted: str = ""
) -> str:
    """Answer the token of a sign-in whose second step is to come."""
    facts = {"wanted": wanted}
    kind = PendingKind.SECOND_STEP
    return pending_sign_ins.begin(session, kind, at, user=user, way=way, facts=facts)


def check_password(
    session: Session, user: User, password: str, *, address: str, secret: str, at: datetime
) -> Refusal | None:
    """Tell why a signed-in person's password does not prove who they are; None when it does.

    Tries count like those of signing in, so that an open browser is no second door.
    """
    keys = _limit_keys(user.email, address, secret)
    within = _count_try(session, keys, at)
    session.commit()
    if not within:
        return Refusal.TOO_OFTEN
    if not verify_password(user.password_hash, password) or not _is_still_valid(session, user):
        note_refused(session, user, at)
        return Refusal.WRONG
    for key in keys:
        give_back(session, key=key)
    return None


def _is_still_valid(session: Session, user: User) -> bool:
    """Look again, now holding the row: hashing took a while, in which much may have changed."""
    query = select(User.id).where(
        User.id == user.id,
        User.password_hash == user.password_hash,
        User.disabled_at.is_(None),
    )
    return session.scalar(query.with_for_update()) is not None


def _rehash(session: Session, user: User, password: str) -> None:
    """Bring an old hash up to today's parameters, unless the password was changed meanwhile."""
    old = user.password_hash
    if old is None or not needs_rehash(old):
        return
    new = make_hash(password)
    session.execute(
        update(User).where(User.id == user.id, User.password_hash == old).values(password_hash=new)
    )


def _count_try(session: Session, keys: dict[str, int], at: datetime) -> bool:
    """Count a try in this order and only so far: one address cannot use up what all share."""
    return all(
        take(session, key=key, allowance=allowance, window=TRIES_WINDOW, at=at)
        for key, allowance in keys.items()
    )


def _limit_keys(email: str, address: str, secret: str) -> dict[str, int]:
    """Answer what a try counts against; always in one order, so that two tries never deadlock."""
    return {
        limit_key("sign_in.address", address, secret): TRIES,
        limit_key("sign_in.user", email, secret): TRIES,
        limit_key("sign_in.everybody", "", secret): TRIES_OVERALL,
    }


def _normal_email(email: str) -> str:
    """Answer the spelling a person is kept under; what mail cannot be sent to, as it is."""
    return read_email(email) or unicodedata.normalize("NFC", email).strip().lower()
