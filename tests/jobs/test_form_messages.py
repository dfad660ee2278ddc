"""What the public form sends: a receipt that can be checked, and a link nobody else knows."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from factories import AT, make_business, make_code, make_user
from mailed import text_of
from servers.smtp import mail_server
from sqlalchemy import select

from jobs.claimed import now
from jobs.forgetting import forget
from jobs.notify import notify
from voiceline import desk, email_links
from voiceline.audit.keys import SigningKey, key_ring
from voiceline.casework import find_request
from voiceline.models import (
    ConfirmationLink,
    Delivery,
    DeliveryKind,
    PrivacyRequest,
    ResidenceSource,
)
from voiceline.rules.lifecycle import DeliveryStatus
from voiceline.rules.references import grouped
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing
from voiceline.web_receipts import read_receipt, receipt_of
from voiceline.web_requests import Sent, file_sent

SECRET = "s" * 32


@pytest.mark.parametrize(
    ("language", "subject", "day"),
    [
        ("en", "Your privacy request to Acme Shoes", "January 5, 2027"),
        ("es", "Su solicitud de privacidad a Acme Shoes", "5 de enero de 2027"),
    ],
)
def test_receipt_says_what_was_promised(services, send, language, subject, day):
    request = send(language=language)

    (message,) = sent(services, DeliveryKind.RECEIPT)

    text = text_of(message)
    assert message["To"] == "maria@example.com"
    assert message["Subject"] == f"{subject}: {grouped(request.reference)}"
    assert grouped(request.reference) in text
    assert day in text


@pytest.mark.parametrize(
    ("language", "free", "checked", "longer"),
    [
        (
            "en",
            "You need not prove who you are for “Do not sell or share my personal information”.",
            "For “Delete my information”, Acme Shoes first checks",
            "a notice why it takes longer, where the law allows it.",
        ),
        (
            "es",
            "No tiene que probar quién es para “No vendan ni compartan mi información personal”.",
            "Para “Borren mi información”, Acme Shoes primero comprobará",
            "un aviso de por qué tarda más, donde la ley lo permita.",
        ),
    ],
)
def test_receipt_tells_stops_from_the_rest(services, send, language, free, checked, longer):
    send(language=language, rights=(Right.OPT_OUT, Right.DELETE))

    (message,) = sent(services, DeliveryKind.RECEIPT)

    text = text_of(message)
    assert free in text
    assert checked in text
    assert longer in text
    assert not re.search("ninety|noventa", text)


def test_receipt_is_that_of_the_filing_though_all_changed(services, send):
    request = send(rights=(Right.DELETE,))
    with services.sessions.begin() as session:
        key = SigningKey(services.settings.receipt_signing_key.get_secret_value())
        first = receipt_of(session.merge(request, load=True), key)
        user = make_user(session, "Alice Abbott")
    for verb, facts, more in (
        (desk.name_right, (Right.KNOW_SPECIFIC,), {}),
        (desk.set_residence, ("EU",), {"source": ResidenceSource.ASKED}),
        (desk.name_right, (Right.CORRECT,), {}),
    ):
        with services.sessions.begin() as session:
            found = find_request(session, request.business_id, request.id)
            verb(session, found, desk.Clerk(user, now(), found.version), *facts, **more)

    with services.sessions() as session:
        found = find_request(session, request.business_id, request.id)
        dates = {each.right: each.respond_by for each in found.rights}
        later = receipt_of(found, key)

    assert len(dates) == 3
    assert dates[Right.DELETE] < first.promises[0].answer_by
    assert later == first


def test_receipt_can_be_checked_later(services, send):
    request = send()

    (message,) = sent(services, DeliveryKind.RECEIPT)

    (code,) = re.findall(r"/receipt/([\w.-]+)\?", text_of(message))
    key = SigningKey(services.settings.receipt_signing_key.get_secret_value())
    receipt = read_receipt(code, key_ring(key))
    assert (receipt.reference, receipt.business) == (request.reference, "Acme Shoes")
    assert [one.right for one in receipt.promises] == [Right.DELETE]


def test_messages_hold_nothing_that_was_typed(services, send):
    send(name="Maria Canary", phone="+14155550123", details="my canary")

    messages = [*sent(services, DeliveryKind.RECEIPT), *sent(services, DeliveryKind.EMAIL_LINK)]

    assert len(messages) == 2
    assert not [one for one in messages if re.search("Canary|canary|5550123", one.as_string())]


def test_only_the_message_holds_the_link(services, send):
    send()

    (message,) = sent(services, DeliveryKind.EMAIL_LINK)

    (token,) = re.findall(r"/confirm/([\w-]+)\?lang=en", text_of(message))
    with services.sessions() as session:
        link = session.scalars(select(ConfirmationLink)).one()
        assert email_links.find_link(session, token, now()).id == link.id
    assert len(token) == 43
    assert token not in str(vars(link))


@pytest.mark.parametrize("language", ["en", "es"])
def test_link_that_is_written_again_is_the_same(services, send, environment, language):
    send(language=language)
    (owed,) = [one for one in deliveries(services) if one.kind == DeliveryKind.EMAIL_LINK]
    with mail_server() as server:
        through(server, environment)
        for server.dies_in_data in ("after", "after", ""):
            notify(str(owed.id))

    with services.sessions() as session:
        links = session.scalars(select(ConfirmationLink)).all()
    assert len({one.as_bytes() for one in server.received}) == 1
    assert (len(server.received), len(links)) == (3, 1)


def test_link_sent_again_is_another(services, send):
    request = send()
    with services.sessions.begin() as session:
        found = session.get_one(PrivacyRequest, request.id)
        email_links.send_again(session, found, secret=SECRET, at=AT)

    messages = sent(services, DeliveryKind.EMAIL_LINK)

    tokens = {re.findall(r"/confirm/([\w-]+)", text_of(one))[0] for one in messages}
    assert len(tokens) == 2


def test_stops_are_sent_no_link(services, send):
    send(rights=(Right.OPT_OUT, Right.LIMIT, Right.ADMT_OPT_OUT))

    kinds = {one.kind for one in deliveries(services)}

    assert kinds == {DeliveryKind.RECEIPT}


def test_link_is_not_sent_to_who_confirmed_already(services, send):
    request = send()
    sent(services, DeliveryKind.EMAIL_LINK)
    with services.sessions.begin() as session:
        found = session.get_one(PrivacyRequest, request.id)
        assert email_links.send_again(session, found, secret=SECRET, at=AT)
        found.requester.email_confirmed_at = AT

    again = sent(services, DeliveryKind.EMAIL_LINK)

    assert len(again) == 1
    last = [one for one in deliveries(services) if one.kind == DeliveryKind.EMAIL_LINK]
    assert {one.status for one in last} == {DeliveryStatus.DONE, DeliveryStatus.FAILED}


@pytest.mark.parametrize(("days", "left"), [(36, 1), (38, 0)])
def test_old_links_are_forgotten(services, send, days, left):
    request = send()
    with services.sessions.begin() as session:
        found = session.get_one(PrivacyRequest, request.id)
        drawn_at = now() - timedelta(days=days)
        email_links.draw_link(session, found, "m@example.com", token="t", at=drawn_at)

    forget()

    with services.sessions() as session:
        assert len(session.scalars(select(ConfirmationLink)).all()) == left


def deliveries(services):
    with services.sessions() as session:
        return session.scalars(select(Delivery)).all()


def sent(services, kind):
    """Send what is owed of the kind; answer everything of it in the folder."""
    owed = [one for one in deliveries(services) if one.kind == kind]
    for one in owed:
        notify(str(one.id))
    folder = services.settings.data_dir / "mail"
    files = folder.glob("*.eml") if folder.exists() else []
    messages = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    ids = {f"<{one.id}@voiceline>" for one in owed}
    return [one for one in messages if one["Message-ID"] in ids]


def through(server, environment):
    """Have what follows sent through the server."""
    environment.setenv("VOICELINE_MAILER", "smtp")
    environment.setenv("VOICELINE_SMTP_PORT", str(server.port))
    environment.setenv("VOICELINE_SMTP_STARTTLS", "false")


@pytest.fixture
def send(services):
    with services.sessions.begin() as session:
        code = make_code(session, make_business(session), "4021")

    def send(**facts):
        facts = {
            "rights": (Right.DELETE,),
            "standing": Standing.SELF,
            "language": "en",
            "email": "maria@example.com",
        } | facts
        with services.sessions.begin() as session:
            found = session.merge(code)
            return file_sent(
                session, found, Sent(**facts), key="k", texts_version="en/1", secret=SECRET, at=AT
            )

    return send


def test_messages_cross_a_real_mail_server_whole(services, send, environment):
    request = send(language="es")
    with mail_server() as server:
        through(server, environment)
        for one in deliveries(services):
            notify(str(one.id))

    receipt, link = sorted(server.received, key=lambda one: "recibo" not in text_of(one))
    (code,) = re.findall(r"/receipt/([\w.-]+)\?lang=es", text_of(receipt))
    key = SigningKey(services.settings.receipt_signing_key.get_secret_value())
    assert read_receipt(code, key_ring(key)).reference == request.reference
    assert "Borren mi informaci\u00f3n" in text_of(receipt)
    assert re.search(r"/confirm/[\w-]{43}\?lang=es", text_of(link))
    assert {one["To"] for one in server.received} == {"maria@example.com"}
