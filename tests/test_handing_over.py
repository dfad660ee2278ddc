"""What a caller without a code left goes to one business, once, whole; and can come back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from factories import (
    make_business,
    make_call,
    make_code,
    make_derived,
    make_member,
    make_request,
    make_transcript,
    make_user,
    make_voicemail,
)
from sqlalchemy import func, select

from jobs import upkeep
from voiceline import belongings, desk, outbox, records, voicemails
from voiceline.desk import Clerk, Means
from voiceline.errors import MoveError, NotFoundError, OvertakenError, UserError
from voiceline.handing_over import hand_back, hand_over
from voiceline.intake import receive_voicemail
from voiceline.models import (
    ArchiveCopy,
    AuditEntry,
    Base,
    Call,
    ComplianceNote,
    Delivery,
    DeliveryKind,
    LegalHold,
    Membership,
    NoteVersion,
    PrivacyRequest,
    RequestEvent,
    RequestRead,
    RequestRecord,
    RequestTally,
    SearchDocument,
    Transcript,
    Voicemail,
)
from voiceline.notices import choose
from voiceline.ports import StoredObject
from voiceline.reach import bind
from voiceline.rules.alerts import UNASKED
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import AccountTier
from voiceline.search_documents import begin_document

AT = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
"""Half past ten in the evening of the 20th in California, the 21st in New York."""

LATER = AT + timedelta(hours=3)
REASON = "We sell no shoes"


def test_the_request_goes_with_all_that_is_part_of_it(session, left, acme, alice):
    hand_over(session, left.id, acme.id, clerk(left, alice))

    request = session.get_one(PrivacyRequest, left.id)
    assert request.business_id == acme.business_id
    assert (request.service_code_id, request.call.service_code_id) == (acme.id, acme.id)
    assert request.call.unassigned is False
    assert owners(session) == {acme.business_id}


def test_reference_receipt_and_history_stay(session, left, acme, alice):
    reference, received_at = left.reference, left.received_at

    hand_over(session, left.id, acme.id, clerk(left, alice))

    request = session.get_one(PrivacyRequest, left.id)
    assert (request.reference, request.received_at) == (reference, received_at)
    assert [event.kind for event in request.events] == ["filed", "handed_over"]
    assert request.events[-1].user_id == alice.id
    assert request.events[-1].facts == {"code": "1", "to_code": acme.code}


def test_dates_count_from_the_call_where_the_business_is(session, left, acme, alice):
    assert left.received_on == date(2026, 11, 20)
    acme.business.time_zone = "America/New_York"

    hand_over(session, left.id, acme.id, clerk(left, alice))

    request = session.get_one(PrivacyRequest, left.id)
    assert request.received_on == date(2026, 11, 21)
    assert request.respond_by == date(2027, 1, 5)
    assert request.watch_by is not None


@pytest.mark.parametrize(
    ("tier", "days", "tag"),
    [(AccountTier.SMALL_MEDIUM, 180, "small_medium"), (AccountTier.ENTERPRISE, 365, None)],
)
def test_audio_is_kept_as_long_as_the_new_plan_promises_from_the_call(
    session, left, acme, alice, tier, days, tag
):
    acme.business.tier = tier

    hand_over(session, left.id, acme.id, clerk(left, alice))

    (voicemail,) = session.scalars(select(Voicemail))
    assert voicemail.expires_at == voicemail.recorded_at + timedelta(days=days)
    assert voicemail.tier_tag == tag


def test_old_audio_is_not_lost_by_changing_hands(session, left, acme, alice):
    voicemail = session.scalars(select(Voicemail)).one()
    voicemail.expires_at = AT + timedelta(days=365)
    long_after = Clerk(alice, AT + timedelta(days=200), left.version)

    hand_over(session, left.id, acme.id, long_after)

    assert voicemail.expires_at == AT + timedelta(days=230)


def test_the_object_stays_and_a_job_writes_its_tag(services, session, left, acme, alice):
    acme.business.tier = AccountTier.ENTERPRISE
    key = session.scalar(select(Voicemail.object_key))
    hand_over(session, left.id, acme.id, clerk(left, alice))
    session.commit()

    upkeep.retag()

    voicemail = session.scalars(select(Voicemail).execution_options(populate_existing=True)).one()
    assert (voicemail.object_key, voicemail.tier_tag) == (key, "enterprise")
    assert services.store.get(key)
    assert services.store.tags(key)["tier"] == "enterprise"


def test_the_business_is_told_and_the_operator_not_any_more(session, left, acme, alice):
    acme.business.notify_address = "privacy@acme.example"
    bob = make_user(session, "Bob Baker")
    make_member(session, acme.business, bob)
    place = session.scalars(select(Membership)).one()
    choose(session, place, replace(UNASKED, at_once=True), at=AT)
    owed = Delivery(
        business_id=left.business_id,
        key=f"request_filed/{left.id.hex}",
        kind=DeliveryKind.REQUEST_FILED,
        request_id=left.id,
        address="line@operator.example",
        created_at=AT,
        due_at=AT,
    )
    session.add(owed)
    session.flush()

    hand_over(session, left.id, acme.id, clerk(left, alice))

    told = {(row.kind, row.address) for row in session.scalars(select(Delivery))}
    assert told == {
        ("request_filed", "privacy@acme.example"),
        ("new_request", "bob@example.com"),
    }


def test_the_log_and_its_counts_go_too(session, left, acme, alice):
    records.begin_record(session, left, at=AT)

    hand_over(session, left.id, acme.id, clerk(left, alice))

    assert session.scalars(select(RequestRecord.business_id)).all() == [acme.business_id]
    counts = session.execute(
        select(RequestTally.business_id, func.sum(RequestTally.count)).group_by(
            RequestTally.business_id
        )
    )
    assert {row[0]: row[1] for row in counts if row[1]} == {acme.business_id: 1}
    assert session.scalar(select(RequestRecord.service_code)) == acme.code


def test_both_trails_say_who_did_it(session, left, operator, acme, alice):
    hand_over(session, left.id, acme.id, clerk(left, alice))

    assert trail(session, operator.business_id) == [("request.handed_over", alice.id, left.id)]
    assert trail(session, acme.business_id) == [("request.taken_over", alice.id, left.id)]


def test_it_is_news_to_everybody_there(session, left, acme, alice):
    session.add(
        RequestRead(business_id=left.business_id, user_id=alice.id, request_id=left.id, read_at=AT)
    )
    left.assignee_id = alice.id
    session.flush()

    hand_over(session, left.id, acme.id, clerk(left, alice))

    request = session.get_one(PrivacyRequest, left.id)
    assert (request.assignee_id, request.news_at) == (None, LATER)
    assert session.scalars(select(RequestRead)).all() == []


def test_it_is_found_by_its_words_there_alone(session, left, acme, alice):
    begin_document(session, left, None)

    hand_over(session, left.id, acme.id, clerk(left, alice))

    document = session.scalars(select(SearchDocument)).one()
    assert document.business_id == acme.business_id
    if session.get_bind().dialect.name == "sqlite":
        assert acme.business_id.hex in document.words
    assert left.business_id == acme.business_id


def test_a_page_of_the_operator_hands_over_and_reaches_it_no_more(
    services, session, left, operator, acme, alice
):
    session.commit()
    with services.sessions.begin() as narrow:
        bind(narrow, operator.business_id)
        hand_over(narrow, left.id, acme.id, clerk(left, alice))

    with services.sessions.begin() as narrow:
        bind(narrow, operator.business_id)
        assert narrow.get(PrivacyRequest, left.id) is None
        assert narrow.scalars(select(Voicemail)).all() == []
        assert narrow.scalars(select(Call)).all() == []


def test_notes_go_with_their_texts_and_files(session, left, acme, alice):
    facts = {"business_id": left.business_id, "user_id": alice.id}
    note = ComplianceNote(request_id=left.id, created_at=AT, version=1, **facts)
    session.add(note)
    session.flush()
    session.add(NoteVersion(note_id=note.id, number=1, text="Shoes", at=AT, **facts))
    session.flush()

    hand_over(session, left.id, acme.id, clerk(left, alice))

    assert session.scalars(select(ComplianceNote.business_id)).all() == [acme.business_id]
    assert session.scalars(select(NoteVersion.business_id)).all() == [acme.business_id]


def test_every_table_that_refers_to_a_request_is_thought_of():
    roots = {"privacy_request", "voicemail", "call", "compliance_note"}
    thought_of = {
        table.__tablename__
        for table in (*belongings.OF_REQUEST, *belongings.OF_VOICEMAIL, *belongings.FORGOTTEN)
    }
    thought_of |= {"voicemail", "privacy_request", "note_version", "delivery"}
    thought_of |= {"archive_copy"}  # what lies in the former one's own bucket is not the next one's
    thought_of |= {"legal_hold"}  # one that was lifted stays with who placed it

    referring = {
        table.name
        for table in Base.metadata.sorted_tables
        if {fk.column.table.name for fk in table.foreign_keys} & roots
    }

    assert referring == thought_of


def test_the_formers_copies_count_for_nothing_there(session, left, acme, alice):
    (take,) = session.scalars(select(Voicemail).where(Voicemail.call_id == left.call_id))
    take.held_back = True
    facts = {"business_id": left.business_id, "voicemail_id": take.id}
    session.add(ArchiveCopy(**facts, place="operators/", archived_at=AT))
    session.flush()

    hand_over(session, left.id, acme.id, clerk(left, alice))

    assert session.scalars(select(ArchiveCopy)).all() == []
    assert take.held_back is False


def test_a_lifted_hold_stays_with_who_placed_it(session, left, acme, alice):
    lifted = LegalHold(
        business_id=left.business_id,
        request_id=left.id,
        reason="A matter of ours.",
        placed_at=AT,
        placed_by=alice.id,
        lifted_at=AT,
        lifted_by=alice.id,
    )
    session.add(lifted)
    session.flush()

    hand_over(session, left.id, acme.id, clerk(left, alice))

    assert lifted.business_id != acme.business_id
    assert left.business_id == acme.business_id


def test_what_is_handed_to_who_holds_everything_is_held(session, left, acme, alice):
    on_all = LegalHold(
        business_id=acme.business_id, reason="All of it.", placed_at=AT, placed_by=alice.id
    )
    session.add(on_all)
    session.flush()

    hand_over(session, left.id, acme.id, clerk(left, alice))

    assert set(session.scalars(select(Voicemail.held))) == {True}


# what cannot be handed over, and to whom


def test_what_is_under_a_hold_of_its_own_is_not_handed_over(session, left, acme, alice):
    held = LegalHold(
        business_id=left.business_id,
        request_id=left.id,
        reason="Ours.",
        placed_at=AT,
        placed_by=alice.id,
    )
    session.add(held)
    session.flush()

    with pytest.raises(MoveError, match="legal hold"):
        hand_over(session, left.id, acme.id, clerk(left, alice))


def test_who_does_not_answer_cannot_receive(session, left, acme, alice):
    acme.business.suspend()

    with pytest.raises(MoveError, match="Nobody answers"):
        hand_over(session, left.id, acme.id, clerk(left, alice))


def test_a_closed_business_cannot_receive(session, left, acme, alice):
    acme.business.close()

    with pytest.raises(MoveError, match="Nobody answers"):
        hand_over(session, left.id, acme.id, clerk(left, alice))


def test_a_withdrawn_code_cannot_receive(session, left, acme, alice):
    acme.withdrawn_at = AT

    with pytest.raises(MoveError, match="Nobody answers"):
        hand_over(session, left.id, acme.id, clerk(left, alice))


def test_the_operator_has_it_already(session, left, operator, alice):
    with pytest.raises(MoveError, match="with the operator already"):
        hand_over(session, left.id, operator.id, clerk(left, alice))


def test_what_was_meant_for_the_operator_stays(session, operator, acme, alice):
    call = make_call(session, operator)
    request = make_request(session, operator, call=call)

    with pytest.raises(MoveError, match="chose the operator"):
        hand_over(session, request.id, acme.id, clerk(request, alice))


def test_a_request_of_another_business_is_not_there(session, operator, acme, alice):
    request = make_request(session, acme, call=make_call(session, acme))

    with pytest.raises(NotFoundError):
        hand_over(session, request.id, acme.id, clerk(request, alice))


def test_what_was_answered_stays(session, left, acme, alice):
    desk.withdraw(session, left, clerk(left, alice), left.rights[0])

    with pytest.raises(MoveError, match="Answer it here"):
        hand_over(session, left.id, acme.id, clerk(left, alice))


def test_what_was_changed_since_is_looked_at_again(session, left, acme, alice):
    seen = clerk(left, alice)
    desk.acknowledge(session, left, seen, how=Means.PHONE)

    with pytest.raises(OvertakenError, match="Alice Abbott was first"):
        hand_over(session, left.id, acme.id, seen)


# two at once


def test_of_two_who_hand_over_at_once_exactly_one_does(services, session, left, acme, alice):
    zoo = make_code(session, make_business(session, "Zoo Toys"))
    make_user(session, "Bob Baker")
    session.commit()
    seen, start = left.version, threading.Barrier(2)

    def go(code_id):
        with services.sessions() as mine:
            start.wait()
            try:
                hand_over(mine, left.id, code_id, Clerk(alice, LATER, seen))
                mine.commit()
            except UserError as error:
                return str(error)
            return code_id

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(go, (acme.id, zoo.id)))

    won = [each for each in found if each in {acme.id, zoo.id}]
    (told,) = [each for each in found if each not in won]
    assert len(won) == 1
    assert "was handed over to" in told
    session.expire_all()
    assert session.get_one(PrivacyRequest, left.id).service_code_id == won[0]
    assert len(owners(session)) == 1


# jobs in the middle of their work


def test_a_take_that_is_being_collected_arrives_at_the_business(
    services, session, left, acme, alice
):
    late = make_voicemail(session, left.call, take=None)
    key = voicemails.object_key(late)
    hand_over(session, left.id, acme.id, clerk(left, alice))
    held = session.get_one(Voicemail, late.id)

    voicemails.keep(
        session,
        held,
        StoredObject(key, 16000, "0" * 64),
        tier_tag="small_medium",
        duration_ms=7000,
        at=LATER,
    )

    assert (held.status, held.business_id) == (VoicemailStatus.STORED, acme.business_id)
    assert voicemails.object_key(held) == key
    assert owners(session) == {acme.business_id}


def test_a_take_told_of_at_that_moment_follows_its_call(session, left, operator, acme, alice):
    hand_over(session, left.id, acme.id, clerk(left, alice))
    # as written by a callback that read the call just before it changed hands
    late = make_voicemail(session, left.call, take=None)
    late.business_id = operator.business_id
    session.flush()

    voicemails.keep(
        session,
        late,
        StoredObject("rec/late.wav", 16000, "0" * 64),
        tier_tag="small_medium",
        duration_ms=7000,
        at=LATER,
    )

    assert owners(session) == {acme.business_id}


def test_a_later_recording_of_the_call_is_the_businesss(session, left, acme, alice):
    hand_over(session, left.id, acme.id, clerk(left, alice))
    session.expire_all()

    found = receive_voicemail(
        session,
        call_carrier_id=left.call.carrier_id,
        carrier_id="RElate",
        recorded_at=LATER,
        at=LATER,
    )

    assert session.get_one(Voicemail, found).business_id == acme.business_id


def test_a_claim_outlives_the_hand_over(session, left, acme, alice):
    transcript = session.scalars(select(Transcript)).one()
    transcript.due_at = AT
    session.flush()
    held = outbox.claim(session, Transcript, transcript.id, at=AT).claim

    hand_over(session, left.id, acme.id, clerk(left, alice))

    again = session.get_one(Transcript, transcript.id)
    assert (again.claim, again.business_id) == (held, acme.business_id)


# back again


def test_what_is_not_theirs_they_hand_back_with_a_reason(session, left, operator, acme, alice, bob):
    hand_over(session, left.id, acme.id, clerk(left, alice))

    hand_back(session, left, clerk(left, bob), because=REASON)

    request = session.get_one(PrivacyRequest, left.id)
    assert owners(session) == {operator.business_id}
    assert request.call.unassigned is True
    assert request.events[-1].facts["because"] == REASON
    assert trail(session, acme.business_id)[-1] == ("request.handed_back", bob.id, left.id)
    assert trail(session, operator.business_id)[-1] == ("request.returned", bob.id, left.id)


def test_no_trail_holds_the_reason(session, left, acme, alice, bob):
    hand_over(session, left.id, acme.id, clerk(left, alice))
    hand_back(session, left, clerk(left, bob), because=REASON)

    assert all(REASON not in entry.facts for entry in session.scalars(select(AuditEntry)))


def test_what_came_back_can_go_to_another_who_is_told(session, left, acme, alice, bob):
    zoo = make_code(session, make_business(session, "Zoo Toys", notify_address="zoo@zoo.example"))
    hand_over(session, left.id, acme.id, clerk(left, alice))
    hand_back(session, left, clerk(left, bob), because=REASON)

    hand_over(session, left.id, zoo.id, clerk(left, alice, hours=2))

    assert owners(session) == {zoo.business_id}
    assert "zoo@zoo.example" in session.scalars(select(Delivery.address)).all()


def test_a_reason_is_said(session, left, acme, alice, bob):
    hand_over(session, left.id, acme.id, clerk(left, alice))

    with pytest.raises(UserError, match="why it is not yours"):
        hand_back(session, left, clerk(left, bob), because=" ")


def test_what_was_answered_is_not_handed_back(session, left, acme, alice, bob):
    hand_over(session, left.id, acme.id, clerk(left, alice))
    desk.withdraw(session, left, clerk(left, bob), left.rights[0])

    with pytest.raises(MoveError, match="no longer"):
        hand_back(session, left, clerk(left, bob), because=REASON)


def test_who_was_called_by_their_own_code_cannot_hand_back(session, operator, acme, bob):
    request = make_request(session, acme, call=make_call(session, acme))

    with pytest.raises(MoveError, match="your own code"):
        hand_back(session, request, clerk(request, bob), because=REASON)


def test_handing_over_is_not_undone_at_the_desk(session, left, acme, alice):
    hand_over(session, left.id, acme.id, clerk(left, alice))

    with pytest.raises(UserError, match="nothing to undo"):
        desk.undo(session, left, clerk(left, alice))


def clerk(request, user, *, hours=0):
    return Clerk(user, LATER + timedelta(hours=hours), request.version)


def trail(session, business_id):
    rows = session.execute(
        select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.request_id)
        .where(AuditEntry.business_id == business_id)
        .order_by(AuditEntry.sequence)
    )
    return [tuple(row) for row in rows if row[0].startswith("request.")]


def owners(session):
    """Whose the rows are that are of the request."""
    found = set()
    for table in (
        *(PrivacyRequest, Call, Voicemail, RequestEvent),
        *belongings.OF_REQUEST,
        *belongings.OF_VOICEMAIL,
    ):
        found |= set(session.scalars(select(table.business_id)))
    return found


@pytest.fixture
def operator(session):
    return make_code(session, make_business(session, "Operator"), "1")


@pytest.fixture
def acme(session):
    return make_code(session, make_business(session, opened_at=AT))


@pytest.fixture
def alice(session):
    return make_user(session, "Alice Abbott")


@pytest.fixture
def bob(session):
    return make_user(session, "Bob Baker")


@pytest.fixture
def left(session, services, operator):
    """A whole message that a caller without a code left, with all that is made of one."""
    call = make_call(session, operator, unassigned=True, started_at=AT)
    voicemail = make_voicemail(session, call, store=services.store)
    voicemail.tier_tag = "small_medium"
    make_transcript(session, voicemail, "this is for acme shoes please delete my data")
    make_derived(session, voicemail, services.store)
    return make_request(session, operator, call=call, received_at=AT)
