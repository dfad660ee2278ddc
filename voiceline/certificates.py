"""The verbs of erasure certificates: what was erased, when and how much, signed.

A certificate names nobody but the business. It is made of the lines it is given: counts, dates and
hashes, so that whoever holds it can prove what is gone without having any of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from voiceline.audit.encoding import canonical, moment
from voiceline.models import ErasureCertificate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.audit.keys import KeyRing, SigningKey
    from voiceline.models import Business

FORM = 1
KIND = "erasure"


class About(NamedTuple):
    """What was erased: `kind` is a word of ours, as `voicemail` or `business`."""

    kind: str
    id: UUID
    business: Business


def certify(
    session: Session,
    subject: About,
    lines: Mapping[str, str | int | None],
    at: datetime,
    *,
    key: SigningKey,
) -> ErasureCertificate:
    """Sign that it was erased, with the key that signs the heads of the audit trail."""
    business = subject.business
    line = canonical(
        {
            "business": {"id": str(business.id), "name": business.name},
            "certificate": KIND,
            "erased": dict(lines),
            "form": FORM,
            "issued_at": moment(at),
            "subject": {"id": str(subject.id), "kind": subject.kind},
        }
    )
    made = ErasureCertificate(
        issued_to=business.id, issued_at=at, line=line, key_id=key.id, signature=key.sign(line)
    )
    session.add(made)
    session.flush()
    return made


def certificates_of(session: Session, business_id: UUID) -> Sequence[ErasureCertificate]:
    """Answer the business's certificates, newest first; also when the business is gone."""
    mine = select(ErasureCertificate).where(ErasureCertificate.issued_to == business_id)
    order = ErasureCertificate.issued_at.desc(), ErasureCertificate.id
    return session.scalars(mine.order_by(*order)).all()


def is_true(certificate: ErasureCertificate, ring: KeyRing) -> bool:
    """Tell whether it is as we signed it, and a certificate: heads are signed with the key, too."""
    if not ring.is_true(certificate.key_id, certificate.line, certificate.signature):
        return False
    said: dict[str, Any] = json.loads(certificate.line)
    return said.get("certificate") == KIND and said.get("form") == FORM
