"""A voicemail that is erased for good: in each place, once, and in dumps from before, too."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from factories import AT, make_business, make_code, make_message
from sqlalchemy import create_engine, select, text

from voiceline.audit.keys import SigningKey, key_ring
from voiceline.certificates import About, certificates_of, certify, is_true
from voiceline.database import make_engine, make_sessions
from voiceline.erasing import Why, erase_risen, erase_voicemail
from voiceline.errors import MissingKeyError, PermanentFailure, UserError
from voiceline.models import AuditEntry, SearchDocument, Tombstone, Transcript, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.search_documents import follow_document
from voiceline.tombstones import find_risen, read_in, write_out

KEY = SigningKey("7" * 64)
SAID = "please delete my data"


@dataclass
class Places:
    """The places of the services, with a carrier in memory."""

    store: object
    deleted: list[str] = field(default_factory=list)

    @property
    def recordings(self):
        return self

    def delete(self, carrier_id):
        self.deleted.append(carrier_id)


@pytest.fixture
def places(services):
    return Places(services.store)


@pytest.fixture
def kept(session, services):
    """Alice's business has a request with its voicemail and the draft of it."""
    code = make_code(session, make_business(session))
    request, voicemail = make_message(session, code, services.store, text=SAID)
    follow_document(session, request)
    session.commit()
    return voicemail


def actions(session):
    order = AuditEntry.business_id, AuditEntry.sequence
    return [each.action for each in session.scalars(select(AuditEntry).order_by(*order))]


def test_nothing_of_it_is_left_in_any_place(session, kept, places):
    key = kept.object_key

    found = erase_voicemail(session, places, kept, Why.BY_HAND, AT)

    assert (found.done, found.objects, found.texts) == (True, 1, 1)
    with pytest.raises(MissingKeyError):
        places.store.keys.find(key)
    with pytest.raises(PermanentFailure):
        places.store.tags(key)
    draft = session.scalars(select(Transcript)).one()
    assert (draft.text, draft.words) == (None, None)
    assert "delete" not in str(session.scalars(select(SearchDocument.words)).one())
    assert places.deleted == [kept.carrier_id]
    assert (kept.status, kept.gone_at) == (VoicemailStatus.ERASED, AT)


def test_trail_and_tombstone_tell_of_it_once(session, kept, places):
    for _ in range(2):
        erase_voicemail(session, places, kept, Why.BY_HAND, AT)
        session.commit()

    assert actions(session).count("voicemail.erased") == 1
    assert session.scalars(select(Tombstone.row_id)).all() == [kept.id]
    assert len(places.deleted) == 1


def test_legal_hold_refuses_in_words_and_nothing_goes(session, kept, places):
    kept.held = True
    session.flush()

    with pytest.raises(UserError, match="legal hold"):
        erase_voicemail(session, places, kept, Why.BY_HAND, AT)

    assert places.store.get(kept.object_key)
    assert session.scalars(select(Tombstone)).all() == []


def test_voicemail_that_is_on_its_way_is_waited_for(session, kept, places):
    kept.status = VoicemailStatus.PENDING
    session.flush()

    with pytest.raises(UserError, match="not been collected"):
        erase_voicemail(session, places, kept, Why.BY_HAND, AT)


def test_locked_object_is_named_and_keeps_neither_key_nor_text(session, kept, places, monkeypatch):
    store, delete = type(places.store._inner), type(places.store._inner).delete
    monkeypatch.setattr(store, "delete", refuse)
    monkeypatch.setattr(type(places.store.keys._vault), "delete", delete_keys_alone(delete))

    found = erase_voicemail(session, places, kept, Why.BY_HAND, AT)
    session.commit()

    assert set(found.refusals) == {"audio", "mp3"}
    assert kept.status == VoicemailStatus.STORED
    with pytest.raises(MissingKeyError):
        places.store.get(kept.object_key)
    assert session.scalars(select(Transcript.text)).all() == [None]
    assert "voicemail.erased" not in actions(session)

    monkeypatch.setattr(store, "delete", delete)
    again = erase_voicemail(session, places, kept, Why.BY_HAND, AT)

    assert again.done
    assert kept.status == VoicemailStatus.ERASED


def test_object_that_only_says_it_went_is_not_called_gone(session, kept, places, monkeypatch):
    vault, delete = places.store.keys._vault.root, type(places.store._inner).delete

    def keys_alone(store, key):
        if store.root == vault:
            delete(store, key)

    monkeypatch.setattr(type(places.store._inner), "delete", keys_alone)

    found = erase_voicemail(session, places, kept, Why.BY_HAND, AT)

    assert list(found.refusals) == ["audio"]


def test_without_its_master_key_no_data_key_is_called_gone(session, kept, places):
    kept.sealed_by = "another"
    session.flush()

    found = erase_voicemail(session, places, kept, Why.BY_HAND, AT)

    assert "another is not at hand" in found.refusals["key"]
    assert kept.status == VoicemailStatus.STORED


def test_tombstones_are_written_out_and_read_in_again(session, kept, places):
    erase_voicemail(session, places, kept, Why.BY_HAND, AT)
    lines = list(write_out(session))
    session.execute(text("delete from tombstone"))

    assert [read_in(session, [*lines, "\n"]) for _ in range(2)] == [1, 1]
    assert list(write_out(session)) == lines
    assert SAID not in lines[0]


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"id":"1","kind":"voicemail","at":"x"}'])
def test_what_is_no_tombstone_is_refused_by_its_line(session, line):
    with pytest.raises(UserError, match="Line 1 is not a tombstone"):
        read_in(session, [line])


def test_certificate_is_signed_and_stays_when_the_business_is_renamed(session, kept):
    about = About("voicemail", kept.id, kept.business)

    made = certify(session, about, {"objects": 1, "sha256": kept.sha256}, AT, key=KEY)
    kept.business.name = "Another"
    session.flush()

    assert certificates_of(session, kept.business_id) == [made]
    assert is_true(made, key_ring(KEY))
    made.line = made.line.replace('"objects":1', '"objects":2')
    assert not is_true(made, key_ring(KEY))


@pytest.mark.only("postgresql")
def test_restored_dump_cannot_be_read_and_is_erased_again(session, kept, places, tmp_path):
    row_id, key, dump = kept.id, kept.object_key, tmp_path / "before.dump"
    bucket = places.store._inner
    sealed = bucket.get(f"{key}.sealed")
    run("pg_dump", "--format=custom", f"--file={dump}", name=session.get_bind().url.database)
    erase_voicemail(session, places, kept, Why.BY_HAND, AT)
    session.commit()
    newest = list(write_out(session))
    bucket.put(f"{key}.sealed", sealed, content_type="application/octet-stream", tags={})

    with restored(dump) as old:
        back = old.get(Voicemail, row_id)
        assert back.status == VoicemailStatus.STORED
        assert old.scalars(select(Transcript.text)).all() == [SAID]
        with pytest.raises(MissingKeyError):
            places.store.get(key)

        read_in(old, newest)
        risen = find_risen(old)
        ends = [erase_risen(old, places, each, AT) for each in risen]
        old.commit()

        assert [(each.done, each.objects, each.texts) for each in ends] == [(True, 1, 1)]
        assert back.status == VoicemailStatus.ERASED
        assert old.scalars(select(Transcript.text)).all() == [None]
        assert find_risen(old) == []


def refuse(store, key):
    raise PermanentFailure("locked until 2027")


def delete_keys_alone(delete):
    return lambda store, key: delete(store, key) if key.endswith(".key") else refuse(store, key)


def run(program, *arguments, name):
    """Run one of PostgreSQL's programs as the server's superuser, on that database."""
    url = make_engine(os.environ["VOICELINE_TEST_DATABASE_URL"]).url
    where = url.set(drivername="postgresql", database=name)
    at = f"--dbname={where.render_as_string(hide_password=False)}"
    folder = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
    subprocess.run([f"{folder.stdout.strip()}/{program}", *arguments, at], check=True)


@contextmanager
def restored(dump):
    """A session on a database of its own, made from the dump."""
    name = f"voiceline_restored_{os.getpid()}"
    server = create_engine(os.environ["VOICELINE_TEST_DATABASE_URL"], isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"create database {name}"))
    run("pg_restore", str(dump), name=name)
    engine = make_engine(server.url.set(database=name).render_as_string(hide_password=False))
    try:
        with make_sessions(engine)() as session:
            yield session
    finally:
        engine.dispose()
        with server.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
        server.dispose()
