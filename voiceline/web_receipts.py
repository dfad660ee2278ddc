"""What the consumer is given on paper: the facts of the filing, signed, to be checked years later.

The code holds all of it, so that it can be checked when the request is long forgotten, and by
anybody who has the public key: `BASE64URL(facts) "." BASE64URL(signature)`. The facts are canonical
JSON (docs/audit.md) and hold no word about who asked.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from voiceline.audit.encoding import canonical, moment
from voiceline.audit.keys import KeyRing, SigningKey, key_id
from voiceline.errors import UserError
from voiceline.rules.rights import Right, RightSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceline.models import PrivacyRequest

KIND = "voiceline receipt"
"""In every line, so that no other signature of the same key can be taken for a receipt's."""

FORM = 1
LONGEST_CODE = 6000
_WRONG = "This is no receipt of ours, or something in it was changed."


@dataclass(frozen=True)
class Promise:
    """One right that was asked for, and by when it must be answered."""

    right: Right
    answer_by: date


@dataclass(frozen=True)
class Receipt:
    """What was asked of whom, when, and what followed from that."""

    reference: str
    business: str
    service_code: str
    received_at: datetime
    received_on: date
    promises: tuple[Promise, ...]
    key_id: str
    """Which of our keys signed it."""

    @property
    def line(self) -> str:
        """What is signed."""
        return canonical(
            {
                "kind": KIND,
                "form": FORM,
                "reference": self.reference,
                "business": self.business,
                "code": self.service_code,
                "received": moment(self.received_at),
                "day": self.received_on.isoformat(),
                "rights": [[str(one.right), one.answer_by.isoformat()] for one in self.promises],
                "key": self.key_id,
            }
        )


def receipt_ring(seeds: Iterable[str], former: Iterable[str]) -> KeyRing:
    """Answer the keys whose receipts count.

    `seeds`: private keys at hand, an empty one is none; that of the audit trail among them, which
    signed receipts before they had a key of their own. `former`: public keys of before.
    """
    publics = [*former, *(SigningKey(seed).public for seed in seeds if seed)]
    return KeyRing({key_id(public): public for public in publics})


def receipt_of(request: PrivacyRequest, key: SigningKey) -> Receipt:
    """Answer what the request says on its receipt; rights and dates are those of the filing."""
    promises = _filed(request)
    return Receipt(
        reference=request.reference,
        business=request.service_code.spoken_name,
        service_code=request.service_code.code,
        received_at=request.received_at,
        received_on=request.received_on,
        promises=tuple(sorted(promises, key=lambda one: (one.answer_by, one.right))),
        key_id=key.id,
    )


def receipt_code(receipt: Receipt, key: SigningKey) -> str:
    """Answer the code that holds the receipt and the signature over it."""
    return f"{_pack(receipt.line.encode())}.{_pack(bytes.fromhex(key.sign(receipt.line)))}"


def read_receipt(code: str, ring: KeyRing) -> Receipt:
    """Answer the receipt the code holds, or raise UserError unless every letter of it is ours."""
    facts, _, signature = unfolded(code).partition(".")
    try:
        line, signed = _unpack(facts).decode(), _unpack(signature).hex()
        receipt = _read(json.loads(line))
        # what was signed is what is shown, in one spelling alone
        spelled = len(code) <= LONGEST_CODE and receipt.line == line
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        # OverflowError: a moment of the year 1 or 9999 that is none in UTC
        raise UserError(_WRONG) from None
    if not spelled or not ring.is_true(receipt.key_id, line, signed):
        raise UserError(_WRONG)
    return receipt


def _filed(request: PrivacyRequest) -> list[Promise]:
    """Answer what was chosen on the form with its first dates, whatever was changed since.

    The first change at the desk kept how everything was before it.
    """
    before = next((event.before for event in request.events if event.before), None)
    if before is None:
        chosen = [each for each in request.rights if each.source == RightSource.CHOSEN]
        return [Promise(each.right, each.respond_by) for each in chosen if each.right]
    return [
        Promise(Right(each["right"]), date.fromisoformat(each["respond_by"]))
        for each in before["rights"].values()
        if each["source"] == RightSource.CHOSEN
    ]


def unfolded(code: str) -> str:
    """Answer the code as it was given out, without what a mail program put between its letters."""
    return "".join(code.split())


def _read(facts: dict[str, Any]) -> Receipt:
    return Receipt(
        reference=str(facts["reference"]),
        business=str(facts["business"]),
        service_code=str(facts["code"]),
        received_at=datetime.fromisoformat(facts["received"]),
        received_on=date.fromisoformat(facts["day"]),
        promises=tuple(
            Promise(Right(right), date.fromisoformat(answer_by))
            for right, answer_by in facts["rights"]
        ),
        key_id=str(facts["key"]),
    )


def _pack(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _unpack(text: str) -> bytes:
    padded = text + "=" * (-len(text) % 4)
    data = base64.b64decode(padded, altchars=b"-_", validate=True)
    if _pack(data) != text:
        raise binascii.Error("another spelling")
    return data
