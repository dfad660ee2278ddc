"""A line that calls itself: a canary's number, the jobs in this process, and what became of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from factories import make_member, make_user
from lines import NOON, TestLine
from sqlalchemy import select

from jobs import canary as job
from voiceline import canary
from voiceline.businesses import open_operator
from voiceline.models import CanaryCall, Delivery, PeriodicRun, PrivacyRequest, Role, Voicemail
from voiceline.periods import LONG_AGO

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

    from voiceline.bootstrap import Services

FROM = "+14155550160"


@dataclass
class Canary:
    """What a test holds of it."""

    line: TestLine

    @property
    def services(self) -> Services:
        return self.line.services

    def place(self) -> CanaryCall:
        """Place the next call and wait until the carrier has nothing more to say of it."""
        canary_id = job.place(self.services)
        assert canary_id is not None
        return self.heard_out(canary_id)

    def heard_out(self, canary_id: UUID) -> CanaryCall:
        row = self.row(canary_id)
        for _ in range(1000):
            leg = self.line.carrier.store.call(row.carrier_id or "")
            if leg is None or leg.ended_at is not None:
                break
            time.sleep(0.02)
        self.line.carrier.drain(30)
        return row

    def prove(self) -> CanaryCall:
        """Place a call, do the work it leaves, and judge it."""
        row = self.place()
        self.line.work()
        job.advance(self.services, row.id)
        return self.row(row.id)

    def row(self, canary_id: UUID) -> CanaryCall:
        with self.services.sessions() as session:
            return session.get_one(CanaryCall, canary_id)

    def let_pass(self, by: timedelta) -> None:
        """Let so much time go by, as far as canary calls know of it."""
        with self.services.sessions.begin() as session:
            for row in session.scalars(select(CanaryCall)):
                for column in CanaryCall.__table__.columns:
                    if column.name.endswith("_at") and getattr(row, column.name):
                        setattr(row, column.name, getattr(row, column.name) - by)
            turn = session.get(PeriodicRun, canary.TURN)
            if turn is not None:
                turn.last_run_at = LONG_AGO

    def mails(self) -> list[Delivery]:
        """Answer the mails that are owed to the operator's people, in order."""
        with self.services.sessions() as session:
            kinds = ("canary_failed", "canary_mended")
            found = select(Delivery).where(Delivery.kind.in_(kinds)).order_by(Delivery.created_at)
            return list(session.scalars(found))

    def left(self) -> tuple[int, int, list[str]]:
        """Answer how many requests and messages there are, and which objects."""
        root = self.services.settings.data_dir / "store"
        objects = [path.name for path in root.glob("rec/**/[!.]*.*") if path.is_file()]
        return len(self.line.rows(PrivacyRequest)), len(self.line.rows(Voicemail)), objects


def make_canary(line: TestLine) -> Canary:
    """Open the sentinel and let Alice own the operator's account, with Bob as an agent of it."""
    line.carrier.config = replace(line.carrier.config, verified=(FROM,))
    with line.services.sessions.begin() as session:
        operator = open_operator(session, name="Voiceline", at=NOON)
        canary.open_sentinel(session, at=NOON)
        make_member(session, operator, make_user(session, "Alice Abbott"), Role.OWNER)
        make_member(session, operator, make_user(session, "Bob Brown"), Role.AGENT)
    return Canary(line)
