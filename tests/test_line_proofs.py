"""What the line does by itself is in the audit trail: filing, its own receipts, expiry."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from factories import AT, make_business, make_call, make_code, make_voicemail
from sqlalchemy import select
from staff import statements

from voiceline import expiry, filing
from voiceline.evidence.trail import trail_of
from voiceline.models import ActorKind, AuditEntry, PrivacyRequest, RequestEvent, Suspicion
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing
from voiceline.web_requests import Sent, file_sent

EARLIER = AT - timedelta(days=2)
LATER = AT + timedelta(hours=1)


class TestFilingByTelephone:
    def test_request_is_the_consumers_own_entry(self, session, code):
        call = make_call(session, code)
        call.right = Right.DELETE

        request_id = filing.file_request(session, call, received_at=AT, at=LATER)

        (entry,) = _entries(session, request_id)
        assert (entry.action, entry.actor_kind) == ("request.filed", ActorKind.CONSUMER)
        assert (entry.actor_id, entry.subject_id, entry.at) == (request_id, request_id, LATER)
        assert json.loads(entry.facts) == {
            "entry": _event(session, request_id, "filed"),
            "channel": "phone",
            "received_on": "2026-11-21",
            "rights": 1,
        }

    def test_filing_again_is_no_further_entry(self, session, code):
        call = make_call(session, code)

        ids = {filing.file_request(session, call, received_at=AT, at=AT) for _ in range(3)}

        assert len(_entries(session, ids.pop())) == 1

    @pytest.mark.parametrize("filed_first", [True, False])
    def test_receipt_that_was_heard_is_the_lines_entry(self, session, code, filed_first):
        call = make_call(session, code)
        if filed_first:
            filing.file_request(session, call, received_at=AT, at=AT)

        for _ in range(2):
            filing.hear_receipt(session, call, prompts_version="en/7", at=AT)
        request_id = filing.file_request(session, call, received_at=AT, at=LATER)

        filed, heard = _entries(session, request_id)
        assert (filed.action, heard.action) == ("request.filed", "request.acknowledged")
        assert heard.actor_kind == ActorKind.SYSTEM
        assert json.loads(heard.facts) == {
            "entry": _event(session, request_id, "acknowledged"),
            "how": "oral/en/7",
            "given_at": "2026-11-21T18:00:00.000000Z",
        }

    def test_day_that_moved_is_in_history_and_trail(self, session, code):
        call = make_call(session, code)
        request_id = filing.file_request(session, call, received_at=AT, at=AT)

        for _ in range(2):
            filing.file_request(session, call, received_at=EARLIER, at=LATER)

        days = {"was": "2026-11-21", "received_on": "2026-11-19"}
        event = session.scalars(select(RequestEvent).filter_by(kind="receipt_moved")).one()
        _, moved = _entries(session, request_id)
        assert (event.facts, event.user_id, event.at) == (days, None, LATER)
        assert (moved.action, moved.actor_kind) == ("request.receipt_moved", ActorKind.SYSTEM)
        assert json.loads(moved.facts) == days | {"entry": str(event.id)}

    def test_a_moment_earlier_on_the_same_day_is_no_entry(self, session, code):
        call = make_call(session, code)
        request_id = filing.file_request(session, call, received_at=AT, at=AT)

        filing.file_request(session, call, received_at=AT - timedelta(minutes=1), at=AT)

        assert len(_entries(session, request_id)) == 1

    def test_chain_is_held_for_the_last_statements_alone(self, session, code):
        call = make_call(session, code)
        filing.hear_receipt(session, call, prompts_version="en/7", at=AT)

        with statements(session.get_bind()) as asked:
            filing.file_request(session, call, received_at=AT, at=AT)

        chain = [number for number, words in enumerate(asked) if "audit_" in words]
        assert chain == [len(asked) - 2, len(asked) - 1]


class TestFormOnThePublicPage:
    def test_request_and_its_receipt_are_entries(self, session, code):
        request = _send(session, code)

        filed, receipt = _entries(session, request.id)
        assert (filed.action, filed.actor_kind) == ("request.filed", ActorKind.CONSUMER)
        assert json.loads(filed.facts)["channel"] == "web"
        assert (receipt.action, receipt.actor_kind) == ("request.acknowledged", ActorKind.SYSTEM)
        assert json.loads(receipt.facts)["how"] == "web/en/1"

    def test_what_seems_a_machines_is_filed_and_said_so(self, session, code):
        request = _send(session, code, suspected_because=Suspicion.HIDDEN_FIELD)

        (filed,) = _entries(session, request.id)
        assert json.loads(filed.facts)["suspected_because"] == "hidden_field"

    def test_the_same_form_again_is_no_further_entry(self, session, code):
        first = _send(session, code)

        second = _send(session, code)

        assert second.id == first.id
        assert len(_entries(session, first.id)) == 2


def test_audio_that_expired_is_an_entry_of_its_request(session, code, services):
    call = make_call(session, code)
    voicemail = make_voicemail(session, call, store=services.store)
    request_id = filing.file_request(session, call, received_at=AT, at=AT)

    expiry.let_go(session, [voicemail.id], at=LATER)

    *_, gone = _entries(session, request_id)
    assert (gone.action, gone.subject_id) == ("voicemail.expired", voicemail.id)
    assert gone.actor_kind == ActorKind.SYSTEM
    assert json.loads(gone.facts)["sha256"] == voicemail.sha256


def test_evidence_pack_has_what_the_line_did(session, code):
    call = make_call(session, code)
    filing.file_request(session, call, received_at=AT, at=AT)
    filing.hear_receipt(session, call, prompts_version="en/7", at=AT)

    trail = trail_of(session, filing.request_of(session, call))

    told = [json.loads(line)["action"] for line in trail.lines]
    assert told == ["request.filed", "request.acknowledged"]


def _send(session, code, **more):
    sent = Sent((Right.DELETE,), Standing.SELF, "en", email="maria@example.com")
    facts = {"key": "k", "texts_version": "en/1", "secret": "any", "at": AT}
    return file_sent(session, code, sent, **facts, **more)


def _entries(session, request_id):
    session.flush()
    return session.scalars(
        select(AuditEntry).filter_by(request_id=request_id).order_by(AuditEntry.sequence)
    ).all()


def _event(session, request_id, kind):
    request = session.get_one(PrivacyRequest, request_id)
    return next(str(event.id) for event in request.events if event.kind == kind)


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))
