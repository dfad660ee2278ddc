"""Whole calls, placed by the simulated telephone over signed HTTP."""

from __future__ import annotations

from voiceline.models import Call, Voicemail
from voiceline.rules.lifecycle import RequestStatus, VoicemailStatus
from voiceline.rules.rights import Right


def test_keyed_right_is_filed_with_its_deadline(line):
    record = line.call("4021#", "", "3", "1")
    line.work()

    request = line.request()
    (voicemail,) = line.rows(Voicemail)
    assert record.outcome == "completed"
    assert request.respond_by.toordinal() - request.received_on.toordinal() == 45
    assert request.status == RequestStatus.ACKNOWLEDGED
    assert voicemail.status == VoicemailStatus.STORED
    assert line.rows(Call)[0].right == Right.DELETE
