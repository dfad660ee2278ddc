"""The verbs of what colleagues are told unasked: who is told what, and what they choose.

The caller of a verb commits.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import select

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.database import insert_once
from voiceline.deliveries import Owed, owe
from voiceline.models import DeliveryKind, Membership, NoticeChoice, Role, User
from voiceline.rules.alerts import NOTHING, UNASKED, Wanted

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import Business, PrivacyRequest

MOST_TOLD = 500
"""Colleagues of one business who are sent mail; whoever joined later than so many is not."""


@dataclass(frozen=True)
class Reader:
    """A colleague and what they are sent."""

    user_id: UUID
    email: str
    wanted: Wanted


def wanted_by(session: Session, membership: Membership) -> Wanted:
    """Answer what a member is sent: what they chose, or what their role is sent unasked."""
    chosen = session.scalar(
        select(NoticeChoice).where(
            NoticeChoice.business_id == membership.business_id,
            NoticeChoice.user_id == membership.user_id,
        )
    )
    return _wanted(chosen, membership.role)


def choose(session: Session, membership: Membership, wanted: Wanted, *, at: datetime) -> None:
    """Send the member this from now on, and nothing else."""
    key = {"business_id": membership.business_id, "user_id": membership.user_id}
    facts = asdict(wanted)
    first = insert_once(session, NoticeChoice)
    session.execute(first.values(id=uuid4(), **key, **facts, chosen_at=at))
    chosen = session.scalars(select(NoticeChoice).filter_by(**key).with_for_update()).one()
    for name, value in facts.items():
        setattr(chosen, name, value)
    chosen.chosen_at = at
    by = session.get_one(User, membership.user_id)
    session.flush()
    deed = Deed(
        membership.business_id,
        Action.PERSON_NOTICES_CHOSEN,
        audit.staff(by),
        at,
        audit.about(by),
        facts,
    )
    audit.write(session, deed)


def let_mail_hold_words(
    session: Session, business: Business, user: User, *, words: bool, at: datetime
) -> None:
    """Say whether mail to colleagues may hold what consumers wrote."""
    if business.mails_words == words:
        return
    business.mails_words = words
    session.flush()
    subject, by = audit.about(business), audit.staff(user)
    facts = {"words": words}
    audit.write(session, Deed(business.id, Action.BUSINESS_MAIL_WORDS, by, at, subject, facts))


def readers_of(session: Session, business_id: UUID) -> list[Reader]:
    """Answer the business's colleagues who can sign in, with what each is sent."""
    rows = session.execute(
        select(Membership.role, User.id, User.email, NoticeChoice)
        .join(User, User.id == Membership.user_id)
        .outerjoin(
            NoticeChoice,
            (NoticeChoice.business_id == Membership.business_id)
            & (NoticeChoice.user_id == Membership.user_id),
        )
        .where(Membership.business_id == business_id, User.disabled_at.is_(None))
        .order_by(Membership.created_at, User.id)
        .limit(MOST_TOLD)
    )
    return [Reader(id_, email, _wanted(chosen, role)) for role, id_, email, chosen in rows]


def is_reader(session: Session, business_id: UUID, user_id: UUID) -> bool:
    """Tell whether somebody still is a colleague who may know; asked when mail goes out."""
    found = session.scalar(
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.business_id == business_id,
            User.id == user_id,
            User.disabled_at.is_(None),
        )
    )
    return found is not None


def owe_notice(
    session: Session, request: PrivacyRequest, at: datetime, *, again: UUID | None = None
) -> None:
    """Owe the word that it came, to the business's address and to whom wants it at once.

    `again`: the entry by which it came to this business, where another's people were told of it.
    """
    if address := request.business.notify_address:
        owed = Owed(
            DeliveryKind.REQUEST_FILED,
            key=f"{DeliveryKind.REQUEST_FILED}/{(again or request.id).hex}",
            business_id=request.business_id,
            address=address,
            request_id=request.id,
        )
        owe(session, [owed], at=at)
    _tell_of_new(session, request, at=at, again=again)


def _tell_of_new(
    session: Session, request: PrivacyRequest, *, at: datetime, again: UUID | None
) -> None:
    """Owe the word that a request came to those who want it at once.

    Not a second time to who reads the address that the business is told at anyhow.
    """
    told = (request.business.notify_address or "").lower()
    readers = readers_of(session, request.business_id)
    kind = DeliveryKind.NEW_REQUEST
    owe(
        session,
        (
            Owed(
                kind,
                key=f"{kind}/{(again or request.id).hex}/{reader.user_id.hex}",
                business_id=request.business_id,
                address=reader.email,
                request_id=request.id,
                user_id=reader.user_id,
            )
            for reader in readers
            if reader.wanted.at_once and reader.email != told
        ),
        at=at,
    )


def tell_of_assigned(
    session: Session, request: PrivacyRequest, user_id: UUID, *, entry: UUID, at: datetime
) -> None:
    """Owe a colleague the word that a request was given to them, if they want it."""
    kind = DeliveryKind.ASSIGNED
    key = f"{kind}/{entry.hex}/{user_id.hex}"
    _tell_one(session, request.business_id, user_id, key, {"request_id": request.id}, at)


def tell_of_many_assigned(
    session: Session, business_id: UUID, user_id: UUID, *, bulk: UUID, count: int, at: datetime
) -> None:
    """Owe a colleague one word for all that was given to them at once."""
    key = f"{DeliveryKind.ASSIGNED}/{bulk.hex}/{user_id.hex}"
    _tell_one(session, business_id, user_id, key, {"facts": {"count": str(count)}}, at)


def _tell_one(
    session: Session,
    business_id: UUID,
    user_id: UUID,
    key: str,
    about: dict[str, Any],
    at: datetime,
) -> None:
    row = session.execute(
        select(Membership.role, User.email, NoticeChoice)
        .join(User, User.id == Membership.user_id)
        .outerjoin(
            NoticeChoice,
            (NoticeChoice.business_id == Membership.business_id)
            & (NoticeChoice.user_id == Membership.user_id),
        )
        .where(Membership.business_id == business_id, User.id == user_id)
    ).one_or_none()
    if row is None or not _wanted(row.NoticeChoice, row.role).assigned:
        return
    owed = Owed(
        DeliveryKind.ASSIGNED, key, business_id, address=row.email, user_id=user_id, **about
    )
    owe(session, [owed], at=at)


def _wanted(chosen: NoticeChoice | None, role: Role) -> Wanted:
    if chosen is None:
        return NOTHING if role == Role.VIEWER else UNASKED
    return Wanted(**{name: getattr(chosen, name) for name in vars(UNASKED)})
