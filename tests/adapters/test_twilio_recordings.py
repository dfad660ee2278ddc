"""TwilioRecordings against a carrier on loopback that can misbehave."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from examples.carrier import ABSENT, AT, carrier_source
from fakes.carrier import ACCOUNT, fake_carrier
from fakes.wav import silence
from flask import Response

from voiceline.errors import (
    MissingRecordingError,
    PermanentFailure,
    TemporaryFailure,
)


def test_a_whole_recording_is_fetched_unchanged(carrier, source):
    sid = carrier.record("1", silence(), AT)

    audio = source.fetch(sid)

    assert audio == silence()


def test_an_absent_recording_is_missing_not_failed(source):
    with pytest.raises(MissingRecordingError):
        source.fetch(ABSENT)


@pytest.mark.parametrize(
    "identifier", ["", "RE1", f"{ABSENT}/../x", "https://evil.example/a.wav", ABSENT.upper()]
)
def test_only_a_recording_id_becomes_an_address(carrier, source, identifier):
    with pytest.raises(PermanentFailure, match="not an id"):
        source.fetch(identifier)

    assert carrier.seen == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"RIFF",
        b"<html>down for maintenance</html>",
        silence(0),
        silence()[:-1],
        silence()[: len(silence()) // 2],
        silence()[:44],
        b"RIFF\xff\xff\xff\xffWAVEfmt ",
    ],
    ids=["empty", "magic", "html", "no-frames", "byte-short", "half", "header-only", "cut-header"],
)
def test_audio_that_is_not_whole_is_fetched_again(carrier, source, body):
    sid = carrier.record("1", body, AT)

    with pytest.raises(TemporaryFailure):
        source.fetch(sid)


def test_a_page_of_html_with_200_is_not_audio(carrier, source):
    carrier.answer = lambda: Response(silence(), content_type="text/html; charset=utf-8")

    with pytest.raises(TemporaryFailure, match="text"):
        source.fetch(ABSENT)


def test_fewer_bytes_than_announced_are_refused(carrier, source):
    long, short = silence(), silence(80)
    carrier.answer = lambda: Response(short, headers={"Content-Length": str(len(long))})

    with pytest.raises(TemporaryFailure):
        source.fetch(ABSENT)


def test_a_recording_over_the_cap_is_not_read_on(carrier):
    sid = carrier.record("1", silence(80_000), AT)

    with pytest.raises(PermanentFailure, match="over 1000 bytes"):
        carrier_source(carrier, max_bytes=1000).fetch(sid)


def test_a_trickling_download_ends_at_its_deadline(carrier):
    carrier.answer = lambda: Response(
        trickle(), content_type="audio/x-wav", headers={"Content-Length": "2000"}
    )

    with pytest.raises(TemporaryFailure, match="slowly"):
        carrier_source(carrier, transfer_timeout=0.2).fetch(ABSENT)


def test_a_download_that_stops_is_tried_again(carrier):
    carrier.answer = lambda: Response(
        trickle(pause=2), content_type="audio/x-wav", headers={"Content-Length": "2000"}
    )

    with pytest.raises(TemporaryFailure, match="cannot be reached"):
        carrier_source(carrier, read_timeout=0.2).fetch(ABSENT)


def test_a_redirect_within_the_carrier_is_followed(carrier, source):
    sid = carrier.record("1", silence(), AT)
    here = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.wav"
    carrier.answer = lambda: _once(carrier, Response(status=307, headers={"Location": here}))

    audio = source.fetch(sid)

    assert audio == silence()


def test_a_redirect_to_another_host_is_not_followed(carrier, source):
    with fake_carrier() as stranger:
        sid = stranger.record("1", silence(), AT)
        elsewhere = f"{stranger.base}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.wav"
        carrier.answer = lambda: Response(status=302, headers={"Location": elsewhere})

        with pytest.raises(PermanentFailure, match="another host"):
            source.fetch(sid)

    assert stranger.seen == []


def test_redirects_in_a_circle_come_to_an_end(carrier, source):
    carrier.answer = lambda: Response(status=302, headers={"Location": "/again"})

    with pytest.raises(PermanentFailure):
        source.fetch(ABSENT)

    assert len(carrier.seen) == 4


def test_a_deleted_recording_is_gone(carrier, source):
    sid = carrier.record("1", silence(), AT)

    source.delete(sid)

    with pytest.raises(MissingRecordingError):
        source.fetch(sid)


def test_deleting_what_is_gone_is_a_success(carrier, source):
    source.delete(ABSENT)

    assert [method for method, _, _ in carrier.seen] == ["DELETE"]


def test_listing_reads_every_page(carrier, source):
    sids = [carrier.record(digit, silence(8), AT) for digit in "12345"]

    found = list(source.list_since(AT - timedelta(days=1)))

    assert [recording.recording_id for recording in found] == sids
    assert found[0].call_id == "CA" + "1" * 32
    assert found[0].recorded_at == AT
    assert found[0].duration == 1


def test_listing_leaves_out_unfinished_and_older_ones(carrier, source):
    carrier.record("1", silence(8), AT - timedelta(seconds=1))
    carrier.record("2", silence(8), AT, status="in-progress")
    kept = carrier.record("3", silence(8), AT)

    found = list(source.list_since(AT))

    assert [recording.recording_id for recording in found] == [kept]


def test_an_unknown_length_is_listed_as_zero(carrier, source):
    carrier.record("1", silence(8), AT)
    carrier.recordings[0]["duration"] = "-1"

    (found,) = source.list_since(AT)

    assert found.duration == 0


def test_a_recording_is_remembered_after_it_was_deleted(carrier, source):
    sid = carrier.record("1", silence(), AT)
    (listed,) = source.list_since(AT)
    source.delete(sid)

    assert source.find(sid) == listed


def test_a_recording_that_never_was_is_not_found(source):
    assert source.find(ABSENT) is None


def test_a_call_tells_who_called_whom(carrier, source):
    carrier.calls["CA" + "1" * 32] = {
        "sid": "CA" + "1" * 32,
        "from": "+12025550123",
        "to": "+18005550199",
        "start_time": "Mon, 02 Nov 2026 09:29:00 +0000",
    }

    call = source.call("CA" + "1" * 32)

    assert (call.from_number, call.to_number) == ("+12025550123", "+18005550199")
    assert call.started_at == datetime(2026, 11, 2, 9, 29, tzinfo=UTC)


def test_an_unknown_call_is_none(source):
    call = source.call("CA" + "1" * 32)

    assert call is None


def trickle(pause=0.02):
    """Some bytes of a recording, one after the other, for five seconds at most."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        yield b"R"
        time.sleep(pause)


def _once(carrier, response):
    carrier.answer = None
    return response
