"""The verbs of recovery codes: ten ways in for who lost their telephone, each used once.

A code is twenty letters and digits: four, in the clear in the database, say which of the ten it is,
so that a try costs one hash; the other sixteen are 80 random bits, of which only an argon2id hash
is kept. Functions leave the commit to their caller, but for `accept_recovery_code`, which ends its
transaction before it hashes.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from voiceline.models import RecoveryCode
from voiceline.passwords import hash_random, verify_password

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import User

HOW_MANY = 10
PLACE, SECRET = 4, 16
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 of them, 5 bits each; without l, o, 0 and 1, which look like others."""


def make_codes() -> list[str]:
    """Answer ten new codes, `abcd-efgh-jkmn-pqrs-tuvw`; no two begin alike."""
    places: dict[str, str] = {}
    while len(places) < HOW_MANY:
        places[_random(PLACE)] = _random(SECRET)
    return [_grouped(place + secret) for place, secret in places.items()]


def hash_codes(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Answer each code's place and hash; half a second, in which nobody should hold a lock."""
    plain = [_plain(code) for code in codes]
    return [(code[:PLACE], hash_random(code[PLACE:])) for code in plain]


def keep_codes(
    session: Session, user: User, hashed: Sequence[tuple[str, str]], at: datetime
) -> None:
    """Keep the codes in place of all that the person had before."""
    forget_codes(session, user)
    session.add_all(
        RecoveryCode(user_id=user.id, place=place, code_hash=code_hash, created_at=at)
        for place, code_hash in hashed
    )
    session.flush()


def forget_codes(session: Session, user: User) -> None:
    """Delete all the person's codes."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def count_left(session: Session, user: User) -> int:
    """Answer how many codes the person has not used yet."""
    unused = RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def accept_recovery_code(session: Session, user: User, code: str, at: datetime) -> bool:
    """Use the code up if it is one of the person's; tell whether it was."""
    plain = _plain(code)
    place = plain[:PLACE] if len(plain) == PLACE + SECRET and plain.isascii() else ""
    row = session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.place == place,
            RecoveryCode.used_at.is_(None),
        )
    )
    session.commit()
    right = verify_password(row.code_hash if row else None, plain[PLACE:])
    if row is None or not right:
        return False
    used = (
        update(RecoveryCode)
        .where(RecoveryCode.id == row.id, RecoveryCode.used_at.is_(None))
        .values(used_at=at)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(used) is not None


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()[:100]


def _grouped(code: str) -> str:
    return "-".join(code[at : at + PLACE] for at in range(0, len(code), PLACE))


def _random(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))
