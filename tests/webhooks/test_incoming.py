"""What an event's parameters are taken to mean."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from flask import g
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signed import STARTED, recording_event

from voiceline.models import Call
from webhooks.incoming import CarrierEvent, event, read_form

AT = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "digits", ["4021\x00", " 4021", "4021 ", "4\u200e021", "40 21", "\uff14\uff10\uff12\uff11"]
)
def test_only_the_very_digits_reach_a_business(telephone, rows, digits):
    heard = telephone.reach(digits)

    assert "found no company" in heard.said
    assert not rows(Call)


def test_a_parameter_given_twice_is_none(telephone):
    telephone.answer()

    twice = CarrierEvent((("Digits", "1"), ("Digits", "2"), ("From", "a")), AT, None)

    assert (twice.digits, twice.get("Digits"), twice.get("From")) == ("", "", "a")


def test_text_is_stripped_of_control_characters():
    written = CarrierEvent((("CallerName", " A\x00c\u202em\ue000e\r\n"),), AT, None)

    assert written.get("CallerName") == "Acm\ue000e"


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("7", 7),
        ("0", 0),
        ("99999999", 660),
        ("-1", None),
        ("abc", None),
        ("", None),
        ("\u0667", None),
    ],
)
def test_a_length_that_cannot_be_is_not_believed(telephone, given, taken):
    with _request(telephone, RecordingDuration=given):
        seconds = event().seconds

    assert seconds == taken


def test_a_message_is_received_when_it_was_spoken(telephone):
    with _request(telephone, RecordingStartTime=STARTED, RecordingDuration="7"):
        recorded_at = event().notice("completed").recorded_at

    assert recorded_at == datetime(2026, 11, 20, 20, 0, 7, tzinfo=UTC)


def test_a_message_is_not_received_in_the_future(telephone):
    with _request(telephone, RecordingStartTime="Fri, 20 Nov 2099 20:00:00 +0000"):
        recorded_at = event().notice("completed").recorded_at

    assert recorded_at == AT


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(
    written=st.one_of(
        st.text(max_size=60),
        st.from_regex(
            r"(Fri, )?\d{0,4} (Nov|xyz) \d{0,9} \d{0,4}:\d{0,3}(:\d+)? ([+-]\d{0,9}|GMT|Z)"
        ),
        st.datetimes(timezones=st.timezones()).map(lambda at: at.strftime("%d %b %Y %H:%M:%S %z")),
    )
)
def test_no_written_time_breaks_the_event(telephone, written):
    with _request(telephone, RecordingStartTime=written):
        recorded_at = event().notice("completed").recorded_at

    assert recorded_at <= AT


class _request:  # noqa: N801 - read as `with _request(...)`
    """A request context with a proven event in it."""

    def __init__(self, telephone, **changes):
        self._context = telephone.app.test_request_context("/voice/recording")
        self._pairs = tuple(recording_event(**changes).items())

    def __enter__(self):
        self._context.push()
        g.event = CarrierEvent(self._pairs, AT, None)

    def __exit__(self, *_):
        self._context.pop()


@given(st.text(st.sampled_from("ab=&%+2Bc3;\x00\x7f"), max_size=40))
def test_a_form_is_read_as_the_standard_library_reads_it(body):
    try:
        expected = parse_qsl(body, keep_blank_values=True, errors="strict")
    except ValueError:
        with pytest.raises(ValueError, match="decode"):
            read_form(body)
    else:
        assert read_form(body) == expected
