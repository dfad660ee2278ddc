"""Two clerks at one request: the second is told what the first did, and changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from desks import TWO_POINTS, Desk
from factories import AT, make_user, unknown_id
from sqlalchemy import func, inspect, select, text

from voiceline import casework
from voiceline import desk as verbs
from voiceline.desk import Clerk, Means
from voiceline.desk.changes import begin
from voiceline.errors import NotFoundError, OvertakenError
from voiceline.models import EventKind, PrivacyRequest, RequestEvent, User
from voiceline.rules.denials import Code, Reason
from voiceline.rules.due_dates import Clock
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.rights import Right

REFUSAL = [Reason(Code.TAX_DOCUMENTS)]


def test_a_second_clerk_is_told_who_did_what_and_when(desk, bob):
    seen = desk.clerk(bob, at=AT + timedelta(minutes=3))
    desk.do(verbs.withdraw, desk.right())

    with pytest.raises(OvertakenError) as told:
        verbs.deny(desk.session, desk.request, seen, desk.right(), reasons=REFUSAL)

    assert (told.value.who, told.value.what, told.value.at) == ("Alice Abbott", "withdrawn", AT)
    assert str(told.value) == (
        "Alice Abbott was first: withdrawn, 2026-11-21 at 10:00 PST. "
        "Nothing was changed now: look at the request again."
    )
    assert desk.request.status == RequestStatus.WITHDRAWN


def test_listening_does_not_overtake_anybody(desk, bob):
    seen = desk.clerk(bob)
    desk.request.note_event(EventKind.LISTENED, at=AT, by=desk.user.id)
    desk.session.flush()

    verbs.acknowledge(desk.session, desk.request, seen, how=Means.LETTER)

    assert desk.request.acknowledged_how == "letter"


@pytest.mark.only("postgresql")
def test_who_listens_never_waits_for_who_decides(desk, bob, services):
    desk.session.commit()
    begin(desk.session, desk.request, desk.clerk())

    with services.sessions.begin() as other:
        other.execute(text("set local lock_timeout = '5s'"))
        other.get_one(PrivacyRequest, desk.request.id).note_event(
            EventKind.LISTENED, at=AT, by=bob.id
        )

    verbs.acknowledge(desk.session, desk.request, desk.clerk(), how=Means.LETTER)
    desk.session.commit()
    assert desk.request.acknowledged_how == "letter"


def test_the_line_may_be_first_as_well(desk, bob):
    seen = desk.clerk(bob)
    desk.request.acknowledge(how="oral/1", at=AT)
    desk.session.flush()

    with pytest.raises(OvertakenError, match=r"^The line was first: acknowledged") as told:
        verbs.acknowledge(desk.session, desk.request, seen, how=Means.LETTER)

    assert told.value.who is None


def test_every_change_makes_a_newer_version(desk):
    versions = [desk.request.version]

    for verb, facts in (
        (verbs.acknowledge, {"how": Means.EMAIL}),
        (verbs.verify_identity, {"evidence": TWO_POINTS}),
        (verbs.defer, {"right": desk.right(), "because": "an unpaid invoice"}),
        (verbs.resume, {"right": desk.right()}),
    ):
        desk.do(verb, **facts)
        versions.append(desk.request.version)

    assert versions == sorted(set(versions))


def test_a_change_is_in_the_history_with_who_and_when(desk):
    desk.wait(timedelta(hours=1))

    event = desk.do(verbs.deny, desk.right(), reasons=REFUSAL)

    line = casework.history_of(desk.session, desk.request)[0]
    assert (line.kind, line.at, line.by) == (EventKind.DENIED, desk.at, "Alice Abbott")
    assert (line.right, line.facts["codes"]) == (Right.DELETE, ["tax_documents"])
    assert (event.right, event.facts) == (desk.right(), line.facts)


def test_a_right_of_another_request_is_missing(desk, code, alice):
    other = Desk(desk.session, code, alice)

    for verb, facts in (
        (verbs.deny, {"reasons": REFUSAL}),
        (verbs.extend, {"because": "much data"}),
        (verbs.resume, {}),
        (verbs.strike_right, {"because": "misheard"}),
        (verbs.withdraw_appeal, {}),
    ):
        with pytest.raises(NotFoundError, match=r"^no such right$"):
            desk.do(verb, other.right(), **facts)
    with pytest.raises(NotFoundError):
        verbs.find_right(desk.request, unknown_id())


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_clerks_at_once_one_answers(services, desk, bob, attempt):
    desk.session.commit()
    request_id, version = desk.request.id, desk.request.version
    ids = (desk.user.id, bob.id)
    ready = Barrier(2)

    def answer(user_id):
        ready.wait(timeout=20)
        with services.sessions.begin() as session:
            user = session.get_one(User, user_id)
            request = session.get_one(PrivacyRequest, request_id)
            clerk = Clerk(user, AT + timedelta(minutes=attempt), version)
            try:
                verbs.deny(session, request, clerk, request.rights[0], reasons=REFUSAL)
            except OvertakenError as told:
                session.rollback()
                return told.who
            return None

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(answer, ids))

    names = ["Alice Abbott", "Bob Baker"]
    loser = 0 if told[0] else 1
    assert told[1 - loser] is None
    assert told[loser] == names[1 - loser]
    denials = select(func.count()).where(RequestEvent.kind == EventKind.DENIED)
    assert desk.session.scalar(denials) == 1


def test_words_of_a_clerk_are_kept_as_text(desk):
    desk.do(verbs.verify_identity, TWO_POINTS)

    desk.do(verbs.complete, desk.right(), done=" All \x00of it.\u202e ")

    assert desk.right().done == "All of it."


def test_colleagues_are_never_mixed_up(session, desk):
    carol = make_user(session, "Carol Cole")

    event = verbs.withdraw(session, desk.request, desk.clerk(carol))

    assert event.user_id == carol.id


def test_a_list_of_requests_does_without_the_records(services, desk):
    desk.session.commit()

    with services.sessions() as session:
        listed = session.get_one(PrivacyRequest, desk.request.id).rights[0]
        unread = set(inspect(listed).unloaded)
        found = casework.find_request(session, desk.request.business_id, desk.request.id)

    assert "due_records" in unread
    assert found.rights[0].due(Clock.RESPOND).by == found.respond_by
