"""The mail to people about their accounts: a link to follow, or the word that something changed.

Whether an address has an account is looked up here, when nobody waits for an answer. A link's token
is told in its message alone; however often that is written, it is the same link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from jobs.claimed import now
from jobs.envelope import business_of, envelope
from voiceline.errors import PermanentFailure
from voiceline.mail_tokens import mail_token
from voiceline.models import AccountLink, DeliveryKind, Invitation, SignUp, User
from voiceline.password_resets import draw
from voiceline.sign_ups import has_account

if TYPE_CHECKING:
    from datetime import datetime
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

OF_NO_USE = "the link is of no use any more"

SIGN_UP = """\
You asked for a Voiceline account for your business. This link opens it:
{address}

It holds for 24 hours. Your trial begins when you follow it.

If it was not you, do nothing: no account is opened, and what was typed is deleted after a week.
"""
HAS_ACCOUNT = """\
Somebody, perhaps you, asked for a new Voiceline account with this e-mail address. You have one
already, so no other was opened.

Sign in here:
{sign_in}

If you forgot the password:
{forgotten}

If it was not you, do nothing: nobody learned from us that you have an account.
"""
INVITATION = """\
{inviter} invites you to work on the privacy requests of {business} in Voiceline, as {role}.

Accept the invitation here:
{address}

It holds until {until} (UTC). If you do not know {business}, do nothing.
"""
RESET = """\
Somebody, perhaps you, wants a new password for the Voiceline account of this address. Choose it
here:
{address}

The link holds for an hour and works once. It ends every session; a second step of signing in stays
as it is.

If it was not you, do nothing: your password stays as it is.
"""
NEW_ADDRESS = """\
{name} wants to sign in to Voiceline with this e-mail address from now on. Follow this link to
confirm that you read mail here:
{address}

It holds for 24 hours. If you are not {name}, do nothing.
"""
TAKEN_ADDRESS = """\
Somebody wanted to sign in to their Voiceline account with this e-mail address. It has an account of
its own, so nothing was changed.

If that was you: delete or rename the other account first, or ask an owner of your business.
"""
KEEP_ADDRESS = """\
Somebody who is signed in as you wants to sign in to Voiceline with another e-mail address than this
one from now on.

If it was you, there is nothing to do here.

If it was not you, follow this link within three days. It stops the change or takes it back, ends
all sessions, and lets you choose a new password:
{address}
"""
NOTIFY_ADDRESS = """\
{name} of {business} wants the line's messages about new privacy requests sent to this address. They
hold no consumer's name, number or words.

Confirm that you want them here:
{address}

It holds for 24 hours. If you do not know {business}, do nothing.
"""
CHANGED = """\
{what}

When: {at} (UTC)

If it was you, there is nothing to do.

If it was not you, choose a new password now, which ends all sessions, and tell an owner of your
business:
{forgotten}
"""
CHANGES = {
    "password": "The password of your account was changed, and all other sessions were ended.",
    "password_reset": (
        "A new password was chosen for your account, by a link that was sent to this address. All\n"
        "sessions were ended."
    ),
    "address": (
        "You sign in to Voiceline with another e-mail address than this one from now on. An\n"
        "earlier message to this address holds a link that takes it back."
    ),
    "address_kept": (
        "You sign in to Voiceline with this address, as before. All sessions were ended, the\n"
        "password opens nothing any more, and what was added since to sign in with was removed.\n"
        "Another message holds a link to choose a new password."
    ),
    "code_app_added": "Signing in asks for a code from your app now. Other sessions were ended.",
    "code_app_removed": "Signing in asks for no code any more. All other sessions were ended.",
    "recovery_codes_made": "You have new recovery codes; the old ones open nothing any more.",
    "recovery_code_used": "A recovery code was used to sign in. It does not work again.",
    "passkey_added": "A passkey was added to your account. All other sessions were ended.",
    "passkey_removed": "One of your passkeys was removed. All other sessions were ended.",
    "identity_linked": "An account of another provider signs you in now. Other sessions ended.",
    "identity_unlinked": "An account of another provider signs you in no more. Sessions ended.",
}
"""What can become of what somebody signs in with, as the first words of a message."""

ROLES = {"viewer": "a viewer", "agent": "an agent", "admin": "an admin", "owner": "an owner"}


def write_sign_up(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write the link that opens an account, or that the address has one."""
    sign_up = session.get(SignUp, _about(delivery))
    if sign_up is None or sign_up.followed_at is not None or now() >= sign_up.expires_at:
        raise PermanentFailure(OF_NO_USE)
    base = built.settings.dashboard_url
    if has_account(session, delivery.address):
        text = HAS_ACCOUNT.format(sign_in=f"{base}/sign-in", forgotten=f"{base}/forgotten")
        return envelope(built, delivery, "You have a Voiceline account already", text)
    # Nothing that was typed: this form is no way to send words of one's own to a stranger.
    text = SIGN_UP.format(address=_address(built, "sign-up", sign_up.id))
    return envelope(built, delivery, "Open your Voiceline account", text)


def write_invitation(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write who offers which place; whether the reader has an account is nobody's to see."""
    invitation = session.get(Invitation, _about(delivery))
    if invitation is None or not invitation.is_open(now()):
        raise PermanentFailure(OF_NO_USE)
    business = _quoted(invitation.business.name)
    text = INVITATION.format(
        inviter=_quoted(invitation.inviter.name),
        business=business,
        role=ROLES[invitation.role],
        address=_address(built, "join", invitation.id),
        until=_written(invitation.expires_at),
    )
    return envelope(built, delivery, f"Work on the privacy requests of {business}", text)


def write_reset(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write the link to a new password; PermanentFailure where nobody has the address."""
    row_id, secret = _about(delivery), _secret(built)
    link = draw(session, delivery.address, row_id=row_id, secret=secret, at=now())
    if link is None or link.used_at is not None or now() >= link.expires_at:
        raise PermanentFailure(OF_NO_USE)
    text = RESET.format(address=_address(built, "reset", row_id))
    return envelope(built, delivery, "Choose a new Voiceline password", text)


def write_new_address(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write the link that proves another address, or that the address has an account."""
    link = _link(session, delivery)
    if has_account(session, delivery.address):
        return envelope(built, delivery, "This address has a Voiceline account", TAKEN_ADDRESS)
    address = _address(built, "link", link.id)
    text = NEW_ADDRESS.format(name=_quoted(link.user.name), address=address)
    return envelope(built, delivery, "Confirm your new e-mail address", text)


def write_keep_address(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write to the address of before that it is to be replaced, and how to stop that."""
    link = _link(session, delivery)
    text = KEEP_ADDRESS.format(address=_address(built, "link", link.id))
    return envelope(built, delivery, "Your Voiceline e-mail address is being changed", text)


def write_notify_address(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write the link that proves that a business's messages are wanted at the address."""
    link, business = _link(session, delivery), _quoted(business_of(delivery).name)
    text = NOTIFY_ADDRESS.format(
        name=_quoted(link.user.name), business=business, address=_address(built, "link", link.id)
    )
    subject = f"Confirm that you want to hear of {business}'s privacy requests"
    return envelope(built, delivery, subject, text)


def write_changed(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write that what a person signs in with was changed."""
    facts = delivery.facts or {}
    if delivery.user_id is None or session.get(User, delivery.user_id) is None:
        raise PermanentFailure("this person is gone")
    what = CHANGES[facts["what"]]
    forgotten = f"{built.settings.dashboard_url}/forgotten"
    text = CHANGED.format(what=what, at=_written(delivery.created_at), forgotten=forgotten)
    return envelope(built, delivery, "How you sign in to Voiceline was changed", text)


def _about(delivery: Delivery) -> UUID:
    return UUID((delivery.facts or {})["about"])


def _link(session: Session, delivery: Delivery) -> AccountLink:
    link = session.get(AccountLink, _about(delivery))
    if link is None or link.used_at is not None or now() >= link.expires_at:
        raise PermanentFailure(OF_NO_USE)
    return link


def _secret(built: Services) -> str:
    return built.settings.secret_key.get_secret_value()


def _address(built: Services, page: str, row_id: UUID) -> str:
    return f"{built.settings.dashboard_url}/{page}/{mail_token(row_id, _secret(built))}"


def _quoted(name: str) -> str:
    """Answer a name that a stranger may have typed, so that no mail program makes it a link."""
    return " ".join(_LIKE_A_LINK.sub(" ", name).split())[:80]


def _written(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M}"


_LIKE_A_LINK = re.compile(r"[:/\\@]+|(?<=\w)\.(?=\w)")
"""What stands between the parts of an address of the web or of mail."""

WRITERS = {
    DeliveryKind.SIGN_UP: write_sign_up,
    DeliveryKind.INVITATION: write_invitation,
    DeliveryKind.PASSWORD_RESET: write_reset,
    DeliveryKind.NEW_ADDRESS: write_new_address,
    DeliveryKind.KEEP_ADDRESS: write_keep_address,
    DeliveryKind.NOTIFY_ADDRESS: write_notify_address,
    DeliveryKind.ACCOUNT_CHANGED: write_changed,
}
"""Each kind of message about an account and who writes it."""
