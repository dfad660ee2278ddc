"""A request whose audio cannot be had is filed all the same: its clock runs since the call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lines import TestLine, open_line
from sqlalchemy import update

from jobs.collect import collect
from voiceline.models import PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.simulator import Faults


def test_refused_audio_is_parked_and_its_request_filed(line):
    (voicemail,) = line.rows(Voicemail)

    collect(str(voicemail.id))

    (voicemail,) = line.rows(Voicemail)
    assert voicemail.status == VoicemailStatus.FAILED
    assert line.request().received_at == voicemail.recorded_at


def test_audio_mended_later_belongs_to_the_same_request(line):
    (voicemail,) = line.rows(Voicemail)
    collect(str(voicemail.id))
    filed = line.request().id

    line.carrier.set_faults(Faults())
    make_due(line, voicemail)
    collect(str(voicemail.id))

    assert line.rows(Voicemail)[0].status == VoicemailStatus.STORED
    assert line.request().id == filed


@pytest.mark.parametrize(("minutes", "filed"), [(1, 0), (11, 1)])
def test_audio_that_takes_long_does_not_hold_up_the_request(line, minutes, filed):
    line.carrier.set_faults(Faults(broken=1000))
    (voicemail,) = line.rows(Voicemail)
    with line.services.sessions.begin() as session:
        received_at = voicemail.received_at - timedelta(minutes=minutes)
        session.execute(update(Voicemail).values(received_at=received_at))

    collect(str(voicemail.id))

    assert line.rows(Voicemail)[0].status == VoicemailStatus.PENDING
    assert len(line.rows(PrivacyRequest)) == filed


def make_due(line: TestLine, voicemail: Voicemail) -> None:
    with line.services.sessions.begin() as session:
        session.execute(update(Voicemail).values(due_at=voicemail.received_at))


@pytest.fixture
def line(environment, tmp_path):
    """A call is over; the carrier refuses to hand its recording out."""
    with open_line(environment, tmp_path) as opened:
        opened.call("4021#", "", "3", "1")
        opened.carrier.set_faults(Faults(unauthorized=1000))
        yield opened
