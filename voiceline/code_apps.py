"""The verbs of codes from an app (RFC 6238): six digits, 30 seconds, each taken once.

A code counts in its own 30 seconds and in those before and after; which one was taken last is in
the row, and moves in one statement, so that of two requests with one code the second is refused.
Functions leave the commit to their caller.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING

import pyotp
from sqlalchemy import delete, select, update

from voiceline.errors import UserError
from voiceline.models import CodeApp

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import User
    from voiceline.sealed import Sealer

PURPOSE = "code app"
STEP_SECONDS = 30
DRIFT = 1
"""Steps that a telephone's clock may be wrong by, either way."""

CODE = re.compile(r"[0-9]{6}", re.ASCII)


def has_code_app(session: Session, user: User) -> bool:
    """Tell whether the person is asked for a code when they sign in."""
    query = select(CodeApp.id).where(CodeApp.user_id == user.id, CodeApp.confirmed_at.is_not(None))
    return session.scalar(query) is not None


def begin_code_app(session: Session, user: User, sealer: Sealer, at: datetime) -> str:
    """Answer a new key for an app, in base 32; it counts for nothing before a code proves it."""
    if has_code_app(session, user):
        raise UserError("Codes are on already: turn them off first, to use another app.")
    session.execute(delete(CodeApp).where(CodeApp.user_id == user.id))
    key = pyotp.random_base32()
    sealed = sealer.seal(key, purpose=PURPOSE)
    session.add(CodeApp(user_id=user.id, sealed_key=sealed, last_step=0, created_at=at))
    session.flush()
    return key


def key_being_added(session: Session, user: User, sealer: Sealer) -> str | None:
    """Answer the key that waits for its first code, if one does."""
    app = session.scalar(select(CodeApp).where(CodeApp.user_id == user.id))
    if app is None or app.confirmed_at is not None:
        return None
    return sealer.open(app.sealed_key, purpose=PURPOSE)


def app_address(key: str, user: User) -> str:
    """Answer what the picture for the app says (otpauth)."""
    return pyotp.TOTP(key).provisioning_uri(name=user.email, issuer_name="Voiceline")


def confirm_code_app(session: Session, user: User, code: str, sealer: Sealer, at: datetime) -> bool:
    """Let the app count from now on, where the code shows that it has the key."""
    if not accept_code(session, user, code, sealer, at, confirmed=False):
        return False
    session.execute(update(CodeApp).where(CodeApp.user_id == user.id).values(confirmed_at=at))
    return True


def accept_code(
    session: Session,
    user: User,
    code: str,
    sealer: Sealer,
    at: datetime,
    *,
    confirmed: bool = True,
) -> bool:
    """Take the code if it is right and was not taken before; tell whether it was."""
    app = session.scalar(
        select(CodeApp).where(CodeApp.user_id == user.id).execution_options(populate_existing=True)
    )
    given = re.sub(r"[\s-]", "", code)
    if app is None or (app.confirmed_at is not None) != confirmed or not CODE.fullmatch(given):
        return False
    step = _step_of(sealer.open(app.sealed_key, purpose=PURPOSE), given, at)
    if step is None:
        return False
    taken = session.scalar(
        update(CodeApp)
        .where(CodeApp.id == app.id, CodeApp.last_step < step)
        .values(last_step=step)
        .returning(CodeApp.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def remove_code_app(session: Session, user: User) -> bool:
    """Ask the person for no more codes; tell whether they were asked before."""
    removed = delete(CodeApp).where(CodeApp.user_id == user.id).returning(CodeApp.confirmed_at)
    return any(row.confirmed_at for row in session.execute(removed).all())


def _step_of(key: str, code: str, at: datetime) -> int | None:
    """Answer the newest step that makes the code; all are looked at, whichever it is."""
    totp = pyotp.TOTP(key)
    now = int(at.timestamp()) // STEP_SECONDS
    steps = range(now - DRIFT, now + DRIFT + 1)
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)]
    return max(fitting, default=None)
