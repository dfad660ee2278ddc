"""What a newcomer finds: the operator, two example businesses, and who may sign in to each."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline import accounts, businesses, canary, greetings
from voiceline.audit import OPERATOR
from voiceline.commands.context import now
from voiceline.models import Business, Role, User
from voiceline.rules.retention import AccountTier

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EMAIL = "demo@voiceline.example"
OPERATOR_EMAIL = "operator@voiceline.example"
"""Who has the operator's console, and reads nothing of a business without its leave."""

ACME_CODE, BLUEBIRD_CODE = "4021", "3077"
AUDIO = Path(__file__).parent.parent / "audio"

BLUEBIRD_EN = (
    "Thank you for calling Bluebird Books. Tell us what you would like to know about the "
    "information we hold, and a person will read your message today."
)
BLUEBIRD_ES = (
    "Gracias por llamar a Bluebird Books. Díganos qué quiere saber sobre la información que "
    "tenemos, y una persona leerá su mensaje hoy."
)


def seed(session: Session, password_file: Path) -> str:
    """Create what is not there yet, and answer the password made at the first start."""
    operator = businesses.open_operator(session, name="Voiceline", at=now())
    canary.open_sentinel(session, at=now())
    acme = _open(session, "Acme Shoes", AccountTier.SMALL_MEDIUM, ACME_CODE)
    bluebird = _open(session, "Bluebird Books", AccountTier.ENTERPRISE, BLUEBIRD_CODE)
    password = _password(password_file)
    _sign_up(session, EMAIL, "Demo Owner", password, {acme: Role.OWNER, bluebird: Role.OWNER})
    _sign_up(session, OPERATOR_EMAIL, "Demo Operator", password, {operator: Role.OWNER})
    return password


def _sign_up(
    session: Session, email: str, name: str, password: str, places: dict[Business, Role]
) -> None:
    if session.scalar(select(User).where(User.email == email)) is None:
        person = accounts.add_user(session, email, name, password, now())
        for business, role in places.items():
            accounts.add_member(session, business, person, role, now())


def _open(session: Session, name: str, tier: AccountTier, code: str) -> Business:
    found = session.scalar(select(Business).where(Business.name == name))
    if found is not None:
        return found
    business = businesses.open_business(
        session,
        name=name,
        tier=tier,
        at=now(),
        notify_address=f"privacy@{name.split(maxsplit=1)[0].lower()}.example",
    )
    service_code = businesses.assign_code(session, business, code, by=OPERATOR, at=now())
    if code == ACME_CODE:
        audio = (AUDIO / "demo_greeting_en.wav").read_bytes()
        greetings.set_greeting(session, service_code, language="en", audio=audio, at=now())
    else:
        for language, text in (("en", BLUEBIRD_EN), ("es", BLUEBIRD_ES)):
            greetings.set_greeting(session, service_code, language=language, text=text, at=now())
    return business


def _password(path: Path) -> str:
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(12))
    return path.read_text(encoding="ascii")
