from __future__ import annotations

import pytest
from factories import (
    AT,
    make_business,
    make_call,
    make_code,
    make_member,
    make_message,
    make_request,
    make_transcript,
    make_user,
    make_voicemail,
)
from staff import statements

from voiceline import desk, filing, filters
from voiceline.desk import Clerk, Contact
from voiceline.filters import Filter
from voiceline.inbox import inbox_page, matching_ids
from voiceline.lists import Order, Scope
from voiceline.models import Requester, SearchDocument
from voiceline.reading import Reader
from voiceline.rules.search_words import MOST_ASKED, asked_for, number_words, words_of
from voiceline.search_documents import follow_document, follow_voicemail

ZONE = "America/Los_Angeles"


@pytest.mark.parametrize(
    "asked",
    [
        "delete",
        "DELETE",
        "del",
        "José",
        "jose",
        "josé garcía delete",
        "jose@example.com",
        "example.com",
        "100%",
        "snake_case",
        "back\\slash",
        "O'Neil",
        "415 555 0123",
        "(415) 555-0123",
        "+1 415-555-0123",
        "4155550123",
        "0123",
        "555 0199",
        "Main Street",
    ],
)
def test_what_is_in_it_is_found(session, acme, filed, asked):
    assert search(session, acme, asked) == [filed.id]


@pytest.mark.parametrize(
    "asked",
    [
        *("%", "_", "\\", "%delete", "d_lete", "delete%", "snakeXcase", "100_"),
        *(
            "' or 1=1 --",
            "zebra:* | delete",
            "delete&zebra",
            "elete",
            "delete bicycle",
            "9999999",
            "@",
        ),
        "(a+)+$",
    ],
)
def test_marks_are_themselves_and_all_words_must_match(session, acme, filed, asked):
    """D7: no pattern, no operator, nothing that takes long."""
    assert search(session, acme, asked) == []


def test_reference_is_found_however_it_is_written(session, acme, filed):
    digits = filed.reference

    for written in (
        digits,
        f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
        f"{digits[:3]} {digits[3:]}",
    ):
        assert search(session, acme, written) == [filed.id]


def test_others_words_are_not_found(session, acme, filed):
    bolt = make_business(session, "Bolt Bikes")

    assert search(session, bolt, "delete") == []
    assert search(session, bolt, f"\x1f{acme.id.hex}") == []


def test_draft_that_comes_later_is_found(session, acme, code):
    call = make_call(session, code)
    voicemail = make_voicemail(session, call)
    request = make_request(session, code, call=call)
    follow_document(session, request)
    assert search(session, acme, "bananas") == []

    make_transcript(session, voicemail, "about my bananas")
    follow_voicemail(session, voicemail)

    assert search(session, acme, "bananas") == [request.id]


def test_newest_draft_alone_counts(session, acme, code):
    request, voicemail = make_message(session, code, text="first hearing")
    make_transcript(session, voicemail, "second listening", version=2)
    follow_voicemail(session, voicemail)

    assert search(session, acme, "listening") == [request.id]
    assert search(session, acme, "hearing") == []


def test_words_of_a_take_that_gave_way_are_gone(session, acme, code):
    request, voicemail = make_message(session, code, text="a secret of mine")
    follow_document(session, request)
    assert search(session, acme, "secret") == [request.id]

    voicemail.replace(AT)
    voicemail.erase(AT)
    follow_voicemail(session, voicemail)

    assert search(session, acme, "secret") == []


def test_contact_is_found_as_it_is_now(session, acme, code):
    user = make_user(session)
    make_member(session, acme, user)
    request = make_request(session, code)
    follow_document(session, request)

    for name in ("Maria Ruiz", "Mario Rossi"):
        clerk = Clerk(user, AT, request.version)
        desk.set_contact(session, request, clerk, Contact(name=name))

    assert search(session, acme, "rossi") == [request.id]
    assert search(session, acme, "ruiz") == []


def test_filing_a_call_begins_its_document(session, acme, code):
    call = make_call(session, code, caller_id="+442079460958")

    request_id = filing.file_request(session, call, received_at=AT, at=AT)

    assert search(session, acme, "020 7946 0958") == [request_id]
    assert session.query(SearchDocument).count() == 1


def test_a_common_word_is_looked_for_on_the_way(session, acme, code, monkeypatch):
    monkeypatch.setattr(filters, "FEW", 2)
    for text in ("delete it", "delete that", "delete these", "keep all"):
        request, _ = make_message(session, code, text=text)
        follow_document(session, request)

    which = filters.which(session, reader(acme), Filter("delete"), today=AT.date(), zone=ZONE)
    page = inbox_page(
        session, acme.id, order=Order.NEWEST, after=None, limit=2, scope=Scope.ALL, which=which
    )

    assert which.few is None
    assert len(page.rows) == 2
    assert page.next is not None


def test_search_costs_a_fixed_number_of_statements(services, session, acme, code):
    for _ in range(30):
        request, _ = make_message(session, code)
        follow_document(session, request)
    session.commit()

    with statements(services.engine) as asked:
        which = filters.which(session, reader(acme), Filter("delete"), today=AT.date(), zone=ZONE)
        page = inbox_page(session, acme.id, order=Order.DEADLINE, after=None, limit=20, which=which)

    assert len(page.rows) == 20
    assert len(asked) <= 7, "\n".join(asked)


def test_words_are_bounded():
    assert len(words_of(["word " * 5, *(f"w{n}" for n in range(20_000))])) <= 6000
    assert max(map(len, words_of(["x" * 5000]))) <= 60
    assert asked_for("a" * 10_240) == asked_for("a" * MOST_ASKED)


def test_short_ends_of_a_number_are_none():
    assert number_words("+1") == set()
    assert "0123" in number_words("+14155550123")


def search(session, business, words):
    asked = Filter(words)
    which = filters.which(session, reader(business), asked, today=AT.date(), zone=ZONE)
    return matching_ids(session, business.id, scope=Scope.ALL, which=which, limit=10)


def reader(business):
    return Reader(business.id, business.id, AT)


@pytest.fixture
def acme(session):
    return make_business(session)


@pytest.fixture
def code(session, acme):
    return make_code(session, acme)


@pytest.fixture
def filed(session, acme, code):
    """A message and a letter of José's, and others that share nothing with it."""
    text = "please delete 100% of snake_case and back\\slash"
    request, _ = make_message(session, code, text=text)
    request.requester = Requester(
        business_id=acme.id,
        name="José García O'Neil",
        email="jose@example.com",
        phone="+13105550199",
        postal_address="1 Main Street\nSpringfield",
    )
    other = make_call(session, code, caller_id=None)
    rest = make_request(session, code, call=other)
    for each in (request, rest):
        follow_document(session, each)
    return request
