from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from factories import AT, make_business
from sqlalchemy import func, select

from voiceline import audit
from voiceline.audit import OPERATOR, Action, Deed
from voiceline.audit.checking import Wrong
from voiceline.audit.keys import SigningKey, as_pem, key_id, key_ring
from voiceline.audit.signed import SignedHead, stored_heads
from voiceline.audit.signing import sign_heads
from voiceline.errors import UserError
from voiceline.models import AuditHead

DAY = AT.date()
NEXT = DAY + timedelta(days=1)


def test_head_is_signed_once_a_day(trail):
    trail.grow(2)
    first = sign(trail, DAY)
    trail.grow(1)

    again, tomorrow = sign(trail, DAY), sign(trail, NEXT)

    assert [one.signed for one in (first, again, tomorrow)] == [1, 0, 1]
    assert [(head.day, head.sequence) for head in heads(trail)] == [(DAY, 2), (NEXT, 3)]


def test_chain_that_stood_still_is_not_signed_again(trail):
    trail.grow(2)
    sign(trail, DAY)

    assert sign(trail, NEXT).signed == 0


def test_chain_without_entries_is_not_signed(trail):
    assert sign(trail, DAY).signed == 0


def test_each_business_is_signed(trail, services):
    trail.grow(1)
    with services.sessions.begin() as session:
        for name in ("Bolt Bikes", "Corner Cafe"):
            made = make_business(session, name)
            deed = Deed(made.id, Action.BUSINESS_RESUMED, OPERATOR, AT, audit.about(made))
            audit.write(session, deed)

    assert sign(trail, DAY).signed == 3


def test_two_rounds_at_once_sign_once(trail, services):
    trail.grow(3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sign(trail, DAY), range(4)))

    with services.sessions() as session:
        count = session.scalar(select(func.count()).select_from(AuditHead))
    assert count == 1
    assert trail.check().heads == 1


def test_broken_chain_is_told_of_and_not_signed(trail):
    trail.grow(3)
    trail.tamper("update audit_entry set request_id = null where sequence = 2")

    done = sign(trail, DAY)

    assert (done.signed, heads(trail)) == (0, [])
    assert done.broken[trail.acme.id].wrong == Wrong.ALTERED


def test_what_was_signed_before_is_not_followed_again(trail):
    trail.grow(3)
    sign(trail, DAY)
    trail.grow(2)
    trail.tamper("update audit_entry set request_id = null where sequence = 4")

    done = sign(trail, NEXT)

    assert done.broken[trail.acme.id].sequence == 4


def test_chain_that_left_its_signed_head_is_not_signed(trail):
    trail.grow(3)
    sign(trail, DAY)
    trail.tamper("update audit_entry set entry_hash = previous_hash where sequence = 3")
    trail.tamper("update audit_chain set entry_hash = :hash", hash=trail.entries()[2].entry_hash)
    trail.grow(1)

    assert sign(trail, NEXT).broken[trail.acme.id].wrong == Wrong.CUT


def test_new_key_goes_on_where_the_former_one_is_known(trail):
    trail.grow(2)
    sign(trail, DAY)
    trail.grow(1)
    new = SigningKey("7b" * 32)

    stranger = sign_heads(trail.services.engine, new, key_ring(new), NEXT)
    known = sign_heads(trail.services.engine, new, key_ring(new, [trail.key.public]), NEXT)

    assert stranger.broken[trail.acme.id].wrong == Wrong.HEAD
    assert known.signed == 1


def test_signature_is_over_the_line_and_no_other(trail):
    trail.grow(1)
    sign(trail, DAY)
    (head,) = heads(trail)

    true = trail.ring.is_true(head.key_id, head.line, head.signature)
    false = trail.ring.is_true(head.key_id, head.line + " ", head.signature)

    assert (true, false) == (True, False)


def test_key_is_told_apart_by_its_public_half(trail):
    public = trail.key.public

    assert trail.key.id == key_id(public)
    assert as_pem(public).startswith("-----BEGIN PUBLIC KEY-----\n")
    assert trail.key.seed not in repr(trail.key)


@pytest.mark.parametrize("line", ["", "{}", "[]", "null", '{"head":"{}"}', '{"head":3}'])
def test_line_that_is_no_head_is_refused(line):
    with pytest.raises(UserError, match="audit heads"):
        SignedHead.from_json(line)


def sign(trail, day):
    return sign_heads(trail.services.engine, trail.key, trail.ring, day)


def heads(trail):
    with trail.services.sessions() as session:
        return stored_heads(session, trail.acme.id)
