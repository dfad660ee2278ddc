"""The first steps of a business, each ticked by a fact in the database: nobody clicks "done"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from voiceline.models import (
    Call,
    Channel,
    Greeting,
    GreetingForm,
    Membership,
    NoticeChoice,
    PrivacyRequest,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class FirstSteps:
    """What is done of what makes a line work."""

    greeting: bool
    published: bool
    invited: bool
    notices: bool
    test_call: bool

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(vars(self).values())

    @property
    def count(self) -> int:
        """How many there are."""
        return len(vars(self))


def first_steps(session: Session, membership: Membership) -> FirstSteps:
    """Answer what the database knows of the business's first steps, and of the member's own."""
    business_id = membership.business_id
    return FirstSteps(
        greeting=_is_there(session, _own_greeting(business_id)),
        published=_was_found(session, business_id),
        invited=_is_there(
            session, select(Membership.id).where(Membership.business_id == business_id).offset(1)
        ),
        notices=_is_there(
            session,
            select(NoticeChoice.id).where(
                NoticeChoice.business_id == business_id,
                NoticeChoice.user_id == membership.user_id,
            ),
        ),
        test_call=_is_there(session, _heard_greeting(business_id)),
    )


def hide_first_steps(membership: Membership, *, at: datetime) -> None:
    """Leave the list out of the member's inbox; its own page stays."""
    membership.first_steps_hidden_at = at


def show_first_steps(membership: Membership) -> None:
    """Put the list back."""
    membership.first_steps_hidden_at = None


def _is_there(session: Session, query: Select[UUID]) -> bool:
    return session.scalar(query.limit(1)) is not None


def _own_greeting(business_id: UUID) -> Select[UUID]:
    """Answer the versions that callers hear now and that are not the line's own words."""
    later = aliased(Greeting)
    overtaken = exists().where(
        later.service_code_id == Greeting.service_code_id,
        later.language == Greeting.language,
        later.version > Greeting.version,
    )
    return select(Greeting.id).where(
        Greeting.business_id == business_id,
        Greeting.form != GreetingForm.STANDARD,
        ~overtaken,
    )


def _heard_greeting(business_id: UUID) -> Select[UUID]:
    """Answer calls that were made to their end after the greeting they heard was set."""
    mine = _own_greeting(business_id).where(
        Greeting.service_code_id == Call.service_code_id,
        Greeting.language == Call.language,
        Greeting.created_at <= Call.started_at,
    )
    calls = select(Call.id).where(
        Call.business_id == business_id, Call.ended_at.is_not(None), mine.exists()
    )
    return calls.order_by(Call.started_at.desc())  # of a hundred thousand the newest will do


def _was_found(session: Session, business_id: UUID) -> bool:
    """Tell whether anybody but who made the test call came: a second call, or the web form."""
    calls = select(Call.id).where(Call.business_id == business_id, ~Call.unassigned)
    forms = select(PrivacyRequest.id).where(
        PrivacyRequest.business_id == business_id, PrivacyRequest.channel == Channel.WEB
    )
    return _is_there(session, calls.offset(1)) or _is_there(session, forms)
