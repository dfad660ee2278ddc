"""The second thing a person proves when they sign in, and what it changes to have one.

Limits as in security.md 4.3: of a person and of a network address, counted before the code is
looked at. Functions leave the commit to their caller, but for the two that prove something: they
end their transaction first, so that no lock is held while a code is hashed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from voiceline import pending_sign_ins, recovery_codes
from voiceline.account_mails import tell_changed
from voiceline.account_proofs import note_refused, prove
from voiceline.accounts import Refusal
from voiceline.audit import Action
from voiceline.code_apps import accept_code, confirm_code_app, remove_code_app
from voiceline.limits import give_back, limit_key, take
from voiceline.login_sessions import sign_out_everywhere
from voiceline.models import LoginSession, SignInWay
from voiceline.recovery_codes import accept_recovery_code, count_left

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import User
    from voiceline.sealed import Sealer

LIMITS = {
    "address.5min": (10, timedelta(minutes=5)),
    "address.1h": (50, timedelta(hours=1)),
    "user.5min": (5, timedelta(minutes=5)),
    "user.1h": (20, timedelta(hours=1)),
    "user.1day": (50, timedelta(days=1)),
}
"""Tries that may be wrong, and in what time; always counted in this order."""


def prove_code(
    session: Session,
    user: User,
    code: str,
    *,
    sealer: Sealer,
    address: str,
    secret: str,
    at: datetime,
) -> Refusal | None:
    """Tell why the app's code proves nothing; None when it does. A code counts once."""
    if not _count_try(session, user, address, secret, at):
        return Refusal.TOO_OFTEN
    if not accept_code(session, user, code, sealer, at):
        note_refused(session, user, at)
        return Refusal.WRONG
    _give_back(session, user, address, secret)
    return None


def prove_recovery_code(
    session: Session, user: User, code: str, *, address: str, secret: str, at: datetime
) -> Refusal | None:
    """Tell why the recovery code proves nothing; None when it does, and is used up."""
    if not _count_try(session, user, address, secret, at):
        return Refusal.TOO_OFTEN
    if not accept_recovery_code(session, user, code, at):
        note_refused(session, user, at)
        return Refusal.WRONG
    _give_back(session, user, address, secret)
    left = count_left(session, user)
    prove(session, user, Action.PERSON_RECOVERY_CODE_USED, at, left=left)
    tell_changed(session, user, "recovery_code_used", at=at)
    return None


def turn_on(
    session: Session,
    login: LoginSession,
    code: str,
    hashed: Sequence[tuple[str, str]],
    *,
    sealer: Sealer,
    at: datetime,
) -> bool:
    """Ask the person for codes from now on, where this one shows that their app makes them.

    Their other sessions end; this one has now proved both things.
    """
    user = login.user
    if not confirm_code_app(session, user, code, sealer, at):
        return False
    recovery_codes.keep_codes(session, user, hashed, at)
    if login.way == SignInWay.PASSWORD:
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == login.id)
            .values(way=SignInWay.PASSWORD_AND_CODE)
        )
    _change(session, login, Action.PERSON_CODE_APP_ADDED, "code_app_added", at)
    return True


def turn_off(session: Session, login: LoginSession, at: datetime) -> None:
    """Ask the person for no more codes, and let their recovery codes open nothing."""
    if remove_code_app(session, login.user):
        recovery_codes.forget_codes(session, login.user)
        _change(session, login, Action.PERSON_CODE_APP_REMOVED, "code_app_removed", at)


def renew_recovery_codes(
    session: Session, login: LoginSession, hashed: Sequence[tuple[str, str]], at: datetime
) -> None:
    """Keep new recovery codes in place of the old ones."""
    recovery_codes.keep_codes(session, login.user, hashed, at)
    _change(session, login, Action.PERSON_RECOVERY_CODES_MADE, "recovery_codes_made", at)


def _change(session: Session, login: LoginSession, action: Action, what: str, at: datetime) -> None:
    """Do what follows every change of what somebody proves with (ASVS 6.3.7, 7.4.3)."""
    pending_sign_ins.forget(session, login.user)
    prove(session, login.user, action, at)
    sign_out_everywhere(session, login.user, at=at, but=login.id)
    tell_changed(session, login.user, what, at=at)


def _count_try(session: Session, user: User, address: str, secret: str, at: datetime) -> bool:
    within = all(
        take(session, key=key, allowance=LIMITS[name][0], window=LIMITS[name][1], at=at)
        for name, key in _keys(user, address, secret)
    )
    session.commit()
    return within


def _give_back(session: Session, user: User, address: str, secret: str) -> None:
    for _, key in _keys(user, address, secret):
        give_back(session, key=key)


def _keys(user: User, address: str, secret: str) -> list[tuple[str, str]]:
    whom = {"address": address, "user": str(user.id)}
    return [
        (name, limit_key(f"second_step.{name}", whom[name.partition(".")[0]], secret))
        for name in LIMITS
    ]
