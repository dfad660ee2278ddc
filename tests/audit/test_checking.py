"""Whoever goes around the triggers is found, and the first broken entry is named."""

from __future__ import annotations

import pytest
from factories import AT
from sqlalchemy import text

from voiceline.audit import checking, texts
from voiceline.audit.checking import Place, Wrong
from voiceline.audit.encoding import sha256
from voiceline.audit.keys import SigningKey, key_ring
from voiceline.audit.signed import SignedHead, stored_heads
from voiceline.audit.signing import sign_heads

DAY = AT.date()


def test_whole_chain_holds(trail):
    trail.grow(7)

    report = trail.check()

    assert (report.fault, report.end.sequence) == (None, 7)
    assert report.end.entry_hash == trail.entries()[-1].entry_hash


def test_chain_without_entries_holds(trail):
    report = trail.check()

    assert (report.fault, report.end) == (None, Place())


def test_pages_make_no_difference(trail, monkeypatch):
    monkeypatch.setattr(texts, "PAGE", 2)
    trail.grow(5)

    assert trail.check().end.sequence == 5


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-11-21 18:00:00.000001"),
        ("actor_kind", "'system'"),
        ("actor_id", "subject_id"),
        ("actor_id", "null"),
        ("actor_name", "null"),
        ("action", "'voicemail.downloaded'"),
        ("subject_kind", "'request'"),
        ("subject_id", "business_id"),
        ("request_id", "null"),
        ("facts", """'{"code":"4021"}'"""),
        ("facts", "'{ }'"),
        ("facts", "'not json'"),
        ("facts", "'[]'"),
        ("entry_hash", f"'{'0' * 64}'"),
    ],
)
def test_altered_entry_is_named(trail, column, value):
    trail.grow(5)
    value = f"'{value}'" if column == "at" else value

    trail.tamper(f"update audit_entry set {column} = {value} where sequence = 3")

    fault = trail.check().fault
    assert (fault.sequence, fault.wrong) == (3, Wrong.ALTERED)


@pytest.mark.only("sqlite")  # PostgreSQL keeps nothing in a column that is not of its type
@pytest.mark.parametrize("value", ["'garbage'", "cast(x'ff' as text)", "x'00ff'", "''"])
@pytest.mark.parametrize("column", ["at", "subject_id", "actor_id", "facts", "action"])
def test_entry_that_cannot_be_read_is_named(trail, column, value):
    trail.grow(5)

    trail.tamper(f"update audit_entry set {column} = {value} where sequence = 3")

    fault = trail.check().fault
    assert (fault.sequence, fault.wrong) == (3, Wrong.ALTERED)


def test_missing_entry_is_a_gap(trail):
    trail.grow(5)

    trail.tamper("delete from audit_entry where sequence = 3")

    fault = trail.check().fault
    assert (fault.sequence, fault.wrong) == (3, Wrong.GAP)


def test_missing_first_entry_is_a_gap(trail):
    trail.grow(3)

    trail.tamper("delete from audit_entry where sequence = 1")

    assert trail.check().fault.sequence == 1


def test_altered_and_hashed_anew_cuts_the_chain_behind_it(trail):
    trail.grow(5)

    rewrite(trail, 3)

    fault = trail.check().fault
    assert (fault.sequence, fault.wrong) == (4, Wrong.CUT)


def test_missing_end_cuts_the_chain(trail):
    trail.grow(5)

    trail.tamper("delete from audit_entry where sequence > 3")

    fault = trail.check().fault
    assert (fault.sequence, fault.wrong) == (4, Wrong.CUT)
    assert "its head is entry 5" in fault.because


def test_entry_behind_the_head_cuts_the_chain(trail):
    trail.grow(5)

    trail.tamper("update audit_chain set sequence = 4")

    fault = trail.check().fault
    assert (fault.sequence, fault.wrong) == (5, Wrong.CUT)


def test_another_head_cuts_the_chain(trail):
    trail.grow(5)

    trail.tamper("update audit_chain set entry_hash = :other", other="f" * 64)

    assert trail.check().fault.wrong == Wrong.CUT


def test_chain_without_a_head_is_cut(trail):
    with trail.around_triggers() as connection:
        connection.execute(text("delete from audit_chain"))

    assert trail.check().fault.wrong == Wrong.CUT


def test_another_name_is_found(trail):
    trail.grow(3)

    trail.tamper("update audit_name set name = 'Bob Baker'")

    fault = trail.check().fault
    assert (fault.sequence, fault.wrong) == (1, Wrong.ALTERED)
    assert "name" in fault.because


class TestHeads:
    def test_rewritten_chain_is_not_what_was_signed(self, trail):
        trail.grow(5)
        sign(trail)

        rewrite_from(trail, 3)

        fault = trail.check().fault
        assert (fault.sequence, fault.wrong) == (5, Wrong.HEAD)
        assert "rewritten" in fault.because

    def test_shortened_chain_is_not_what_was_signed(self, trail):
        trail.grow(5)
        sign(trail)
        third = trail.entries()[2].entry_hash

        with trail.around_triggers() as connection:
            connection.execute(text("delete from audit_entry where sequence > 3"))
            connection.execute(
                text("update audit_chain set sequence = 3, entry_hash = :hash"), {"hash": third}
            )

        fault = trail.check().fault
        assert (fault.sequence, fault.wrong) == (4, Wrong.CUT)
        assert "entry 5 was signed on 2026-11-21" in fault.because

    def test_false_signature_is_named(self, trail):
        trail.grow(3)
        sign(trail)

        trail.tamper("update audit_head set signature = :false", false="0" * 128)

        fault = trail.check().fault
        assert (fault.sequence, fault.wrong) == (3, Wrong.HEAD)

    def test_signature_of_a_stranger_is_named(self, trail):
        trail.grow(3)
        stranger = SigningKey("7b" * 32)
        sign_heads(trail.services.engine, stranger, key_ring(stranger), DAY)

        fault = trail.check().fault

        assert (fault.wrong, stranger.id in fault.because) == (Wrong.HEAD, True)

    def test_signature_of_a_former_key_counts(self, trail):
        trail.grow(3)
        sign(trail)
        former, trail.key = trail.key, SigningKey("7b" * 32)

        report = checking.check_chain(
            trail.services.engine, trail.acme.id, key_ring(trail.key, [former.public])
        )

        assert (report.fault, report.heads) == (None, 1)

    def test_head_kept_elsewhere_finds_what_the_database_forgot(self, trail):
        trail.grow(5)
        sign(trail)
        kept = [SignedHead.from_json(head.as_json()) for head in heads(trail)]
        rewrite_from(trail, 3)
        trail.tamper("delete from audit_head")

        here, there = trail.check(), trail.check(kept_heads=kept)

        assert here.fault is None
        assert (there.fault.sequence, there.fault.wrong) == (5, Wrong.HEAD)

    def test_head_of_another_business_is_not_held_against_it(self, trail):
        trail.grow(2)
        foreign = SignedHead(trail.alice.id, DAY, 9, "0" * 64, trail.key.id, "0" * 128)

        assert trail.check(kept_heads=[foreign]).fault is None


def sign(trail):
    assert sign_heads(trail.services.engine, trail.key, trail.ring, DAY).signed == 1


def heads(trail):
    with trail.services.sessions() as session:
        return stored_heads(session, trail.acme.id)


def rewrite(trail, sequence):
    """Alter an entry and give it the hash of what it says now."""
    trail.tamper(f"update audit_entry set request_id = null where sequence = {sequence}")
    entry = trail.entries()[sequence - 1]
    anew = sha256(checking.line_of(entry))
    trail.tamper(f"update audit_entry set entry_hash = '{anew}' where sequence = {sequence}")


def rewrite_from(trail, sequence):
    """Alter an entry and make the chain fit from there to its head: only a signature tells."""
    rewrite(trail, sequence)
    for entry in trail.entries()[sequence:]:
        before = trail.entries()[entry.sequence - 2].entry_hash
        place = f"where sequence = {entry.sequence}"
        trail.tamper(f"update audit_entry set previous_hash = '{before}' {place}")
        changed = trail.entries()[entry.sequence - 1]
        anew = sha256(checking.line_of(changed))
        trail.tamper(f"update audit_entry set entry_hash = '{anew}' {place}")
    last = trail.entries()[-1]
    trail.tamper(f"update audit_chain set entry_hash = '{last.entry_hash}' where sequence > 0")
