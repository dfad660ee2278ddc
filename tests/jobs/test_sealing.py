"""What was stored before there were keys is sealed by upkeep, whatever happens in between."""

from __future__ import annotations

import pytest
from factories import make_derived

from jobs.sealing import seal
from jobs.upkeep import retag
from voiceline import sealing, voicemails
from voiceline.derived_audio import derived_key
from voiceline.errors import MissingKeyError, MissingObjectError, TemporaryFailure
from voiceline.models import Voicemail
from voiceline.rules.lifecycle import VoicemailStatus


def test_what_is_collected_is_sealed_at_once(desk):
    row = desk.now(desk.voicemail(store=desk.services.store, due_at=None))

    assert row.sealed_by == desk.services.store.keys.master_id
    assert row.sealed_size > row.size
    assert row.sealed_sha256 != row.sha256


def test_a_plain_voicemail_and_its_mp3_are_sealed_and_say_so(desk, plain):
    row = desk.voicemail(store=plain, due_at=None)
    with desk.services.sessions.begin() as session:
        held = session.get_one(Voicemail, row.id)
        make_derived(session, held, plain)
        key, audio = held.object_key, plain.get(held.object_key)

    seal()
    retag()

    after = desk.now(row)
    assert after.sealed_by == desk.services.store.keys.master_id
    assert desk.services.store.get(key) == audio
    assert desk.services.store.get(derived_key(key))
    for name in (key, derived_key(key)):
        with pytest.raises(MissingObjectError):
            plain.get(name)
    assert after.tier_tag == "small_medium"


def test_a_voicemail_sealed_before_its_row_said_so_is_noted(desk):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    desk.change(row, sealed_by=None)

    seal()

    assert desk.now(row).sealed_by == desk.services.store.keys.master_id


def test_one_that_fails_bars_no_other_and_is_tried_again(desk, plain, monkeypatch):
    rows = [desk.voicemail(store=plain, due_at=None) for _ in range(2)]
    bad, take_over = desk.now(rows[0]).object_key, desk.services.store.seal

    def refuse(_, key):
        if key == bad:
            raise TemporaryFailure("not now")
        return take_over(key)

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.services.store), "seal", refuse)
        seal()
    assert [desk.now(row).sealed_by is None for row in rows] == [True, False]

    seal()

    assert desk.now(rows[0]).sealed_by


def test_what_expired_meanwhile_leaves_neither_object_nor_key(desk, plain, monkeypatch):
    row = desk.voicemail(store=plain, due_at=None)
    key, take_over = desk.now(row).object_key, desk.services.store.seal

    def expire_meanwhile(_, name):
        sealed = take_over(name)
        desk.change(row, status=VoicemailStatus.EXPIRED)
        return sealed

    monkeypatch.setattr(type(desk.services.store), "seal", expire_meanwhile)

    seal()

    assert desk.objects == []
    with pytest.raises(MissingKeyError):
        desk.services.store.keys.wrapped_by(key)


def test_a_shredded_voicemail_is_gone_for_every_reader(desk):
    row = desk.now(desk.voicemail(store=desk.services.store, due_at=None))

    sealing.shred(desk.services.store.keys, row)

    for ask in (desk.services.store.get, desk.services.store.size):
        with pytest.raises(MissingKeyError):
            ask(voicemails.object_key(row))


@pytest.fixture
def plain(desk):
    """The folder behind the sealed store, as it was before there were keys."""
    return desk.services.store._inner
