"""What was asked for and never taken up is not kept."""

from __future__ import annotations

from datetime import timedelta

from factories import AT, make_business, make_member, make_user
from sqlalchemy import func, select

from voiceline import account_links, invitations, sign_ups
from voiceline.models import AccountLink, Invitation, LinkPurpose, Role, SignUp

SECRET = "s" * 32
A_MOMENT = timedelta(seconds=1)


def test_each_is_forgotten_when_its_time_is_over(session):
    wish = sign_ups.Wish("dana@example.com", "Dana", "Dana's Deli", "America/Chicago")
    sign_ups.ask(session, wish, "hash", secret=SECRET, at=AT)
    acme, alice = make_business(session), make_user(session)
    make_member(session, acme, alice)
    invitations.invite(
        session, acme.id, "bob@example.com", Role.AGENT, by=alice, secret=SECRET, at=AT
    )
    account_links.draw_link(session, LinkPurpose.PASSWORD, alice, alice.email, secret=SECRET, at=AT)

    for table, forget, after in (
        (SignUp, sign_ups.forget_sign_ups, sign_ups.LASTS + sign_ups.FORGOTTEN_AFTER),
        (Invitation, invitations.forget_invitations, timedelta(days=97)),
        (AccountLink, account_links.forget_links, timedelta(days=30, hours=1)),
    ):
        assert forget(session, AT + after) == 0
        assert forget(session, AT + after + A_MOMENT) == 1
        assert session.scalar(select(func.count()).select_from(table)) == 0


def test_verified_sign_in_of_another_kind_ends_what_was_asked_for(session):
    wish = sign_ups.Wish("dana@example.com", "Mallory", "Mallory's", "America/Chicago")
    sign_ups.ask(session, wish, "hash", secret=SECRET, at=AT)

    sign_ups.forget_address(session, "dana@example.com")

    assert session.scalar(select(func.count()).select_from(SignUp)) == 0
