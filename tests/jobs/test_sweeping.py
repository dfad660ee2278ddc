"""Files that no note has: whatever step their uploader died at, nothing of them is left."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from documents import PDF
from factories import make_business, make_code, make_request, make_user
from sqlalchemy import select

from jobs.claimed import now
from jobs.process import services as process_services
from jobs.sweeping import sweep_attachments
from voiceline import attachments, notes
from voiceline.attachments import Upload
from voiceline.errors import MissingObjectError, TemporaryFailure
from voiceline.models import NoteAttachment

LONG_AGO = timedelta(hours=2)
UPLOADS = [Upload("letter.pdf", PDF)]


@pytest.mark.parametrize("stored", [True, False])
def test_a_file_whose_note_never_came_is_deleted(services, world, stored):
    (row,) = offer(services, world, now() - LONG_AGO)
    if stored:
        attachments.put_files(services.store, [row], UPLOADS)

    sweep_attachments()

    assert rows(services) == []
    with pytest.raises(MissingObjectError):
        services.store.size(row.object_key)


def test_a_file_that_is_on_its_way_stays(services, world):
    (row,) = offer(services, world, now() - timedelta(minutes=50))
    attachments.put_files(services.store, [row], UPLOADS)

    sweep_attachments()

    assert rows(services) == [row.id]
    assert services.store.get(row.object_key) == PDF


def test_a_file_of_a_note_stays_whatever_its_age(services, world):
    (row,) = offer(services, world, now() - LONG_AGO)
    attachments.put_files(services.store, [row], UPLOADS)
    request, user, note_id = world
    with services.sessions.begin() as session:
        request = session.merge(request)
        notes.add_note(session, request, note_id, "see file", user, now(), files=[row])

    sweep_attachments()

    assert rows(services) == [row.id]


def test_a_dead_store_leaves_it_for_the_next_round(services, world, monkeypatch):
    (row,) = offer(services, world, now() - LONG_AGO)
    attachments.put_files(services.store, [row], UPLOADS)
    store = process_services().store

    def fail(_key):
        raise TemporaryFailure("away")

    with monkeypatch.context() as patched:
        patched.setattr(type(store), "delete", lambda _self, key: fail(key))
        sweep_attachments()
    left = rows(services)
    sweep_attachments()

    assert (left, rows(services)) == ([row.id], [])


def offer(services, world, at) -> list[NoteAttachment]:
    request, user, note_id = world
    with services.sessions.begin() as session:
        return attachments.offer_files(session, request, note_id, UPLOADS, user, at)


def rows(services) -> list:
    with services.sessions() as session:
        return list(session.scalars(select(NoteAttachment.id)))


@pytest.fixture
def world(services):
    with services.sessions.begin() as session:
        request = make_request(session, make_code(session, make_business(session)))
        return request, make_user(session), uuid4()
