from __future__ import annotations

import pytest
from factories import AT
from sqlalchemy import select, text
from structlog.testing import capture_logs

from jobs import signing
from voiceline import audit
from voiceline.audit import OPERATOR, Action, Deed
from voiceline.audit.keys import SigningKey
from voiceline.models import AuditEntry, AuditHead, Business


def test_job_signs_with_the_key_of_the_settings(desk, began):
    signing.sign_heads()

    (head,) = (each for each in desk.rows(AuditHead) if each.business_id == began.id)
    key = SigningKey(desk.services.settings.audit_signing_key.get_secret_value())
    assert (head.day, head.sequence, head.key_id) == (signing.now().date(), 1, key.id)


def test_job_that_runs_twice_signs_once(desk, began):
    signing.sign_heads()
    once = len(desk.rows(AuditHead))

    signing.sign_heads()

    assert len(desk.rows(AuditHead)) == once


def test_broken_chain_is_an_error_in_the_log(desk, began):
    with desk.services.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("drop trigger audit_entry_no_update"))
        else:
            connection.execute(text("set local session_replication_role = replica"))
        connection.execute(
            AuditEntry.__table__.update()
            .where(AuditEntry.business_id == began.id)
            .values(action="business.suspended")
        )

    with capture_logs() as logs:
        signing.sign_heads()

    (told,) = (line for line in logs if line["event"] == "audit.broken")
    assert (told["business"], told["step"]) == (began.id, "altered at 1")
    assert began.id not in {head.business_id for head in desk.rows(AuditHead)}


@pytest.fixture
def began(desk, monkeypatch):
    """Acme, with one entry in its trail."""
    monkeypatch.setattr(signing, "services", lambda: desk.services)
    with desk.services.sessions.begin() as session:
        acme = session.scalar(select(Business).where(Business.id == desk.code.business_id))
        deed = Deed(acme.id, Action.BUSINESS_RESUMED, OPERATOR, AT, audit.about(acme))
        audit.write(session, deed)
    return acme
