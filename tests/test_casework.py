from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from factories import (
    AT,
    keep_audio,
    make_business,
    make_call,
    make_code,
    make_message,
    make_request,
    make_transcript,
    make_user,
    make_voicemail,
    tone,
    unknown_id,
)
from sqlalchemy import func, select
from staff import statements

from voiceline import casework
from voiceline.errors import NotFoundError
from voiceline.models import EventKind, RequestEvent
from voiceline.rules.lifecycle import VoicemailStatus

MINUTE = timedelta(minutes=1)


class TestFindRequest:
    def test_own_request_is_found_with_its_facts(self, session, code):
        request, _ = make_message(session, code)
        session.commit()
        session.expunge_all()

        found = casework.find_request(session, code.business_id, request.id)
        session.close()

        assert found.reference == request.reference
        assert (found.service_code.code, found.call.caller_id) == (code.code, "+14155550123")
        assert len(found.rights) == 1

    def test_foreign_and_missing_are_the_same(self, session, code, bolt):
        request, _ = make_message(session, code)

        for business_id, request_id in (
            (bolt.id, request.id),
            (code.business_id, unknown_id()),
            (unknown_id(), request.id),
        ):
            with pytest.raises(NotFoundError, match=r"^no such request$"):
                casework.find_request(session, business_id, request_id)


class TestMessages:
    def test_message_comes_with_its_newest_draft(self, session, code):
        request, voicemail = make_message(session, code, text="first draft")
        make_message(session, code, text="noise")
        newest = make_transcript(session, voicemail, "second draft", version=2)

        (message,) = casework.messages_of(session, request)

        assert (message.voicemail, message.transcript) == (voicemail, newest)

    def test_latest_take_comes_first(self, session, code):
        call = make_call(session, code)
        first, outside, second = (
            make_voicemail(session, call, take=take, recorded_at=AT + minutes * MINUTE)
            for take, minutes in ((1, 0), (None, 5), (2, 1))
        )
        request = make_request(session, code, call=call)

        found = [message.voicemail for message in casework.messages_of(session, request)]

        assert found == [second, first, outside]

    def test_takes_that_gave_way_are_left_out(self, session, code, services):
        call = make_call(session, code)
        replaced, erased = (make_voicemail(session, call, take=take) for take in (1, 2))
        stored = make_voicemail(session, call, take=3, store=services.store)
        replaced.replace(AT)
        erased.replace(AT)
        erased.erase(AT)
        request = make_request(session, code, call=call)

        found = [message.voicemail for message in casework.messages_of(session, request)]

        assert found == [stored]

    def test_what_was_erased_is_told_where_nothing_else_is(self, session, code, services):
        request, voicemail = make_message(session, code, services.store)
        voicemail.erase(AT)

        (message,) = casework.messages_of(session, request)

        assert message.voicemail.status == VoicemailStatus.ERASED

    def test_request_that_is_no_call_has_no_message(self, session, code):
        request = make_request(session, code)

        assert casework.messages_of(session, request) == []
        with pytest.raises(NotFoundError):
            casework.find_message(session, request)

    def test_message_of_another_request_is_missing(self, session, code):
        request, voicemail = make_message(session, code)
        _, other = make_message(session, code)

        assert casework.find_message(session, request, voicemail.id).voicemail == voicemail
        with pytest.raises(NotFoundError, match=r"^no such voicemail$"):
            casework.find_message(session, request, other.id)

    def test_voicemail_moved_to_another_business_is_missing(self, session, code, bolt):
        request, voicemail = make_message(session, code)
        voicemail.business_id = bolt.id
        session.flush()

        assert casework.messages_of(session, request) == []


class TestNotes:
    def test_listening_is_noted_with_who_and_when(self, session, code, alice):
        request, voicemail = make_message(session, code)

        casework.note_listened(session, request, voicemail, alice, AT + MINUTE)

        line = casework.history_of(session, request)[0]
        assert (line.kind, line.at, line.by) == (EventKind.LISTENED, AT + MINUTE, "Alice Abbott")

    def test_pieces_of_one_listening_are_noted_once(self, session, code, alice):
        request, voicemail = make_message(session, code)

        for minutes in (0, 1, 2, 4):
            casework.note_listened(session, request, voicemail, alice, AT + minutes * MINUTE)
            session.flush()

        assert count(session, EventKind.LISTENED) == 1

    def test_five_minutes_later_it_is_another_listening(self, session, code, alice):
        request, voicemail = make_message(session, code)

        for minutes in (0, 5):
            casework.note_listened(session, request, voicemail, alice, AT + minutes * MINUTE)
            session.flush()

        assert count(session, EventKind.LISTENED) == 2

    def test_each_person_and_each_deed_is_noted(self, session, code, alice):
        request, voicemail = make_message(session, code)
        other, its = make_message(session, code)
        bob = make_user(session, "Bob Baker")

        casework.note_listened(session, request, voicemail, alice, AT)
        casework.note_listened(session, request, voicemail, bob, AT)
        casework.note_listened(session, other, its, alice, AT)
        casework.note_downloaded(session, request, voicemail, alice, AT)
        session.flush()

        assert count(session, EventKind.LISTENED) == 3
        assert count(session, EventKind.DOWNLOADED) == 1

    def test_pieces_asked_for_at_once_are_noted_once(self, services, session, code, alice):
        request, voicemail = make_message(session, code)
        session.commit()

        def note(_: int) -> None:
            with services.sessions.begin() as another:
                found = casework.find_request(another, request.business_id, request.id)
                casework.note_listened(another, found, voicemail, alice, AT)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(note, range(12)))

        assert count(session, EventKind.LISTENED) == 1

    def test_noting_does_not_change_the_request(self, session, code, alice):
        request, voicemail = make_message(session, code)
        before = request.version

        casework.note_listened(session, request, voicemail, alice, AT)
        session.flush()

        assert request.version == before


class TestHistory:
    def test_history_is_newest_first_and_this_requests(self, session, code, alice):
        request, voicemail = make_message(session, code)
        make_message(session, code)
        request.acknowledge(how="oral/1", at=AT + MINUTE)
        casework.note_listened(session, request, voicemail, alice, AT + 2 * MINUTE)

        lines = casework.history_of(session, request)

        assert [line.kind for line in lines] == [
            EventKind.LISTENED,
            EventKind.ACKNOWLEDGED,
            EventKind.FILED,
        ]
        assert [line.by for line in lines] == ["Alice Abbott", None, None]

    def test_longest_history_is_cut(self, session, code):
        request, _ = make_message(session, code)
        for minutes in range(casework.LONGEST_HISTORY + 5):
            request.note_event(EventKind.LISTENED, at=AT + minutes * MINUTE)

        assert len(casework.history_of(session, request)) == casework.LONGEST_HISTORY


def test_request_page_costs_a_fixed_number_of_statements(services, session, code, alice):
    call = make_call(session, code)
    for take in range(1, 8):
        voicemail = make_voicemail(session, call, take=take)
        keep_audio(session, voicemail, services.store, tone(0.1))
        make_transcript(session, voicemail)
    request = make_request(session, code, call=call)
    session.commit()
    session.expunge_all()

    with statements(services.engine) as asked:
        found = casework.find_request(session, code.business_id, request.id)
        messages = casework.messages_of(session, found)
        casework.history_of(session, found)

    assert len(messages) == 7
    assert len(asked) == 5, "\n".join(asked)


def count(session, kind: EventKind) -> int:
    query = select(func.count()).select_from(RequestEvent).where(RequestEvent.kind == kind)
    return session.scalar(query)


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))


@pytest.fixture
def bolt(session):
    return make_business(session, "Bolt Bikes")


@pytest.fixture
def alice(session):
    return make_user(session, "Alice Abbott")
