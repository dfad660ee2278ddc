"""What every change at the desk has in common: whose it is, that nobody was first, its entries.

A verb begins with `begin`, which locks the request and looks whether it still is what the clerk
saw; it ends with `keep`, which writes the entry of the history and that of the audit trail in the
transaction of the change. The caller commits; what raises has changed nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import undefer

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.audit.words import OF_APPEAL, OF_RIGHT, words_digest
from voiceline.casework import HEARD
from voiceline.errors import MoveError, NotFoundError, OvertakenError, UserError
from voiceline.models import Appeal, EventKind, PrivacyRequest, RequestedRight, RequestEvent, User
from voiceline.models.snapshots import snapshot
from voiceline.records import follow
from voiceline.rules.allowed import sentence
from voiceline.rules.deadlines import deadlines_for, received_on
from voiceline.rules.lifecycle import RightStatus, may_move
from voiceline.rules.plain_text import without_controls

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from voiceline.rules.due_dates import Deadlines

LONGEST_WORD = 64
MOST_TEXT = 4000
"""Characters of what a clerk writes about one step."""

Before = dict[str, Any]


@dataclass(frozen=True)
class Clerk:
    """A colleague at work on a request as they saw it."""

    user: User
    at: datetime
    seen: int
    """The request's `version` on the page they acted on."""


def find_right(request: PrivacyRequest, right_id: UUID) -> RequestedRight:
    """Answer the request's right with that id, or raise NotFoundError."""
    for right in request.rights:
        if right.id == right_id:
            return right
    raise NotFoundError("no such right")


def begin(session: Session, request: PrivacyRequest, clerk: Clerk) -> Before:
    """Lock the request and answer how it is; OvertakenError when it is not what the clerk saw."""
    # Of the request alone: what was loaded with it may be missing, and cannot be locked then. Not
    # its key: who listens holds the trail and adds to the history, which must not wait for us.
    session.refresh(request, with_for_update={"of": PrivacyRequest, "key_share": True})
    if request.version != clerk.seen:
        raise _overtaken(session, request)
    session.scalars(
        select(RequestedRight)
        .where(RequestedRight.request_id == request.id)
        .options(undefer(RequestedRight.due_records))
        .execution_options(populate_existing=True)
    ).all()
    return snapshot(request)


def keep(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    event: RequestEvent,
    before: Before | None,
    facts: dict[str, Any] | None = None,
) -> RequestEvent:
    """Keep the entry with its facts and with how everything was; the request is a newer version.

    The log follows, and last comes the audit trail.
    """
    event.facts, event.before = facts or None, before
    request.last_change_id = event.id
    session.flush()
    follow(session, request, at=clerk.at)
    _record(session, request, event, clerk)
    return event


def check_right(request: PrivacyRequest, right: RequestedRight, new: RightStatus) -> None:
    """Raise MoveError, which says what is allowed now, unless the right may become that.

    Under appeal only the appeal is decided, for which there are verbs of its own.
    """
    find_right(request, right.id)
    if right.status == RightStatus.APPEALED or not may_move(right.status, new):
        raise MoveError(sentence(right.status, new))


def said(text: str, what: str, *, most: int = MOST_TEXT) -> str:
    """Answer the clerk's words without what is no text, or raise UserError for too few or many."""
    clean = without_controls(text).strip()
    if not clean:
        raise UserError(f"Say {what}: it belongs into the answer.")
    if len(clean) > most:
        raise UserError(f"That is too long: {what} has at most {most} characters.")
    return clean


def local_day(request: PrivacyRequest, at: datetime) -> date:
    """Answer the date it was where the business is."""
    return received_on(at, request.business.time_zone)


def dates_of(request: PrivacyRequest, right: RequestedRight) -> Deadlines:
    """Answer the right's stored dates; a request of before has those of today's table."""
    return right.dates() or deadlines_for(right.right, request.received_on, request.jurisdiction)


def _overtaken(session: Session, request: PrivacyRequest) -> OvertakenError:
    found = session.execute(
        select(RequestEvent.kind, RequestEvent.at, User.name)
        .outerjoin(User, User.id == RequestEvent.user_id)
        .where(RequestEvent.request_id == request.id, RequestEvent.kind.not_in(HEARD))
        .order_by(
            (RequestEvent.kind == EventKind.FILED).asc(),
            (RequestEvent.id == request.last_change_id).desc(),
            RequestEvent.at.desc(),
        )
        .limit(1)
    ).one()
    kind, at, who = found
    what = kind.replace("_", " ")
    local = at.astimezone(ZoneInfo(request.business.time_zone))
    return OvertakenError(
        f"{who or 'The line'} was first: {what}, {local:%Y-%m-%d at %H:%M %Z}. "
        "Nothing was changed now: look at the request again.",
        who=who,
        what=what,
        at=at,
    )


def _record(session: Session, request: PrivacyRequest, event: RequestEvent, clerk: Clerk) -> None:
    """Write the change into the audit trail, in its transaction; the one place that does.

    Of the history's facts it takes those that the action may carry: no words of anybody's, but a
    digest of those that the step wrote.
    """
    action = Action(f"request.{event.kind}")
    facts = {"entry": str(event.id), "right": event.right.right if event.right else None}
    facts |= {name: _plain(value) for name, value in (event.facts or {}).items()}
    facts |= _digest_of_words(session, event)
    kept = {name: value for name, value in facts.items() if name in audit.FACTS[action]}
    by, subject = audit.staff(clerk.user), audit.about(request)
    audit.write(session, Deed(request.business_id, action, by, clerk.at, subject, kept))


def _digest_of_words(session: Session, event: RequestEvent) -> dict[str, str]:
    """Bind what the step wrote about its right, or about the appeal against it."""
    right, appeal_id = event.right, (event.facts or {}).get("appeal")
    row: RequestedRight | Appeal | None = right
    names = OF_RIGHT.get(event.kind)
    if appeal_id is not None:
        row, names = session.get_one(Appeal, UUID(appeal_id)), OF_APPEAL.get(event.kind)
    if right is None or row is None or names is None:
        return {}
    words = {name: value for name in names if (value := getattr(row, name)) is not None}
    return {"words": words_digest(str(right.id), words)} if words else {}


def _plain(value: Any) -> Any:
    """Write a list of codes, or a rule with its version, as one plain word."""
    if isinstance(value, list):
        word = "/".join(value)
        return word if len(word) <= LONGEST_WORD else f"{len(value)}-codes"
    return value.replace("@", ":") if isinstance(value, str) else value
