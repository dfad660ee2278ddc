"""Nobody takes their last way in from themselves (security.md 5, rule 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from voiceline.errors import UserError
from voiceline.models import Identity, Passkey, User

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def check_not_last(session: Session, user: User) -> None:
    """Raise UserError where the person, as the transaction stands now, has no way in left."""
    session.flush()
    query = select(User.id).where(
        User.id == user.id,
        User.password_hash.is_not(None)
        | exists().where(Passkey.user_id == User.id)
        | exists().where(Identity.user_id == User.id),
    )
    # the lock lets two who remove the last two follow one another
    if session.scalar(query.with_for_update()) is None:
        raise UserError("This is your last way to sign in: add another one before you remove it.")
