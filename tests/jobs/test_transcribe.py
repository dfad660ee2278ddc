"""The draft transcript: a leaf that waits, skips and gives up without legal effect."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import factories
import pytest

from jobs import transcribe as job
from jobs.collect import collect
from jobs.transcribe import transcribe
from voiceline.models import Transcript, Voicemail
from voiceline.ports import Failed, Pending
from voiceline.rules.lifecycle import TranscriptStatus


def test_draft_is_kept_with_its_engine(desk, engine):
    draft = owed(desk)

    transcribe(str(draft.id))

    after = desk.now(draft)
    assert (after.status, after.text) == (TranscriptStatus.COMPLETED, "please delete my data")
    assert (after.engine, after.due_at, after.claim) == ("pocketsphinx", None, None)
    assert engine.discarded == ["ticket"]


def test_engine_at_work_is_asked_again(desk, engine):
    draft = owed(desk)
    engine.answers.insert(0, Pending())

    transcribe(str(draft.id))
    between = desk.now(draft)
    transcribe(str(draft.id))

    assert (between.ticket, between.claim) == ("ticket", None)
    assert between.due_at - datetime.now(UTC) <= job.LOOK_AGAIN
    assert desk.now(draft).status == TranscriptStatus.COMPLETED
    assert len(engine.submitted) == 1


@pytest.mark.parametrize(
    ("retryable", "status"), [(True, TranscriptStatus.PENDING), (False, TranscriptStatus.FAILED)]
)
def test_engine_that_gives_up_is_believed(desk, engine, retryable, status):
    draft = owed(desk)
    engine.answers.insert(0, Failed("no speech", retryable))

    transcribe(str(draft.id))

    after = desk.now(draft)
    assert (after.status, after.last_error) == (status, "no speech")


def test_other_languages_are_left_to_people(desk, engine):
    draft = owed(desk, language="es")

    transcribe(str(draft.id))

    after = desk.now(draft)
    assert after.status == TranscriptStatus.SKIPPED
    assert engine.submitted == []


def test_without_an_engine_people_listen(desk):
    draft = owed(desk)

    transcribe(str(draft.id))

    assert desk.now(draft).status == TranscriptStatus.SKIPPED


def test_audio_that_is_gone_is_not_asked_for(desk, engine):
    draft = owed(desk)
    with desk.services.sessions.begin() as session:
        session.get_one(Voicemail, draft.voicemail_id).expire(datetime.now(UTC))

    transcribe(str(draft.id))

    assert desk.now(draft).status == TranscriptStatus.SKIPPED


def test_lease_outlasts_the_engine(desk, engine, monkeypatch):
    draft = owed(desk)
    minutes = timedelta(minutes=10)
    desk.change(desk.rows(Voicemail)[0], duration_ms=minutes.total_seconds() * 1000)
    seen = []
    engine.on_submit = lambda: seen.append(desk.now(draft).due_at)

    transcribe(str(draft.id))

    assert seen[0] - datetime.now(UTC) > minutes


def test_late_draft_of_a_lost_claim_is_dropped(desk, engine):
    draft = owed(desk)
    engine.on_submit = lambda: desk.change(draft, claim=None)

    transcribe(str(draft.id))

    after = desk.now(draft)
    assert (after.status, after.text) == (TranscriptStatus.PENDING, None)


@dataclass
class Engine:
    """An engine that answers what it is told to."""

    name: str = "fake"
    languages: frozenset[str] = frozenset({"en"})
    answers: list = field(default_factory=list)
    submitted: list = field(default_factory=list)
    discarded: list = field(default_factory=list)
    on_submit: object = None

    def submit(self, asked):
        self.submitted.append(asked)
        if self.on_submit:
            self.on_submit()
        return "ticket"

    def poll(self, ticket):
        return self.answers.pop(0)

    def discard(self, ticket):
        self.discarded.append(ticket)


@pytest.fixture
def engine(desk, monkeypatch):
    made = Engine(answers=[factories.draft_of("please delete my data", 1.0)])
    ours = replace(desk.services, transcriber=made)
    monkeypatch.setattr(job, "services", lambda: ours)
    return made


def owed(desk, language="en"):
    """Answer the draft that is owed for a message that was just stored."""
    collect(str(desk.voicemail(call={"language": language}).id))
    (draft,) = desk.rows(Transcript)
    return draft
