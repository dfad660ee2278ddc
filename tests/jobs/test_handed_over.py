"""What a caller without a code left changes hands around the steps of each job."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import factories
import pytest
from races import at_once
from sqlalchemy import select, update
from structlog.testing import CapturingLogger

from jobs import claimed, upkeep
from jobs.collect import collect
from jobs.derive import derive
from jobs.expire import expire
from jobs.notify import notify
from jobs.transcribe import transcribe
from voiceline import audit
from voiceline.audit.keys import SigningKey
from voiceline.desk import Clerk
from voiceline.errors import MissingObjectError, MoveError
from voiceline.evidence.checking import check_pack
from voiceline.evidence.taking import pack_of, take_out
from voiceline.handing_over import hand_back, hand_over, was_handed_over
from voiceline.models import (
    AuditEntry,
    Delivery,
    DeliveryKind,
    DerivedAudio,
    PrivacyRequest,
    RequestEvent,
    ServiceCode,
    Transcript,
    Voicemail,
)
from voiceline.reach import across
from voiceline.rules.lifecycle import DerivedStatus, TranscriptStatus, VoicemailStatus

MOMENTS = ("before", "between", "after")
ACME = {"tier": "small_medium"}
YEAR = timedelta(days=365)


@pytest.fixture(params=MOMENTS)
def moment(request):
    return request.param


def test_the_mp3_is_the_businesss(left, moment, monkeypatch):
    owed, put = left.row(DerivedAudio), type(left.desk.services.store).put

    def put_meanwhile(self, *args, **facts):
        if left.untouched:
            left.give()
        return put(self, *args, **facts)

    left.at("before", moment)
    if moment == "between":
        monkeypatch.setattr(type(left.desk.services.store), "put", put_meanwhile)
    derive(str(owed.id))
    left.at("after", moment)
    upkeep.retag()

    made, mail = left.desk.now(owed), left.row(Voicemail)
    assert (made.status, made.claim) == (DerivedStatus.MADE, None)
    left.is_acmes(made, mail)
    store = left.desk.services.store
    assert {key: store.tags(key) for key in left.desk.objects} == dict.fromkeys(
        (mail.object_key, made.object_key), ACME
    )


def test_the_draft_is_the_businesss(left, moment, monkeypatch):
    owed, engine = left.row(Transcript), Engine()
    object.__setattr__(left.desk.services, "transcriber", engine)
    engine.meanwhile = left.give if moment == "between" else lambda: None

    left.at("before", moment)
    transcribe(str(owed.id))
    left.at("after", moment)

    draft = left.desk.now(owed)
    assert draft.last_error is None
    assert (draft.status, draft.text) == (TranscriptStatus.COMPLETED, "this is for acme shoes")
    left.is_acmes(draft)


def test_the_operators_notice_goes_before_or_never(left, moment, monkeypatch):
    delivery = left.owe()
    mailer, send = type(left.desk.services.mailer), type(left.desk.services.mailer).send

    def send_meanwhile(self, message):
        left.give()
        send(self, message)

    left.at("before", moment)
    if moment == "between":
        monkeypatch.setattr(mailer, "send", send_meanwhile)
    notify(str(delivery))
    notify(str(delivery))
    left.at("after", moment)

    folder = left.desk.services.settings.data_dir / "mail"
    assert len(list(folder.glob("*.eml"))) == (0 if moment == "before" else 1)
    left.is_acmes(*(each for each in left.desk.rows(Delivery) if each.due_at))


def test_audio_whose_time_is_over_goes_whoever_has_it_by_then(left, moment, monkeypatch):
    mail = left.row(Voicemail)
    left.grow_old(mail)
    store = type(left.desk.services.store)
    delete = store.delete

    def delete_meanwhile(self, key):
        if left.untouched:
            left.give()
        delete(self, key)

    left.at("before", moment)
    if moment == "between":
        monkeypatch.setattr(store, "delete", delete_meanwhile)
    expire()
    left.at("after", moment)

    kept = left.desk.now(mail)
    left.is_acmes(kept)
    assert kept.status == VoicemailStatus.EXPIRED
    assert not left.exists(kept.object_key)


def test_a_take_of_the_call_is_collected_for_the_business(left, moment):
    recordings = left.desk.recordings
    late = left.second_take()
    if moment == "between":
        recordings.on_fetch = lambda: left.give() if left.untouched else None

    left.at("before", moment)
    collect(str(late.id))
    left.at("after", moment)

    mail = left.desk.now(late)
    left.is_acmes(mail, *left.desk.rows(Voicemail), *left.desk.rows(Transcript))
    assert mail.status in {VoicemailStatus.STORED, VoicemailStatus.REPLACED}


@pytest.mark.parametrize("_again", range(4))
def test_jobs_and_a_hand_over_at_one_moment_wait_for_nobody_in_a_circle(left, monkeypatch, _again):
    """On PostgreSQL two that lock the same rows in two orders are stopped, and one fails."""
    log, owed = CapturingLogger(), left.owe()
    derived, transcript = left.row(DerivedAudio), left.row(Transcript)
    object.__setattr__(left.desk.services, "transcriber", Engine())
    monkeypatch.setattr(claimed, "log", log)
    late = left.second_take()
    work = [
        left.give,
        lambda: derive(str(derived.id)),
        lambda: transcribe(str(transcript.id)),
        lambda: notify(str(owed)),
        lambda: collect(str(late.id)),
        upkeep.retag,
    ]
    failures = at_once(work)

    assert failures == []
    assert [each.args for each in log.calls] == []
    left.is_acmes(
        *(each for table in (Voicemail, Transcript, DerivedAudio) for each in left.desk.rows(table))
    )


@pytest.mark.parametrize("_again", range(3))
def test_expiry_and_a_hand_over_at_one_moment_leave_no_row_without_its_object(left, _again):
    mail = left.row(Voicemail)
    left.grow_old(mail)

    failures = at_once([left.give, expire])

    kept = left.desk.now(mail)
    assert failures == []
    assert left.exists(kept.object_key) == (kept.status == VoicemailStatus.STORED)
    left.is_acmes(kept)


@pytest.mark.parametrize("_again", range(3))
def test_of_two_who_give_back_and_forth_at_once_nobody_fails(left, _again):
    left.give()

    failures = at_once([left.take_back, left.take_back])

    assert [type(failure) for failure in failures] == [MoveError]


def test_given_and_given_back_at_one_moment_it_is_the_operators(left):
    """Two entries of one moment have no order; whose it is decides."""
    left.give()
    left.take_back()

    with left.desk.services.sessions() as session, across(session):
        moments = select(RequestEvent.at).where(
            RequestEvent.kind.in_(["handed_over", "handed_back"])
        )
        assert len(set(session.scalars(moments))) == 1
        assert not was_handed_over(session, session.scalars(select(PrivacyRequest)).one())

    left.give()
    with left.desk.services.sessions() as session, across(session):
        assert was_handed_over(session, session.scalars(select(PrivacyRequest)).one())


def test_a_pack_taken_after_it_holds_for_its_own_checker(left):
    derive(str(left.row(DerivedAudio).id))
    left.give()
    key = SigningKey(left.desk.services.settings.audit_signing_key.get_secret_value())

    with left.desk.services.sessions.begin() as session:
        mine = session.scalars(select(PrivacyRequest)).one()
        dossier = take_out(session, mine, audit.staff(left.user), left.now)
    engine = left.desk.services.engine
    packs = [
        b"".join(pack_of(dossier, left.desk.services.store, key, chain_from=chain).open())
        for chain in (None, engine)
    ]

    for pack in packs:
        assert check_pack(io.BytesIO(pack), [key.public]).known_key
    with left.desk.services.sessions() as session:
        theirs = select(AuditEntry.action).where(
            AuditEntry.business_id == left.desk.code.business_id
        )
        assert "request.taken_over" in session.scalars(theirs).all()


class Left:
    """A message that a caller without a code left, filed with the operator; Acme is to have it."""

    def __init__(self, desk) -> None:
        self.desk, self.now, self.untouched = desk, datetime.now(UTC), True
        with desk.services.sessions.begin() as session:
            self.user = factories.make_user(session, "Olga Ortiz")
            operator = session.scalars(select(ServiceCode).where(ServiceCode.code == "1")).one()
            operator.business.notify_address = "privacy@voiceline.example"
        code, desk.code = desk.code, operator
        mail = desk.voicemail(call={"unassigned": True})
        self.call_id = mail.call_id
        collect(str(mail.id))
        desk.code = code

    def row(self, table):
        (found,) = self.desk.rows(table)
        return found

    def give(self):
        self.untouched = False
        with self.desk.services.sessions.begin() as session:
            mine = session.scalars(select(PrivacyRequest)).one()
            clerk = Clerk(self.user, self.now, mine.version)
            hand_over(session, mine.id, self.desk.code.id, clerk)

    def take_back(self):
        with self.desk.services.sessions.begin() as session:
            mine = session.scalars(select(PrivacyRequest)).one()
            clerk = Clerk(self.user, self.now, mine.version)
            hand_back(session, mine, clerk, because="We sell no shoes")

    def at(self, moment, chosen):
        if moment == chosen:
            self.give()

    def is_acmes(self, *rows):
        assert {row.business_id for row in rows} <= {self.desk.code.business_id}

    def owe(self):
        """A notice to the operator's people that is owed about the request."""
        with self.desk.services.sessions.begin() as session:
            owed = session.scalars(select(Delivery).order_by(Delivery.created_at)).all()
            if owed:
                return owed[0].id
            mine = session.scalars(select(PrivacyRequest)).one()
            made = Delivery(
                kind=DeliveryKind.REQUEST_FILED,
                key=f"request_filed/{mine.id.hex}",
                business_id=mine.business_id,
                request_id=mine.id,
                address="privacy@voiceline.example",
                created_at=self.now,
                due_at=self.now,
            )
            session.add(made)
            session.flush()
            return made.id

    def second_take(self):
        with self.desk.services.sessions.begin() as session:
            at = self.now - timedelta(minutes=1)
            first = session.scalars(select(Voicemail)).one()
            made = factories.make_voicemail(
                session, first.call, take=2, due_at=at, recorded_at=at, received_at=at
            )
            self.desk.recordings.media[made.carrier_id] = factories.tone(2.0)
            return made

    def grow_old(self, mail):
        with self.desk.services.sessions.begin() as session:
            long_ago = self.now - timedelta(days=1)
            mine = update(Voicemail).where(Voicemail.id == mail.id)
            session.execute(mine.values(expires_at=long_ago))

    def exists(self, key):
        try:
            self.desk.services.store.size(key)
        except MissingObjectError:
            return False
        return True


class Engine:
    """An engine that takes a while, in which something else happens."""

    name, languages = "fake", frozenset({"en"})

    def __init__(self) -> None:
        self.meanwhile = lambda: None

    def submit(self, _job):
        self.meanwhile()
        return "ticket"

    def poll(self, _ticket):
        return factories.draft_of("this is for acme shoes", 1.0)

    def discard(self, _ticket):
        pass


@pytest.fixture
def left(desk):
    return Left(desk)
