"""A business with a trail, and hands that reach around the triggers as an intruder's would."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from factories import AT, make_business, make_code, make_member, make_message, make_user
from sqlalchemy import select, text

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.audit.checking import Report, check_chain
from voiceline.audit.keys import KeyRing, SigningKey, key_ring
from voiceline.models import AuditEntry
from voiceline.models.audit_triggers import TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from voiceline.bootstrap import Services
    from voiceline.models import Business, PrivacyRequest, User, Voicemail


@dataclass
class Trail:
    """Acme's chain, with Alice who works there."""

    services: Services
    acme: Business
    alice: User
    request: PrivacyRequest
    voicemail: Voicemail
    key: SigningKey
    minutes: int = 0

    @property
    def ring(self) -> KeyRing:
        return key_ring(self.key)

    def deed(self, action: Action = Action.VOICEMAIL_LISTENED, **facts: Any) -> Deed:
        """Answer something Alice does, a minute after what she did last."""
        self.minutes += 1
        at = AT + timedelta(minutes=self.minutes)
        subject = audit.about(self.voicemail, self.request)
        return Deed(self.acme.id, action, audit.staff(self.alice), at, subject, facts)

    def grow(self, count: int) -> None:
        """Let Alice do so many things, each in a transaction of its own."""
        for _ in range(count):
            with self.services.sessions.begin() as session:
                audit.write(session, self.deed())

    def entries(self) -> list[AuditEntry]:
        """Answer Acme's entries in order."""
        query = select(AuditEntry).where(AuditEntry.business_id == self.acme.id)
        with self.services.sessions() as session:
            return list(session.scalars(query.order_by(AuditEntry.sequence)))

    def check(self, **more: Any) -> Report:
        return check_chain(self.services.engine, self.acme.id, self.ring, **more)

    @contextmanager
    def around_triggers(self) -> Iterator[Connection]:
        """Take the triggers away, let somebody at the tables, and put the triggers back."""
        with self.services.engine.begin() as connection:
            sqlite = connection.dialect.name == "sqlite"
            for name, table in _triggers(connection):
                on = "" if sqlite else f" on {table}"
                connection.execute(text(f"drop trigger {name}{on}"))
            yield connection
            for statement in TRIGGERS[connection.dialect.name]:
                connection.execute(text(statement))

    def tamper(self, statement: str, **values: Any) -> None:
        """Change the tables behind the triggers' back."""
        with self.around_triggers() as connection:
            done = connection.execute(text(statement), values)
            assert done.rowcount > 0


def _triggers(connection: Connection) -> list[tuple[str, str]]:
    """Answer the trail's triggers, not those of other tables: nobody would put those back."""
    query = (
        "select name, tbl_name from sqlite_master where type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "select tgname, relname from pg_trigger join pg_class on pg_class.oid = tgrelid "
        "where not tgisinternal"
    )
    ours = " ".join(TRIGGERS[connection.dialect.name]).split()
    return [(name, table) for name, table in connection.execute(text(query)) if name in ours]


@pytest.fixture
def trail(services: Services) -> Trail:
    with services.sessions.begin() as session:
        acme = make_business(session)
        alice = make_user(session)
        make_member(session, acme, alice)
        request, voicemail = make_message(session, make_code(session, acme))
    return Trail(services, acme, alice, request, voicemail, SigningKey("5a" * 32))
