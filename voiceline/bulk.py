"""The verbs of doing one thing with many requests: each by itself, and told of each.

What is chosen is written down first, with the form's own number, so that what is sent twice is
done once and what was interrupted goes on. Then each request has a transaction of its own, with
the same verb as on its page: what cannot be done with one is told and keeps none of the others.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from voiceline.bulk_steps import STEPS, UNDO_STEPS
from voiceline.colleagues import name_of_colleague
from voiceline.database import insert_once
from voiceline.errors import NotFoundError, UndoError, UserError
from voiceline.models import (
    BulkAction,
    BulkItem,
    BulkKind,
    BulkOutcome,
    PrivacyRequest,
    User,
)
from voiceline.notices import tell_of_many_assigned
from voiceline.outbox import OFFER_AFTER
from voiceline.reach import bind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy.orm import Session, sessionmaker

MOST = 10_000
"""Requests of one act."""

AT_ONCE = 200
"""So many are worked off while somebody waits; more are a job's."""

UNDO_WITHIN = timedelta(seconds=30)
MOST_LISTED = 200
LONGEST_WHY = 200


@dataclass(frozen=True)
class Told:
    """One request of an act, as the page of results lists it."""

    request_id: UUID
    reference: str | None
    """None where there is no such request here."""
    why: str | None


@dataclass(frozen=True)
class Result:
    """How far an act is, and what became of each."""

    action: BulkAction
    done: int
    skipped: int
    undone: int
    told: list[Told]
    """What was skipped, or could not be undone; the first of them."""

    @property
    def left(self) -> int:
        """How many are still owed."""
        return self.action.count - self.done - self.skipped - self.undone


def begin_bulk(
    session: Session,
    business_id: UUID,
    user: User,
    *,
    form: UUID,
    kind: BulkKind,
    facts: dict[str, Any],
    ids: Sequence[UUID],
    seen: Mapping[UUID, int],
    at: datetime,
) -> BulkAction:
    """Write down what is to be done, once a form; UserError for nothing, or for too much.

    `seen`: the version in which a request was shown; what was changed since is skipped and told.
    """
    chosen = list(dict.fromkeys(ids))
    if not chosen:
        raise UserError("Choose at least one request.")
    if len(chosen) > MOST:
        raise UserError(f"At most {MOST:,} requests at once: narrow the filter first.")
    row = {
        "id": form,
        "business_id": business_id,
        "user_id": user.id,
        "kind": kind,
        "facts": facts,
        "count": len(chosen),
        "created_at": at,
        "due_at": at + OFFER_AFTER,
        "attempts": 0,
    }
    new = session.scalar(insert_once(session, BulkAction).values(row).returning(BulkAction.id))
    if new is not None:
        items = [
            {"bulk_id": form, "position": place, "business_id": business_id}
            | {"request_id": id_, "seen": seen.get(id_)}
            for place, id_ in enumerate(chosen)
        ]
        session.execute(insert(BulkItem), items)
    return find_bulk(session, business_id, user, form)


def find_bulk(session: Session, business_id: UUID, user: User, bulk_id: UUID) -> BulkAction:
    """Answer an act of this person at this business, or raise NotFoundError."""
    found = session.scalar(
        select(BulkAction).where(
            BulkAction.id == bulk_id,
            BulkAction.business_id == business_id,
            BulkAction.user_id == user.id,
        )
    )
    if found is None:
        raise NotFoundError("no such act")
    return found


def work(
    sessions: sessionmaker[Session],
    action: BulkAction,
    clock: Callable[[], datetime],
    *,
    until: datetime | None = None,
) -> bool:
    """Do what is owed of an act, up to a moment; answer whether nothing is left.

    Two that work at it at once do each of them once: whoever holds an item does it.
    """
    with _begin(sessions, action) as session:
        owed = select(BulkItem.position).where(
            BulkItem.bulk_id == action.id, BulkItem.outcome.is_(None)
        )
        places = session.scalars(owed.order_by(BulkItem.position)).all()
    for place in places:
        if until is not None and clock() >= until:
            return False
        _do_one(sessions, action, place, clock())
    with _begin(sessions, action) as session:
        _finish(session, action.id, clock())
    return True


def undo_bulk(sessions: sessionmaker[Session], action: BulkAction, *, at: datetime) -> None:
    """Take back what can be taken back; what cannot keeps the reason. UndoError when too late."""
    with _begin(sessions, action) as session:
        action = session.scalars(
            select(BulkAction).where(BulkAction.id == action.id).with_for_update()
        ).one()
        if action.undone_at is not None:
            return
        if not may_undo(action, at):
            raise UndoError("It is too late to undo this: change the requests one by one.")
        action.undone_at = at
        done = select(BulkItem.position).where(
            BulkItem.bulk_id == action.id, BulkItem.outcome == BulkOutcome.DONE
        )
        places = session.scalars(done.order_by(BulkItem.position)).all()
    for place in places:
        _undo_one(sessions, action, place, at)


def forget_acts(session: Session, *, before: datetime) -> int:
    """Delete acts of before then of which nothing is owed; what they did is in the history."""
    old = select(BulkAction.id).where(
        BulkAction.created_at < before, BulkAction.finished_at.is_not(None)
    )
    session.execute(delete(BulkItem).where(BulkItem.bulk_id.in_(old)))
    done = delete(BulkAction).where(BulkAction.id.in_(old))
    return len(session.scalars(done.returning(BulkAction.id)).all())


def may_undo(action: BulkAction, at: datetime) -> bool:
    """Tell whether an act can still be taken back."""
    ended = action.finished_at
    fresh = ended is not None and at - ended <= UNDO_WITHIN
    return fresh and action.count <= AT_ONCE and action.undone_at is None


def result_of(session: Session, action: BulkAction) -> Result:
    """Answer how far an act is, and what was skipped and why."""
    mine = BulkItem.bulk_id == action.id
    rows = session.execute(
        select(BulkItem.outcome, func.count()).where(mine).group_by(BulkItem.outcome)
    )
    counts = {outcome: count for outcome, count in rows}  # noqa: C416 - a Row is no tuple to mypy
    told = session.execute(
        select(BulkItem.request_id, PrivacyRequest.reference, BulkItem.why)
        .outerjoin(
            PrivacyRequest,
            (PrivacyRequest.id == BulkItem.request_id)
            & (PrivacyRequest.business_id == BulkItem.business_id),
        )
        .where(mine, BulkItem.why.is_not(None))
        .order_by(BulkItem.position)
        .limit(MOST_LISTED)
    )
    return Result(
        action,
        counts.get(BulkOutcome.DONE, 0),
        counts.get(BulkOutcome.SKIPPED, 0),
        counts.get(BulkOutcome.UNDONE, 0),
        [Told(*row) for row in told],
    )


@contextmanager
def _begin(sessions: sessionmaker[Session], action: BulkAction) -> Iterator[Session]:
    """Open a transaction that reaches the act's own business."""
    with sessions.begin() as session:
        yield bind(session, action.business_id)


def _do_one(sessions: sessionmaker[Session], action: BulkAction, place: int, at: datetime) -> None:
    try:
        with _begin(sessions, action) as session:
            item = _hold(session, action, place)
            if item is None:
                return
            item.entry_id = STEPS[action.kind](session, action, item, at)
            item.outcome = BulkOutcome.DONE
    except UserError as error:
        with _begin(sessions, action) as session:
            item = _hold(session, action, place)
            if item is not None:
                missing = error.__class__ is NotFoundError
                item.outcome = BulkOutcome.SKIPPED
                item.why = "Not found." if missing else str(error)[:LONGEST_WHY]


def _undo_one(
    sessions: sessionmaker[Session], action: BulkAction, place: int, at: datetime
) -> None:
    try:
        with _begin(sessions, action) as session:
            item = session.get_one(BulkItem, (action.id, place), with_for_update=True)
            UNDO_STEPS[action.kind](session, action, item, at)
            item.outcome = BulkOutcome.UNDONE
    except UserError as error:
        with _begin(sessions, action) as session:
            item = session.get_one(BulkItem, (action.id, place), with_for_update=True)
            item.why = f"Not undone: {error}"[:LONGEST_WHY]


def _hold(session: Session, action: BulkAction, place: int) -> BulkItem | None:
    return session.scalar(
        select(BulkItem)
        .where(
            BulkItem.bulk_id == action.id,
            BulkItem.position == place,
            BulkItem.outcome.is_(None),
        )
        .with_for_update()
    )


def _finish(session: Session, bulk_id: UUID, at: datetime) -> None:
    """End the act, and tell whom it gave requests to: once, however many there are."""
    action = session.scalars(
        select(BulkAction).where(BulkAction.id == bulk_id).with_for_update()
    ).one()
    if action.finished_at is not None:
        return
    action.finish(at)
    to = action.facts.get("to")
    count = result_of(session, action).done
    if action.kind == BulkKind.ASSIGN and to and count and UUID(to) != action.user_id:
        tell_of_many_assigned(
            session, action.business_id, UUID(to), bulk=action.id, count=count, at=at
        )


def check_facts(session: Session, business_id: UUID, kind: BulkKind, facts: dict[str, Any]) -> None:
    """Raise UserError where the act could be done with none of the requests."""
    if kind == BulkKind.ASSIGN and facts.get("to"):
        try:
            name_of_colleague(session, business_id, UUID(facts["to"]))
        except NotFoundError:
            raise UserError("That colleague does not work on requests here any more.") from None
