from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from factories import AT, make_member, make_request, make_user
from proving import hidden_fields, prove
from sqlalchemy import delete, select, update
from staff import csrf_token, signed_in
from werkzeug.datastructures import MultiDict

from jobs import bulk as bulk_job
from jobs import claimed, upkeep
from voiceline import bulk
from voiceline.dashboard import bulk as bulk_pages
from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import (
    BulkAction,
    BulkItem,
    BulkOutcome,
    Delivery,
    DeliveryKind,
    EventKind,
    Membership,
    PrivacyRequest,
    RequestEvent,
    Role,
)
from voiceline.rules.references import grouped


def choose(client, world, do, ids=(), **fields):
    token = csrf_token(client, world.inbox)
    form = {"csrf_token": token, "do": do, "ids": [str(each) for each in ids]} | fields
    return client.post(f"{world.inbox}/bulk", data=form)


def act(client, world, do, ids=(), **fields):
    token = csrf_token(client, world.inbox)
    form = {"csrf_token": token, "do": do, "form": str(uuid4())}
    form |= {"ids": [str(each) for each in ids]} | fields
    return client.post(f"{world.inbox}/bulk/act", data=form)


def result(client, answer):
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["Location"])
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.partition('id="result"')[2]).split())


def assignee(services, request):
    with services.sessions() as session:
        return session.get_one(PrivacyRequest, request.id).assignee_id


def test_confirming_says_how_many_and_what_follows(alice, world, ten):
    page = choose(alice, world, "acknowledge", [each.id for each in ten]).text

    assert "Confirm receipt: 10 requests" in page
    assert "No letter is sent from here" in page
    assert "How were the consumers told?" in page


def test_what_was_done_and_what_was_skipped_is_listed(alice, world, services, ten):
    with services.sessions.begin() as session:
        session.get_one(PrivacyRequest, ten[3].id).acknowledge(how="email", at=AT)

    told = result(alice, act(alice, world, "acknowledge", [each.id for each in ten], how="email"))

    assert "9 confirmed , 1 skipped" in told
    assert f"{grouped(ten[3].reference)} : Receipt was confirmed on" in told


def test_d11_foreign_and_missing_ids_are_skipped_alike(alice, world, services, ten):
    ids = [ten[0].id, world.foreign.id, uuid4(), "nonsense", ten[1].id]

    told = result(alice, act(alice, world, "assign", ids, to="me"))

    assert "2 assigned to Alice Abbott , 3 skipped" in told
    assert told.count("Not found.") == 3
    assert grouped(world.foreign.reference) not in told
    assert assignee(services, world.foreign) is None


@pytest.mark.parametrize("do", ["assign", "read", "export"])
def test_d11_too_many_are_refused_with_a_word(alice, world, do):
    answer = choose(alice, world, do, [uuid4() for _ in range(10_001)])

    assert answer.status_code == 400
    assert "At most 10,000 requests at once" in answer.text


@pytest.mark.parametrize(
    ("do", "fields", "said"),
    [
        ("assign", {}, "Nothing is chosen"),
        ("explode", {"ids": [str(uuid4())]}, "Choose what to do from the list"),
        ("", {}, "Nothing is chosen"),
    ],
)
def test_odd_choices_are_refused_with_a_word(alice, world, do, fields, said):
    answer = choose(alice, world, do, **fields)

    assert answer.status_code == 400
    assert said in answer.text


@pytest.mark.parametrize("fields", [{"to": "Bob"}, {"to": ""}, {"to": str(uuid4())}])
def test_odd_colleagues_are_refused_before_anything_is_done(alice, world, services, ten, fields):
    answer = act(alice, world, "assign", [ten[0].id], **fields)

    assert answer.status_code == 400
    with services.sessions() as session:
        assert session.query(BulkAction).count() == 0


def test_double_click_does_it_once(alice, world, services, ten):
    form = str(uuid4())
    ids = [each.id for each in ten]

    answers = [act(alice, world, "assign", ids, to="me", form=form) for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    with services.sessions() as session:
        kind = RequestEvent.kind == EventKind.ASSIGNED
        assert session.query(RequestEvent).filter(kind).count() == 10


@pytest.mark.parametrize(
    ("do", "fields"),
    [("assign", {"to": "me"}), ("unread", {}), ("acknowledge", {"how": "email"})],
)
def test_all_that_match_with_nothing_taken_out(alice, world, services, ten, do, fields):
    answer = act(alice, world, do, all="1", list="status=open&order=deadline", **fields)

    with services.sessions() as session:
        (action,) = session.scalars(select(BulkAction)).all()
    assert answer.status_code == 303
    assert action.count == len(ten) + 1


def test_all_that_match_is_exported_whatever_is_ticked(alice, world, ten):
    answer = choose(alice, world, "export", [ten[0].id], all="1", list="status=open")

    assert answer.text.count("\n") == 1 + len(ten) + 1


def test_same_form_with_others_taken_out_is_another_act(alice, world, services, ten):
    form, filters = str(uuid4()), "status=open&order=deadline"

    for left in ten[:2]:
        act(alice, world, "assign", all="1", list=filters, to="me", but=str(left.id), form=form)

    assert assignee(services, ten[0]) == world.alice.id
    with services.sessions() as session:
        assert session.query(BulkAction).count() == 2


def test_what_a_colleague_did_since_is_not_overridden(alice, bob, world, services, ten):
    seen = re.search(f'name="ids" value="({ten[0].id}:[0-9]+)"', alice.get(world.inbox).text)
    page = f"{world.inbox}/{ten[0].id}"
    form = {"csrf_token": csrf_token(bob, page), "version": seen[1].partition(":")[2], "to": "me"}
    assert bob.post(f"{page}/assign", data=form).status_code == 303

    told = result(alice, act(alice, world, "assign", [seen[1], f"{ten[1].id}:1"], to="me"))

    assert "1 assigned" in told
    assert "Bob Baker was first: assigned" in told
    assert assignee(services, ten[0]) == world.bob.id
    assert assignee(services, ten[1]) == world.alice.id


def test_who_works_here_no_more_reads_nothing(alice, world, services, clock, ten):
    act(alice, world, "unread", [each.id for each in ten])
    with services.sessions.begin() as session:
        (action,) = session.scalars(select(BulkAction)).all()
        session.execute(update(BulkItem).values(outcome=None, why=None))
        action.finished_at = None
        session.execute(delete(Membership).where(Membership.user_id == world.alice.id))

    bulk.work(services.sessions, action, clock)

    with services.sessions() as session:
        outcomes = set(session.scalars(select(BulkItem.outcome)))
    assert outcomes == {BulkOutcome.SKIPPED}


def test_all_that_match_is_looked_up_when_it_is_done(alice, world, services, ten):
    with services.sessions.begin() as session:
        late = make_request(session, world.acme_code, language="es")
    filters = "status=open&order=deadline&language=en"

    told = result(
        alice,
        act(alice, world, "assign", all="1", list=filters, to="me", but=str(ten[0].id)),
    )

    assert told.startswith(">") or "10 assigned" in told
    assert assignee(services, ten[0]) is None
    assert assignee(services, late) is None
    assert assignee(services, ten[1]) == world.alice.id


def test_who_is_given_many_gets_one_mail(alice, world, services, ten):
    act(alice, world, "assign", [each.id for each in ten], to=str(world.bob.id))

    with services.sessions() as session:
        kind = Delivery.kind == DeliveryKind.ASSIGNED
        (mail,) = session.scalars(select(Delivery).where(kind)).all()
    assert (mail.user_id, mail.facts) == (world.bob.id, {"count": "10"})


def test_undo_takes_back_what_nobody_changed_since(alice, world, services, ten):
    answer = act(alice, world, "assign", [each.id for each in ten[:3]], to="me")
    page = answer.headers["Location"]
    with services.sessions.begin() as session:
        changed = session.get_one(PrivacyRequest, ten[1].id)
        changed.last_change_id = None

    undone = alice.post(f"{page}/undo", data={"csrf_token": csrf_token(alice, page)})
    again = alice.post(f"{page}/undo", data={"csrf_token": csrf_token(alice, world.inbox)})

    told = result(alice, undone)
    assert "2 undone , 1 could not be undone" in told
    assert "Not undone: It was changed since." in told
    assert again.status_code == 303
    assert assignee(services, ten[0]) is None
    assert assignee(services, ten[1]) == world.alice.id


def test_undo_is_for_half_a_minute(alice, world, services, ten, clock):
    page = act(alice, world, "read", [ten[0].id]).headers["Location"]
    clock.wait(timedelta(seconds=31))

    late = alice.post(f"{page}/undo", data={"csrf_token": csrf_token(alice, world.inbox)})

    assert "Undo</button>" not in alice.get(page).text
    assert late.status_code == 400
    assert "too late" in late.text


def test_reading_is_done_without_asking_and_undone(alice, world, ten):
    ids = [each.id for each in ten[:2]]

    answer = choose(alice, world, "read", ids, form=str(uuid4()))
    again = choose(alice, world, "read", ids, form=str(uuid4()))

    assert "2 marked as read" in result(alice, answer)
    assert "0 marked as read , 2 skipped" in result(alice, again)
    page = answer.headers["Location"]
    alice.post(f"{page}/undo", data={"csrf_token": csrf_token(alice, page)})
    assert "2 undone" in result(alice, answer)


def test_results_are_shown_to_who_did_it_alone(alice, bob, charlie, world, ten):
    page = act(alice, world, "read", [ten[0].id]).headers["Location"]

    codes = [client.get(page).status_code for client in (alice, bob, charlie)]

    assert codes == [200, 404, 404]


def test_viewers_do_nothing_with_many(app, world, services, ten):
    with services.sessions.begin() as session:
        vera = make_user(session, "Vera Vance")
        make_member(session, world.acme, vera, Role.VIEWER)
    viewer = signed_in(app, vera)

    answers = [each(viewer, world, "read", [ten[0].id]) for each in (choose, act)]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_many_are_a_jobs_and_go_on_after_a_crash(
    alice, world, services, ten, clock, monkeypatch, environment
):
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(bulk_pages, "AT_ONCE", 3)
    monkeypatch.setattr(claimed, "now", clock)
    monkeypatch.setattr(bulk_job, "now", clock)
    answer = act(alice, world, "assign", [each.id for each in ten], to="me")
    before = result(alice, answer)
    with services.sessions() as session:
        (action,) = session.scalars(select(BulkAction)).all()

    bulk.work(services.sessions, action, clock, until=clock())
    for _ in range(2):
        bulk_job.act_in_bulk(str(action.id))

    assert "10 still to do" in before
    assert "10 assigned to Alice Abbott ." in result(alice, answer)
    assert (BulkAction, "act_in_bulk") in upkeep.OWED
    with services.sessions() as session:
        assert session.query(BulkItem).filter(BulkItem.outcome.is_(None)).count() == 0


def test_export_of_many_asks_who_is_there(alice, world, services, clock, monkeypatch, ten):
    monkeypatch.setattr(bulk_pages, "MANY", 9)
    clock.wait(CONFIRMED_FOR)

    answer = choose(alice, world, "export", all="1", list="status=open")
    few = choose(alice, world, "export", [ten[0].id])

    assert (answer.status_code, answer.mimetype, few.status_code) == (403, "text/html", 200)
    kept = hidden_fields(answer.text)
    assert set(kept) >= {("do", "export"), ("all", "1"), ("list", "status=open")}
    prove(alice)
    again = alice.post(f"{world.inbox}/bulk", data=MultiDict(kept))
    assert (again.status_code, again.mimetype) == (200, "text/csv")
    assert len(again.text.splitlines()) > 10


def test_export_is_safe_for_spreadsheets_and_on_record(alice, world, services, ten):
    with services.sessions.begin() as session:
        code = session.merge(world.acme_code)
        code.brand = "=cmd|' /C calc'!A0"

    answer = choose(alice, world, "export", [ten[0].id, world.foreign.id, ten[1].id])

    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    # received at one moment, so that their order says nothing
    assert {row["reference"] for row in rows} == {grouped(each.reference) for each in ten[:2]}
    assert rows[0]["asked_of"].startswith("'=cmd")
    assert rows[0]["time_zone"] == "America/Los_Angeles"
    assert answer.mimetype == "text/csv"


@pytest.fixture
def ten(world, services):
    with services.sessions.begin() as session:
        return [make_request(session, world.acme_code) for _ in range(10)]
