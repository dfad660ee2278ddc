"""The unassigned queue: what waits, who may be meant, handing over, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import AT, make_business, make_call, make_code, make_message, make_request
from operators import operators_browser
from sqlalchemy import insert, select
from staff import statements

from voiceline import unassigned
from voiceline.models import Business, PrivacyRequest, Role, ServiceCode
from voiceline.rules.retention import AccountTier
from voiceline.rules.service_codes import OPERATOR_CODE

QUEUE = "/operator/unassigned"


@pytest.fixture
def olga(app, services, world):
    return operators_browser(app, services)


def leave(services, text="this is for acme shoes please delete my data", **facts):
    """Leave a message without a code; answer its request."""
    with services.sessions.begin() as session:
        code = session.scalars(select(ServiceCode).filter_by(code=OPERATOR_CODE)).one()
        request, voicemail = make_message(session, code, services.store, text=text, **facts)
        voicemail.call.unassigned = True
        return request


def csrf_of(page):
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]


def name_of(request):
    return f"{request.id}:{request.version}"


def give(browser, code, *requests):
    ids = [name_of(each) for each in requests]
    page = browser.get(f"{QUEUE}/hand-over", query_string={"ids": ids, "code": code.id})
    form = {"csrf_token": csrf_of(page), "ids": ids, "code": str(code.id)}
    return browser.post(f"{QUEUE}/hand-over", data=form)


def owner(services, request):
    with services.sessions() as session:
        return session.get_one(PrivacyRequest, request.id).business_id


class TestQueue:
    def test_it_says_so_when_nothing_waits(self, olga):
        assert "Nothing waits" in olga.get(QUEUE).text

    def test_what_waits_longest_is_first(self, services, olga):
        late = leave(services)
        early = leave(services, received_at=AT - timedelta(days=2))

        page = olga.get(QUEUE).text

        assert page.index(f"/{early.id}") < page.index(f"/{late.id}")

    def test_what_was_meant_for_the_operator_is_not_in_it(self, services, olga):
        with services.sessions.begin() as session:
            code = session.scalars(select(ServiceCode).filter_by(code=OPERATOR_CODE)).one()
            own = make_request(session, code, call=make_call(session, code))

        assert "Nothing waits" in olga.get(QUEUE).text
        assert olga.get(f"{QUEUE}/{own.id}").status_code == 404

    def test_a_viewer_listens_and_hands_nothing_over(self, app, services, world, olga):
        request = leave(services)
        viewer = operators_browser(app, services, Role.VIEWER)

        assert viewer.get(QUEUE).status_code == 200
        assert viewer.get(f"{QUEUE}/{request.id}").status_code == 200
        assert viewer.get(f"{QUEUE}/hand-over?ids={name_of(request)}").status_code == 403

    def test_businesses_find_nothing(self, services, alice, olga):
        request = leave(services)

        for address in (QUEUE, f"{QUEUE}/{request.id}", f"{QUEUE}/hand-over"):
            assert alice.get(address).status_code == 404

    def test_requests_of_businesses_are_not_in_it(self, world, olga):
        assert olga.get(f"{QUEUE}/{world.request.id}").status_code == 404


class TestWhoWasMeant:
    def test_a_name_in_the_draft_is_suggested(self, services, world, olga):
        page = olga.get(f"{QUEUE}/{leave(services).id}").text

        assert "Names that the machine heard" in page
        assert f"code={world.acme_code.id}" in page

    def test_words_that_everybody_says_suggest_nobody(self, services, world, olga):
        with services.sessions.begin() as session:
            make_code(session, make_business(session, "Delete Data"))

        page = olga.get(f"{QUEUE}/{leave(services, text='please delete my data').id}").text

        assert "The machine heard no name" in page

    @pytest.mark.parametrize("word", ["acme", "ACME sho", "{code}"])
    def test_by_name_and_code(self, services, world, olga, word):
        request = leave(services, text=None)
        word = word.format(code=world.acme_code.code)

        page = olga.get(f"{QUEUE}/{request.id}", query_string={"q": word}).text

        assert f"code={world.acme_code.id}" in page

    def test_who_does_not_answer_is_not_found(self, services, world, olga):
        with services.sessions.begin() as session:
            session.get_one(Business, world.acme.id).suspend()

        page = olga.get(f"{QUEUE}/{leave(services).id}?q=acme").text

        assert "Nobody who answers now" in page
        assert str(world.acme_code.id) not in page


class TestHandingOver:
    def test_it_says_first_what_will_happen(self, services, world, olga):
        request = leave(services)

        page = olga.get(f"{QUEUE}/hand-over?ids={name_of(request)}&code={world.acme_code.id}").text

        assert "Hand over a request to Acme Shoes?" in page
        assert "You reach it no more" in page

    def test_it_is_the_businesss_and_the_operators_no_more(self, services, world, alice, olga):
        request = leave(services)
        operators = owner(services, request)

        answer = give(olga, world.acme_code, request)

        assert answer.status_code == 303
        assert owner(services, request) == world.acme.id
        assert olga.get(f"{QUEUE}/{request.id}").status_code == 404
        assert olga.get(f"/businesses/{operators}/requests/{request.id}").status_code == 404
        assert (
            olga.get(f"/businesses/{operators}/requests/{request.id}/audio.wav").status_code == 404
        )
        theirs = f"/businesses/{world.acme.id}/requests/{request.id}"
        assert "Handed over to you" in alice.get(theirs).text
        assert alice.get(f"{theirs}/audio.wav").status_code == 200

    def test_the_business_takes_its_evidence_with_the_message(self, services, world, alice, olga):
        request = leave(services)
        give(olga, world.acme_code, request)
        page = f"/businesses/{world.acme.id}/requests/{request.id}"

        answer = alice.post(f"{page}/evidence.zip", data={"csrf_token": csrf_of(alice.get(page))})

        assert answer.status_code == 200
        assert answer.data.startswith(b"PK")

    def test_the_next_is_shown_at_once(self, services, world, olga):
        first, second = leave(services), leave(services)

        answer = give(olga, world.acme_code, first)

        assert answer.location.startswith(f"{QUEUE}/{second.id}?said=")
        assert "This is the next" in olga.get(answer.location).text

    def test_after_the_last_the_queue_is_empty(self, services, world, olga):
        answer = give(olga, world.acme_code, leave(services))

        page = olga.get(answer.location).text
        assert "was handed over" in page
        assert "Nothing waits" in page

    def test_some_of_several_that_went_elsewhere_are_told_and_keep_none(
        self, services, world, olga
    ):
        one, gone = leave(services), leave(services)
        ids = [name_of(one), name_of(gone)]
        ask = {"ids": ids, "code": str(world.acme_code.id)}
        token = csrf_of(olga.get(f"{QUEUE}/hand-over", query_string=ask))
        give(olga, world.acme_code, gone)

        page = olga.post(f"{QUEUE}/hand-over", data={"csrf_token": token, **ask})

        assert page.status_code == 200
        assert "1 handed over to Acme Shoes, 1 not" in page.text
        assert "was handed over to Acme Shoes already" in page.text
        assert owner(services, one) == world.acme.id

    def test_what_is_sent_twice_is_done_once(self, services, world, olga):
        request = leave(services)
        ask = {"ids": name_of(request), "code": str(world.acme_code.id)}
        token = csrf_of(olga.get(f"{QUEUE}/hand-over", query_string=ask))

        first, second = (
            olga.post(f"{QUEUE}/hand-over", data={"csrf_token": token, **ask}) for _ in "12"
        )

        assert (first.status_code, second.status_code) == (303, 409)

    @pytest.mark.parametrize("ids", ["x", "x:1", "1:1:1"])
    def test_what_is_no_choice_is_refused(self, world, olga, ids):
        answer = olga.get(f"{QUEUE}/hand-over", query_string={"ids": ids})

        assert answer.status_code == 400

    def test_nothing_ticked_is_said(self, world, olga):
        assert "Choose at least one request" in olga.get(f"{QUEUE}/hand-over").text

    def test_nobody_to_receive_is_said(self, services, world, olga):
        request = leave(services)

        page = olga.get(f"{QUEUE}/hand-over?ids={name_of(request)}&code={uuid4()}")

        assert page.status_code == 400
        assert "Nobody answers for that code now" in page.text


class TestHandingBack:
    def test_a_business_hands_back_what_is_not_its_own(self, services, world, alice, olga):
        request = leave(services)
        give(olga, world.acme_code, request)
        page = f"/businesses/{world.acme.id}/requests/{request.id}"
        form = alice.get(f"{page}/hand-back")
        version = form.text.partition('name="version" value="')[2].partition('"')[0]

        answer = alice.post(
            f"{page}/hand-back",
            data={"csrf_token": csrf_of(form), "version": version, "because": "Not our shoes"},
        )

        assert answer.location.endswith(f"/businesses/{world.acme.id}/requests")
        assert alice.get(page).status_code == 404
        assert "Not our shoes" in olga.get(f"{QUEUE}/{request.id}").text

    def test_who_was_called_by_their_own_code_is_told_so(self, world, alice):
        page = f"/businesses/{world.acme.id}/requests/{world.request.id}"

        assert "by your own code" in alice.get(f"{page}/hand-back").text
        assert "Hand it back" not in alice.get(page).text


class TestCost:
    def test_many_businesses_and_messages_cost_no_more_statements(self, services, world, olga):
        request = leave(services)
        with statements(services.engine) as few:
            olga.get(QUEUE)
        with statements(services.engine) as few_of_item:
            olga.get(f"{QUEUE}/{request.id}?q=shop")
        for _ in range(45):
            leave(services, audio=None)
        add_businesses(services, 5000)

        with statements(services.engine) as many:
            olga.get(QUEUE)
        with statements(services.engine) as many_of_item:
            olga.get(f"{QUEUE}/{request.id}?q=shop")

        assert len(many) == len(few)
        assert len(many_of_item) <= len(few_of_item)

    def test_no_more_is_suggested_than_is_read(self, services, world, session):
        add_businesses(services, 300)

        found = unassigned.suggest(session, ["this is for shop number twelve"], AT)

        assert len(found) <= unassigned.MOST_SUGGESTED


def add_businesses(services, count):
    ids = [uuid4() for _ in range(count)]
    facts = {"tier": AccountTier.SMALL_MEDIUM, "opened_at": AT}
    businesses = [{"id": id_, "name": f"Shop {n}", **facts} for n, id_ in enumerate(ids)]
    codes = [{"business_id": id_, "code": f"6{n:06d}"} for n, id_ in enumerate(ids)]
    with services.sessions.begin() as session:
        session.execute(insert(Business), businesses)
        session.execute(insert(ServiceCode), codes)
