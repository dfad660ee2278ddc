"""A business whose mornings come: Alice and Bob of Acme, and what they are told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from desks import Desk
from factories import make_business, make_code, make_member, make_request, make_user
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.businesses import open_operator
from voiceline.models import Business, Delivery, DeliveryKind, Membership, Role, User
from voiceline.morning import make_round
from voiceline.notices import choose

if TYPE_CHECKING:
    from voiceline.rules.alerts import Wanted

MONDAY = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
"""Half past eight in California."""

DAY = timedelta(days=1)


class House:
    """Acme with Alice and Bob, and what they are told."""

    def __init__(self, services) -> None:
        self.services = services
        with services.sessions.begin() as session:
            operator = open_operator(session, name="Voiceline", at=MONDAY - DAY)
            operator.alerts_due_at = MONDAY + 90 * DAY
            acme = make_business(session)
            code = make_code(session, acme)
            make_member(session, acme, make_user(session, "Alice Abbott"))
            make_member(session, acme, make_user(session, "Bob Baker"), Role.AGENT)
            self.acme, self.code, self.operator = acme.id, code, operator.id

    def request(self, *, due_in: int, answered: bool = False):
        """File a request that is due so many days from Monday."""
        with self.services.sessions.begin() as session:
            made = make_request(session, session.merge(self.code))
            made.watch_by = date(2026, 11, 23) + due_in * DAY
            if answered:
                made.withdraw(at=MONDAY)
            session.flush()
            return made

    def change(self, request, **facts) -> None:
        with self.services.sessions.begin() as session:
            fresh = session.get_one(type(request), request.id)
            for name, value in facts.items():
                setattr(fresh, name, value)

    def reopen(self, request) -> None:
        """Answer the request, and take it up again."""
        with self.services.sessions.begin() as session:
            user = session.scalars(select(User)).first()
            desk = Desk(session, session.merge(self.code), user)
            desk.request = session.get_one(type(request), request.id)
            watch_by = desk.request.watch_by
            desk.do(verbs.withdraw)
            desk.do(verbs.reopen, desk.right(), because="They ask again.")
            desk.request.watch_by = watch_by

    def round(self, at: datetime, business_id=None) -> bool:
        with self.services.sessions.begin() as session:
            return make_round(session, business_id or self.acme, at=at)

    def choose(self, email: str, wanted: Wanted) -> None:
        with self.services.sessions.begin() as session:
            choose(session, self.member(session, email), wanted, at=MONDAY)

    def member(self, session, email: str) -> Membership:
        found = select(Membership).join(Membership.user).filter_by(email=email)
        return session.scalars(found).one()

    def rows(self, table):
        with self.services.sessions() as session:
            return session.scalars(select(table)).all()

    def told(self, kind: DeliveryKind | None = None) -> list[tuple[str, DeliveryKind]]:
        found = [(each.address, each.kind) for each in self.rows(Delivery)]
        return sorted(each for each in found if kind in {None, each[1]})

    def due_at(self) -> datetime:
        with self.services.sessions() as session:
            return session.get_one(Business, self.acme).alerts_due_at
