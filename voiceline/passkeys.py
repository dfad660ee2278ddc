"""The verbs of passkeys (WebAuthn level 3): added, renamed, removed, and signed in with.

Signing in asks the key to verify its person (a finger, a face, a PIN), so that it counts as two
things proved. Each challenge is 256 random bits, lives in the browser's pending row, and is used
once. Functions leave the commit to their caller.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import webauthn
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from voiceline import pending_sign_ins
from voiceline.account_mails import tell_changed
from voiceline.account_proofs import prove
from voiceline.audit import Action
from voiceline.errors import NotFoundError, UserError
from voiceline.login_sessions import sign_out_everywhere
from voiceline.models import Passkey, User

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import LoginSession

MOST = 20
LARGEST_ANSWER = 16 * 1024
"""Characters of what a browser sends for a key; they are about a thousand."""

MILLISECONDS = int(timedelta(minutes=5).total_seconds()) * 1000
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, LookupError, AttributeError)
"""What the library raises at answers that no key gives, besides its own errors."""


@dataclass(frozen=True)
class Site:
    """What a key is bound to: our host, and the address our pages are at."""

    host: str
    origin: str


def passkeys_of(session: Session, user: User) -> list[Passkey]:
    """Answer a person's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.user_id == user.id)
    return list(session.scalars(query.order_by(Passkey.created_at, Passkey.id)))


def options_to_add(session: Session, user: User, site: Site) -> tuple[str, str]:
    """Answer what the browser needs to make a key, as JSON, and the challenge to be kept."""
    known = passkeys_of(session, user)
    if len(known) >= MOST:
        raise UserError(f"You have {MOST} passkeys: remove one that you no longer use.")
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Voiceline",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        timeout=MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(known),
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def options_to_prove(site: Site, keys: Iterable[Passkey] = ()) -> tuple[str, str]:
    """Answer what the browser needs to sign with a key, and the challenge to be kept.

    `keys`: those that count; without, the browser offers whatever it has for this site.
    """
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        timeout=MILLISECONDS,
        allow_credentials=_described(keys) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def add(
    session: Session,
    login: LoginSession,
    answer: str,
    *,
    challenge: str,
    name: str,
    site: Site,
    at: datetime,
) -> Passkey:
    """Keep a new key, or raise UserError where the answer is none to the challenge."""
    try:
        verified = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except UNREADABLE:
        raise UserError("The passkey could not be checked: nothing was added.") from None
    passkey = Passkey(
        user_id=login.user_id,
        name=_named(name),
        credential_id=bytes_to_base64url(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        created_at=at,
    )
    try:
        with session.begin_nested():
            session.add(passkey)
    except IntegrityError:
        raise UserError("This passkey has been added before.") from None
    _change(session, login, Action.PERSON_PASSKEY_ADDED, "passkey_added", passkey, at)
    return passkey


def rename(session: Session, user: User, passkey_id: UUID, name: str, at: datetime) -> None:
    """Call a person's own passkey something else."""
    passkey = _own(session, user, passkey_id)
    passkey.name = _named(name)
    prove(session, user, Action.PERSON_PASSKEY_RENAMED, at, passkey=str(passkey.id))


def remove(session: Session, login: LoginSession, passkey_id: UUID, at: datetime) -> None:
    """Let a person's own passkey open nothing any more."""
    passkey = _own(session, login.user, passkey_id)
    session.execute(delete(Passkey).where(Passkey.id == passkey.id))
    _change(session, login, Action.PERSON_PASSKEY_REMOVED, "passkey_removed", passkey, at)


def check(
    session: Session,
    answer: str,
    *,
    challenge: str,
    site: Site,
    at: datetime,
    user: User | None = None,
) -> User | None:
    """Answer whose key signed the challenge; None for any other answer.

    `user`: whose key it must be, where somebody has proved one thing already.
    """
    known = _find(session, answer)
    if known is None or known.user.disabled_at or (user and known.user_id != user.id):
        return None
    try:
        verified = webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except UNREADABLE:
        return None
    if not _count_up(session, known, verified.new_sign_count, at):
        prove(session, known.user, Action.PERSON_PASSKEY_COPIED, at, passkey=str(known.id))
        return None
    return known.user


def count_passkeys(session: Session, user: User) -> int:
    """Answer how many passkeys a person has."""
    mine = select(func.count()).select_from(Passkey).where(Passkey.user_id == user.id)
    return session.scalar(mine) or 0


def _find(session: Session, answer: str) -> Passkey | None:
    try:
        credential = _read(answer)
        credential_id, handle = credential["id"], credential["response"].get("userHandle")
    except UNREADABLE:
        return None
    if not isinstance(credential_id, str):
        return None
    known = session.scalar(
        select(Passkey)
        .where(Passkey.credential_id == credential_id.rstrip("="))
        .options(joinedload(Passkey.user))
    )
    # a key says whose it is: WebAuthn 7.2, step 6
    theirs = known is not None and handle in {None, bytes_to_base64url(known.user_id.bytes)}
    return known if theirs else None


def _count_up(session: Session, passkey: Passkey, count: int, at: datetime) -> bool:
    """Note the key's new count in one statement; False where it did not rise: it was copied."""
    counts = (Passkey.sign_count < count) if count else (Passkey.sign_count == 0)
    statement = (
        update(Passkey)
        .where(Passkey.id == passkey.id, counts)
        .values(sign_count=count, used_at=at)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LARGEST_ANSWER:
        raise ValueError("too long")
    read = json.loads(answer)
    if not isinstance(read, dict) or not isinstance(read.get("response"), dict):
        raise ValueError("no answer of a key")  # noqa: TRY004 - one kind for all that is unreadable
    return read


def _own(session: Session, user: User, passkey_id: UUID) -> Passkey:
    mine = Passkey.id == passkey_id, Passkey.user_id == user.id
    passkey = session.scalar(select(Passkey).where(*mine))
    if passkey is None:
        raise NotFoundError("no such passkey")
    return passkey


def _change(
    session: Session, login: LoginSession, action: Action, what: str, passkey: Passkey, at: datetime
) -> None:
    pending_sign_ins.forget(session, login.user)
    prove(session, login.user, action, at, passkey=str(passkey.id))
    sign_out_everywhere(session, login.user, at=at, but=login.id)
    tell_changed(session, login.user, what, at=at)


def _named(name: str) -> str:
    return " ".join(name.split())[:80] or "Passkey"


def _described(keys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id)) for each in keys
    ]
