"""The verb of what colleagues sign in with: what an admin may know of each, for a page at once.

Of providers only everybody's and the business's own are told: another one would say where else
somebody works.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from voiceline.models import CodeApp, Identity, Passkey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import User


@dataclass(frozen=True)
class WaysIn:
    """What one person can sign in with."""

    password: bool
    codes: bool
    """An app's codes are asked for, too."""
    passkeys: int
    providers: tuple[str, ...]
    """Names of providers, in the order in which they were given."""


def ways_in(
    session: Session, people: Sequence[User], issuers: Mapping[str, str]
) -> dict[UUID, WaysIn]:
    """Answer each person's ways; `issuers` are the names of those providers that may be told."""
    ids = [person.id for person in people]
    apps = select(CodeApp.user_id).where(
        CodeApp.user_id.in_(ids), CodeApp.confirmed_at.is_not(None)
    )
    coded = set(session.scalars(apps))
    keys = select(Passkey.user_id, func.count()).where(Passkey.user_id.in_(ids))
    counts = dict(session.execute(keys.group_by(Passkey.user_id)).all())
    linked = select(Identity.user_id, Identity.issuer).where(
        Identity.user_id.in_(ids), Identity.issuer.in_(issuers)
    )
    links = set(session.execute(linked))
    return {
        person.id: WaysIn(
            password=person.password_hash is not None,
            codes=person.id in coded,
            passkeys=counts.get(person.id, 0),
            providers=tuple(
                name for issuer, name in issuers.items() if (person.id, issuer) in links
            ),
        )
        for person in people
    }
