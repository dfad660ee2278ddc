from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product
from uuid import UUID

import pytest
from factories import (
    AT,
    make_business,
    make_call,
    make_code,
    make_message,
    make_request,
    make_transcript,
    make_user,
    make_voicemail,
)
from staff import statements

from voiceline import casework, inbox, inbox_rows
from voiceline.errors import UserError
from voiceline.inbox import inbox_page
from voiceline.lists import Order, Scope
from voiceline.models import EventKind
from voiceline.places import Place, open_place, seal_place
from voiceline.rules.deadlines import received_on
from voiceline.rules.lifecycle import RequestStatus, RightStatus
from voiceline.rules.rights import Right

DAY = timedelta(days=1)
ORDERS = list(product(Order, Scope))
COVERED = {
    Scope.OPEN: lambda request: request.watch_by is not None,
    Scope.APPEALED: lambda request: request.status == RequestStatus.APPEALED,
    Scope.ANSWERED: lambda request: request.watch_by is None,
    Scope.ALL: lambda request: True,
}
EXAMPLES = {
    Scope.OPEN: RequestStatus.DENIED,
    Scope.APPEALED: RequestStatus.APPEALED,
    Scope.ANSWERED: RequestStatus.WITHDRAWN,
    Scope.ALL: RequestStatus.ACKNOWLEDGED,
}
"""A status of requests that the scope covers; a refusal that nobody told is still open."""
TODAY = received_on(AT, "America/Los_Angeles")


def walk(session, business, order=Order.DEADLINE, scope=Scope.ALL, limit=3):
    """Read the whole list page by page."""
    rows, after = [], None
    while True:
        page = inbox_page(session, business.id, order=order, scope=scope, after=after, limit=limit)
        rows += page.rows
        if page.next is None:
            return [row.request for row in rows]
        assert len(page.rows) == limit
        after = page.next


class TestPages:
    @pytest.mark.parametrize(("order", "scope"), ORDERS)
    @pytest.mark.parametrize("limit", [1, 4, 100])
    def test_walk_shows_everything_once(self, session, acme, many, order, scope, limit):
        wanted = {each.id for each in many if COVERED[scope](each)}

        seen = [each.id for each in walk(session, acme, order, scope, limit)]

        assert len(seen) == len(wanted)
        assert set(seen) == wanted

    @pytest.mark.parametrize("scope", Scope)
    def test_newest_first_is_newest_first(self, session, acme, many, scope):
        seen = walk(session, acme, Order.NEWEST, scope)

        assert all((a.received_at, a.id) > (b.received_at, b.id) for a, b in pairwise(seen))

    def test_open_ones_come_by_deadline(self, session, acme, many):
        seen = walk(session, acme, Order.DEADLINE, Scope.OPEN)

        assert all(
            (a.watch_by, a.received_at, a.id) < (b.watch_by, b.received_at, b.id)
            for a, b in pairwise(seen)
        )

    def test_finished_ones_come_after_all_open_ones(self, session, acme, many):
        seen = [each.watch_by is not None for each in walk(session, acme)]

        assert seen == sorted(seen, reverse=True)
        assert {True, False} == set(seen)

    def test_equal_moments_are_neither_lost_nor_doubled(self, session, acme, code):
        for _ in range(10):
            make_request(session, code)

        for order in Order:
            assert len({each.id for each in walk(session, acme, order)}) == 10

    def test_page_ends_where_the_list_ends(self, session, acme, code):
        for _ in range(4):
            make_request(session, code)

        page = inbox_page(session, acme.id, order=Order.NEWEST, after=None, limit=4)

        assert (len(page.rows), page.next) == (4, None)

    @pytest.mark.parametrize(("limit", "shown"), [(-5, 1), (0, 1), (100_000, 100)])
    def test_limit_is_between_1_and_100(self, session, acme, code, limit, shown):
        for _ in range(101):
            make_request(session, code)

        page = inbox_page(session, acme.id, order=Order.NEWEST, after=None, limit=limit)

        assert len(page.rows) == shown

    def test_others_requests_are_not_there(self, session, acme, many):
        bolt = make_business(session, "Bolt Bikes")

        assert walk(session, bolt) == []


class TestRows:
    def test_row_shows_message_and_beginning_of_draft(self, session, acme, code, services):
        _, voicemail = make_message(session, code, services.store, text="word " * 500)

        (row,) = rows(session, acme)

        assert row.voicemail == voicemail
        assert len(row.snippet) == inbox_rows.SNIPPET
        assert not row.heard

    def test_latest_take_and_newest_draft_are_shown(self, session, acme, code):
        call = make_call(session, code)
        make_voicemail(session, call, take=None)
        for take in (2, 1):
            voicemail = make_voicemail(session, call, take=take)
            make_transcript(session, voicemail, f"take {take} old")
            make_transcript(session, voicemail, f"take {take} new", version=2)
        make_request(session, code, call=call)

        (row,) = rows(session, acme)

        assert (row.voicemail.take, row.snippet) == (2, "take 2 new")

    def test_request_without_a_call_is_shown(self, session, acme, code):
        make_request(session, code)

        (row,) = rows(session, acme)

        assert (row.voicemail, row.snippet, row.transcript_status) == (None, None, None)

    def test_what_a_colleague_heard_is_heard(self, session, acme, code):
        heard, voicemail = make_message(session, code)
        make_message(session, code)
        casework.note_listened(session, heard, voicemail, make_user(session, "Bob Baker"), AT)

        found = {row.request.id: row.heard for row in rows(session, acme)}

        assert [id_ for id_, it_is in found.items() if it_is] == [heard.id]

    @pytest.mark.parametrize(("order", "scope"), ORDERS)
    def test_page_costs_a_fixed_number_of_statements(
        self, services, session, acme, code, order, scope
    ):
        user, status = make_user(session), EXAMPLES[scope]
        for _ in range(30):
            request, _ = make_message(session, code)
            _bring_to(request, status, user)
        session.commit()
        session.expunge_all()

        with statements(services.engine) as asked:
            page = inbox_page(session, acme.id, order=order, scope=scope, after=None, limit=30)
            session.expunge_all()  # whatever is read now was read before
            for row in page.rows:
                it = row.request
                _ = (it.rights, it.call, it.service_code, it.requester)

        assert len(page.rows) == 30
        assert len(asked) <= 6, "\n".join(asked)


class TestCounts:
    def test_open_and_overdue_are_counted(self, session, acme, code):
        for days in (0, 10, 30, 60):
            make_request(session, code, right=Right.OPT_OUT, received_at=AT - days * DAY)
        done = make_request(session, code, right=Right.OPT_OUT, received_at=AT - 100 * DAY)
        done.complete(at=AT, by=make_user(session).id)
        session.flush()

        counts = inbox.count_requests(session, acme.id, TODAY)

        assert (counts.open, counts.overdue, counts.any) == (4, 2, True)

    def test_due_today_is_not_overdue(self, session, acme, code):
        request = make_request(session, code)

        on_its_day = inbox.count_requests(session, acme.id, request.watch_by)
        a_day_later = inbox.count_requests(session, acme.id, request.watch_by + DAY)

        assert (on_its_day.overdue, a_day_later.overdue) == (0, 1)

    def test_nothing_is_counted_for_a_new_business(self, session, many):
        counts = inbox.count_requests(session, make_business(session, "New").id, TODAY)

        assert (counts.open, counts.overdue, counts.any) == (0, 0, False)

    def test_counts_stop_at_their_cap(self, session, acme, code, monkeypatch):
        monkeypatch.setattr(inbox, "MOST_COUNTED", 3)
        for _ in range(5):
            make_request(session, code)

        assert inbox.count_requests(session, acme.id, TODAY).open == 3

    def test_news_is_what_was_filed_since(self, session, acme, code):
        filed_at = AT + timedelta(seconds=5)
        make_request(session, code, filed_at=AT - DAY)
        for _ in range(2):
            make_request(session, code, filed_at=filed_at)

        counts = [inbox.count_news(session, acme.id, since) for since in (AT, filed_at)]

        assert counts == [2, 0]


class TestPlaces:
    def test_place_survives_sealing(self, place):
        sealed = seal_place(place, about="acme/deadline/all", secret="key")

        assert open_place(sealed, about="acme/deadline/all", secret="key") == place
        assert sealed.isascii()
        assert "=" not in sealed

    def test_changed_place_does_not_open(self, place):
        sealed = seal_place(place, about="a", secret="key")

        for at in range(len(sealed) - 1):
            other = "A" if sealed[at] != "A" else "B"
            with pytest.raises(UserError, match="start again"):
                open_place(sealed[:at] + other + sealed[at + 1 :], about="a", secret="key")

    @pytest.mark.parametrize(("about", "secret"), [("b", "key"), ("a", "other")])
    def test_place_of_another_list_does_not_open(self, place, about, secret):
        sealed = seal_place(place, about="a", secret="key")

        with pytest.raises(UserError):
            open_place(sealed, about=about, secret=secret)

    @pytest.mark.parametrize("text", ["", "x", "%%%", "é", "A" * 10_000, "-1", "1e9"])
    def test_what_is_no_place_does_not_open(self, text):
        with pytest.raises(UserError):
            open_place(text, about="a", secret="key")

    def test_a_place_whose_row_moved_on_still_leads_on(self, session, acme, many, place):
        gone = replace(place, run=0)

        page = inbox_page(session, acme.id, order=Order.DEADLINE, after=gone, limit=50)

        assert page.rows


def rows(session, business):
    return inbox_page(session, business.id, order=Order.NEWEST, after=None, limit=50).rows


@pytest.fixture
def acme(session):
    return make_business(session)


@pytest.fixture
def code(session, acme):
    return make_code(session, acme)


@pytest.fixture
def many(session, code):
    """Requests of every status, right and age, and another business's among them."""
    user = make_user(session)
    noise = make_code(session, make_business(session, "Bolt Bikes"))
    made = []
    for number, (status, right) in enumerate(product(RequestStatus, (Right.DELETE, Right.OPT_OUT))):
        for age in (number, 3 * number % 7):
            request = make_request(session, code, right=right, received_at=AT - age * DAY)
            _bring_to(request, status, user)
            made.append(request)
            make_request(session, noise, right=right, received_at=AT - age * DAY)
    session.flush()
    return made


@pytest.fixture
def place():
    return Place(1, TODAY, AT, UUID(int=2**127 + 5))


def _bring_to(request, status, user):
    match status:
        case RequestStatus.ACKNOWLEDGED:
            request.acknowledge(how="oral/1", at=AT)
        case RequestStatus.COMPLETED:
            request.complete(at=AT, by=user.id)
        case RequestStatus.DENIED:
            request.deny(at=AT, by=user.id)
        case RequestStatus.WITHDRAWN:
            request.withdraw(at=AT)
        case RequestStatus.PARTLY:
            request.settle(request.rights, RightStatus.PARTLY, EventKind.PARTLY, AT, user.id)
        case RequestStatus.REDIRECTED:
            redirected = EventKind.REDIRECTED
            request.settle(request.rights, RightStatus.REDIRECTED, redirected, AT, user.id)
        case RequestStatus.APPEALED:
            request.deny(at=AT, by=user.id)
            request.settle(request.rights, RightStatus.APPEALED, EventKind.APPEALED, AT, user.id)
