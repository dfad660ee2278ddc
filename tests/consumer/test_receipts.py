"""The receipt: what was asked, by when it is answered, and that it can be checked."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from visitors import reference_in

from voiceline.email_links import MOST_RESENT
from voiceline.models import ConfirmationLink, Delivery, DeliveryKind, EventKind, PrivacyRequest
from voiceline.rules.references import is_reference


def test_receipt_says_what_was_asked_and_by_when(public):
    page = public.receipt(rights=["opt_out", "delete"])

    assert is_reference(reference_in(page.text))
    assert "Acme Shoes received your request on November 21, 2026." in page.text
    assert "Do not sell or share my personal information" in page.text
    assert "answer by December 10, 2026" in page.text
    assert "Delete my information" in page.text
    assert "answer by January 5, 2027" in page.text


def test_receipt_is_the_acknowledgement(public, services):
    page = public.receipt()

    with services.sessions() as session:
        request = session.scalars(select(PrivacyRequest)).one()
        kinds = [event.kind for event in request.events]
    assert request.acknowledged_how == "web/en/2026-11-22.2"
    assert kinds == [EventKind.FILED, EventKind.ACKNOWLEDGED]
    assert "first checks, with what it already knows about you" in page.text


@pytest.mark.parametrize("right", ["opt_out", "limit", "admt_opt_out"])
def test_no_stop_is_asked_for_proof_or_a_link(public, services, right):
    page = public.receipt(rights=[right])

    with services.sessions() as session:
        kinds = set(session.scalars(select(Delivery.kind)))
    assert "You need not prove who you are for " in page.text
    assert "first checks" not in page.text
    assert "Confirm your e-mail address" not in page.text
    assert kinds == {DeliveryKind.REQUEST_FILED, DeliveryKind.RECEIPT}


@pytest.mark.parametrize(
    ("language", "free", "checked"),
    [
        ("en", "You need not prove who you are for “Do not sell", "For “Delete my information”, "),
        ("es", "No tiene que probar quién es para “No vendan", "Para “Borren mi información”, "),
    ],
)
def test_receipt_tells_stops_from_the_rest(public, language, free, checked):
    public.path = f"/4021?lang={language}"
    page = public.receipt(rights=["opt_out", "delete"])

    assert free in page.text
    assert checked in page.text
    assert not re.search("ninety|noventa", page.text)


def test_receipt_holds_nothing_of_who_asked(public):
    page = public.receipt()

    assert not re.search("Mar\u00eda|maria@|5550123|Order 88", page.text)


def test_receipt_is_shown_where_its_request_is_gone(public, services):
    answer = public.ask()

    with services.sessions.begin() as session:
        session.scalars(select(PrivacyRequest)).one().reference = "000000000"
    page = public.client.get(answer.headers["Location"])

    assert page.status_code == 200
    assert "Delete my information" in page.text


def test_changed_receipt_is_false(public):
    place = public.ask().headers["Location"]
    other = "A" if place[-3] != "A" else "B"

    answer = public.client.get(place[:-3] + other + place[-2:])

    assert answer.status_code == 404
    assert "no receipt of ours" in answer.text


def test_pasted_receipt_is_checked(public):
    code = code_in(public.receipt().text)

    good = public.client.post("/receipt", data={"code": f" {code[:40]}\n {code[40:]} "})
    bad = public.client.post("/receipt", data={"code": code[:-4]})
    none = public.client.post("/receipt")

    assert "This receipt is true" in good.text
    assert (bad.status_code, none.status_code) == (400, 400)
    assert "no receipt of ours" in bad.text


def test_link_is_sent_again_a_few_times(public, services):
    place = public.ask().headers["Location"]
    for _ in range(MOST_RESENT):
        sent = public.client.post(f"{place}/link")
        assert sent.headers["Location"].endswith("?link=sent#link")

    refused = public.client.post(f"{place}/link")
    told = public.client.get(refused.headers["Location"])

    assert refused.headers["Location"].endswith("?link=later#link")
    assert "No other link can be sent now" in told.text
    assert links_owed(services) == 1 + MOST_RESENT


def test_folded_address_leads_to_the_receipt_itself(public, services):
    place = public.ask().headers["Location"]
    folded = f"{place[:40]}%0D%0A%20{place[40:]}"

    page = public.client.get(folded)
    sent = public.client.post(f"{folded}/link")

    assert code_in(page.text) == place.rpartition("/")[2]
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{place}?link=sent#link")
    assert links_owed(services) == 2


def test_no_link_is_sent_for_a_stop(public, services):
    place = public.ask(rights=["opt_out"]).headers["Location"]

    public.client.post(f"{place}/link")

    assert links_owed(services) == 0


def test_nothing_is_sent_for_a_false_receipt(public, services):
    answer = public.client.post("/receipt/e30.e30/link")

    assert answer.status_code == 404
    assert links_owed(services) == 0


def test_one_address_is_sent_only_so_much(public, services):
    for number in range(9):
        public.path = ("/4021", "/5077")[number % 2]
        public.ask(details=f"Order {number}.")
    public.receipt(details="One more.", email="other@example.com")
    last = public.receipt(details="The tenth.")
    beyond = public.receipt(details="The eleventh.")

    with services.sessions() as session:
        receipts = session.scalars(
            select(Delivery.address).where(Delivery.kind == DeliveryKind.RECEIPT)
        ).all()
    assert "A copy is on its way" in last.text
    assert "A copy is on its way" not in beyond.text
    assert receipts.count("maria@example.com") == 10
    assert receipts.count("other@example.com") == 1


def test_no_link_is_in_the_database_before_it_is_sent(public, services):
    public.receipt()

    with services.sessions() as session:
        assert session.scalars(select(ConfirmationLink)).all() == []


def code_in(page: str) -> str:
    (found,) = re.findall(r'<p class="code">([\w.-]+)</p>', page)
    return found


def links_owed(services):
    with services.sessions() as session:
        owed = select(Delivery).where(Delivery.kind == DeliveryKind.EMAIL_LINK)
        return len(session.scalars(owed).all())
