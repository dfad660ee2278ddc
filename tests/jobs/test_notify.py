"""The word to a business: sent once, and without anything a caller said or is."""

from __future__ import annotations

from email import message_from_bytes, policy

from mailed import text_of

from jobs.collect import collect
from jobs.notify import notify
from voiceline.errors import TemporaryFailure
from voiceline.models import Delivery, PrivacyRequest
from voiceline.rules.lifecycle import DeliveryStatus
from voiceline.rules.references import grouped


def test_business_is_told_of_its_request(desk):
    delivery = filed(desk)

    notify(str(delivery.id))

    (message,), (request,) = mails(desk), desk.rows(PrivacyRequest)
    assert message["To"] == "privacy@acme.example"
    assert message["Message-ID"] == f"<{delivery.id}@voiceline>"
    assert grouped(request.reference) in message["Subject"]
    assert str(request.id) in text_of(message)
    assert desk.now(delivery).status == DeliveryStatus.DONE


def test_message_tells_nothing_of_the_caller(desk):
    delivery = filed(desk)

    notify(str(delivery.id))

    (message,) = mails(desk)
    assert "4155550123" not in message.as_string()


def test_message_is_sent_once(desk):
    delivery = filed(desk)

    notify(str(delivery.id))
    notify(str(delivery.id))

    assert len(mails(desk)) == 1


def test_mail_server_that_is_away_is_tried_again(desk, monkeypatch):
    delivery, mailer = filed(desk), type(desk.services.mailer)

    def be_away(*_):
        raise TemporaryFailure("away")

    with monkeypatch.context() as patched:
        patched.setattr(mailer, "send", be_away)
        notify(str(delivery.id))
    between = desk.now(delivery)
    notify(str(delivery.id))

    assert (between.status, between.last_error) == (DeliveryStatus.PENDING, "away")
    assert desk.now(delivery).status == DeliveryStatus.DONE
    assert len(mails(desk)) == 1


def test_death_after_the_sending_sends_no_second(desk, monkeypatch):
    delivery = filed(desk)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Delivery, "finish", die)
        try:
            notify(str(delivery.id))
        except KeyboardInterrupt:
            desk.change(delivery, claim=None)
    notify(str(delivery.id))

    assert desk.now(delivery).status == DeliveryStatus.DONE
    assert len(mails(desk)) == 1


def filed(desk):
    """Answer the message that is owed for a request that was just filed."""
    collect(str(desk.voicemail().id))
    (delivery,) = desk.rows(Delivery)
    return delivery


def mails(desk):
    folder = desk.services.settings.data_dir / "mail"
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in folder.glob("*.eml")
    ]
