"""The receipt of what a consumer asked on the form: the same that the page showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.envelope import envelope
from voiceline.audit.keys import SigningKey
from voiceline.errors import PermanentFailure
from voiceline.rules.references import grouped
from voiceline.web_receipts import receipt_code, receipt_of
from voiceline.web_texts import right_name, sentence, what_follows, written_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery
    from voiceline.web_receipts import Receipt


def write(built: Services, _session: Session, delivery: Delivery) -> EmailMessage:
    """Write it in the language of the request, from the facts that are signed."""
    request = delivery.request
    if request is None:
        raise PermanentFailure("the request is gone")
    key = SigningKey(built.settings.receipt_signing_key.get_secret_value())
    receipt, language = receipt_of(request, key), request.language
    address = f"{built.settings.consumer_url}/receipt/{receipt_code(receipt, key)}?lang={language}"
    subject = sentence(
        language,
        "mail_receipt_subject",
        business=receipt.business,
        reference=grouped(receipt.reference),
    )
    status = f"{built.settings.consumer_url}/status?lang={language}"
    text = "\n".join(_lines(receipt, language, address, status))
    return envelope(built, delivery, subject, text)


def _lines(receipt: Receipt, language: str, address: str, status: str) -> Iterator[str]:
    business, day = receipt.business, written_date(language, receipt.received_on)
    yield sentence(language, "mail_receipt_lead", business=business, date=day)
    yield ""
    yield f"{sentence(language, 'reference')}: {grouped(receipt.reference)}"
    yield ""
    yield f"{sentence(language, 'asked')}:"
    for one in receipt.promises:
        by = sentence(language, "answer_by", date=written_date(language, one.answer_by))
        yield f"- {right_name(language, one.right)} ({by})"
    yield ""
    yield from what_follows(language, business, (one.right for one in receipt.promises))
    for words, place in (("mail_receipt_status", status), ("mail_receipt_check", address)):
        yield ""
        yield sentence(language, words)
        yield place
    yield ""
    yield sentence(language, "mail_not_you")
