"""How a consumer can be reached is noted by a colleague, and proves nothing."""

from __future__ import annotations

import pytest
from factories import AT
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.desk import Contact
from voiceline.errors import UndoError, UserError
from voiceline.models import AuditEntry, EventKind

MARIA = Contact(name="Maria Ruiz", email="maria@example.com")


def test_caller_can_be_written_to_once_an_address_is_noted(desk):
    event = desk.do(verbs.set_contact, MARIA)

    assert desk.request.requester.email == "maria@example.com"
    assert (event.kind, event.facts) == (EventKind.CONTACT_SET, {"changed": ["name", "email"]})


def test_trail_and_history_tell_that_it_changed_not_what_it_is(desk):
    event = desk.do(verbs.set_contact, MARIA)
    desk.session.flush()

    entries = desk.session.scalars(select(AuditEntry)).all()
    told = f"{event.facts} {event.before} {[entry.facts for entry in entries]}"
    assert "request.contact_set" in {entry.action for entry in entries}
    assert "Maria" not in told
    assert "maria@" not in told


def test_another_address_is_not_confirmed_any_more(desk):
    desk.do(verbs.set_contact, MARIA)
    desk.request.requester.email_confirmed_at = AT

    desk.do(verbs.set_contact, Contact(name="Maria Ruiz", email="mr@example.com"))

    assert desk.request.requester.email_confirmed_at is None


def test_other_facts_leave_the_confirmation_alone(desk):
    desk.do(verbs.set_contact, MARIA)
    desk.request.requester.email_confirmed_at = AT

    desk.do(verbs.set_contact, Contact(name="M. Ruiz", email="maria@example.com"))

    assert desk.request.requester.email_confirmed_at == AT


@pytest.mark.parametrize("contact", [Contact(), Contact(name="")])
def test_nothing_is_no_contact(desk, contact):
    with pytest.raises(UserError, match=r"^Say at least one thing"):
        desk.do(verbs.set_contact, contact)


def test_same_contact_again_is_no_change(desk):
    desk.do(verbs.set_contact, MARIA)

    with pytest.raises(UserError, match="noted already"):
        desk.do(verbs.set_contact, MARIA)


def test_it_is_noted_anew_and_never_undone(desk):
    desk.do(verbs.set_contact, MARIA)

    with pytest.raises(UndoError, match="nothing to undo"):
        desk.do(verbs.undo)
