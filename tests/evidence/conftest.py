"""A request of which there is everything, and the pack of it."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from documents import CSV, PDF
from factories import AT, make_business, make_code, make_message, make_transcript, make_user

from voiceline import attachments, audit, desk, notes
from voiceline.attachments import Upload
from voiceline.audit.keys import SigningKey, key_ring
from voiceline.audit.signing import sign_heads
from voiceline.casework import find_request
from voiceline.evidence.taking import pack_of, take_out
from voiceline.rules.identity import DataPoint, Evidence, Method

LATER = AT + timedelta(days=1)


class Office:
    """Alice at work on a call that came in, and the packs she takes."""

    def __init__(self, services) -> None:
        self.services = services
        self.key = SigningKey(services.settings.audit_signing_key.get_secret_value())
        with services.sessions.begin() as session:
            self.code = make_code(session, make_business(session, "Acme Shoes"), "4021")
            self.alice = make_user(session, "Alice Abbott")
            self.request, self.voicemail = make_message(session, self.code, services.store)

    def do(self, verb, *about, **facts):
        with self.services.sessions.begin() as session:
            found = self.find(session)
            clerk = desk.Clerk(self.alice, LATER, found.version)
            return verb(session, found, clerk, *about, **facts)

    def find(self, session):
        return find_request(session, self.request.business_id, self.request.id)

    def write(self, text, *uploads, at=LATER):
        note_id = uuid4()
        with self.services.sessions.begin() as session:
            found = self.find(session)
            files = attachments.offer_files(session, found, note_id, uploads, self.alice, at)
            attachments.put_files(self.services.store, files, uploads)
            return notes.add_note(session, found, note_id, text, self.alice, at, files=files)

    def sign(self):
        return sign_heads(self.services.engine, self.key, key_ring(self.key), LATER.date())

    def pack(self, *, at=LATER, links=False):
        with self.services.sessions.begin() as session:
            dossier = take_out(session, self.find(session), audit.staff(self.alice), at)
        engine = self.services.engine if links else None
        return pack_of(dossier, self.services.store, self.key, chain_from=engine)

    def packed(self, **facts) -> bytes:
        return b"".join(self.pack(**facts).open())

    def work(self) -> None:
        """Do a bit of everything."""
        points = frozenset({DataPoint.EMAIL, DataPoint.ORDER_NUMBER})
        self.do(desk.acknowledge, how=desk.Means.EMAIL)
        with self.services.sessions.begin() as session:
            found = self.find(session)
            clerk = desk.Clerk(self.alice, LATER, found.version)
            evidence = Evidence(Method.MATCHED, points)
            desk.verify_identity(session, found, clerk, evidence, passed=True)
        note = self.write("Called back.", Upload("letter.pdf", PDF), Upload("orders.csv", CSV))
        with self.services.sessions.begin() as session:
            found = self.find(session)
            mine = notes.find_note(session, found, note.id)
            notes.edit_note(session, found, mine, "Called twice.", self.alice, LATER, seen=1)
            make_transcript(session, session.merge(self.voicemail), "a better draft", version=2)


@pytest.fixture
def office(services) -> Office:
    return Office(services)


@pytest.fixture
def worked(office) -> Office:
    office.work()
    office.sign()
    return office


@pytest.fixture
def packed(worked) -> bytes:
    return worked.packed()


def opened(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)
