"""A clerk with one request on the desk, who always looked at it just before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from factories import AT, make_request

from voiceline.desk import Clerk
from voiceline.rules.deadlines import received_on
from voiceline.rules.identity import DataPoint, Evidence, Method
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest, RequestedRight, RequestEvent, ServiceCode, User

DAY = timedelta(days=1)
TWO_POINTS = Evidence(Method.MATCHED, frozenset({DataPoint.EMAIL, DataPoint.ORDER_NUMBER}))
THREE_POINTS = Evidence(Method.MATCHED, TWO_POINTS.points | {DataPoint.NAME}, declared=True)


class Desk:
    """Calls a verb as a clerk would who has just loaded the page; `at` moves with `wait`."""

    def __init__(
        self, session: Session, code: ServiceCode, user: User, *, right: Right | None = Right.DELETE
    ) -> None:
        self.session, self.user, self.at = session, user, AT
        self.code = code
        self.request: PrivacyRequest = make_request(session, code, right=right)

    def clerk(self, user: User | None = None, *, at: datetime | None = None) -> Clerk:
        return Clerk(user or self.user, at or self.at, self.request.version)

    def do(self, verb: Callable[..., RequestEvent], *args: Any, **facts: Any) -> RequestEvent:
        return verb(self.session, self.request, self.clerk(), *args, **facts)

    @property
    def today(self) -> date:
        """The date where the business is."""
        return received_on(self.at, self.request.business.time_zone)

    def wait(self, time: timedelta) -> None:
        self.at += time

    def right(self, right: Right | None = None) -> RequestedRight:
        return next(each for each in self.request.rights if right in {None, each.right})

    def asks(self, right: Right | None) -> None:
        """Put another request on the desk, which asks for that."""
        self.request = make_request(self.session, self.code, right=right)
