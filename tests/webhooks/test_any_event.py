"""Whatever the carrier says, in whatever order: an answer it understands, and rows that agree."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lines import CALLER, DEDICATED, NUMBER
from signed import call_facts
from sqlalchemy import select

from jobs import process
from jobs.upkeep import replay_spool
from voiceline.models import Call, PrivacyRequest, Voicemail
from webhooks.state import CallState, StateSeal

CALLS = ["CA" + digit * 32 for digit in "12"]
RECORDINGS = ["RE" + digit * 32 for digit in "123"]
IN_CALL = [
    "/voice/answer",
    "/voice/code",
    "/voice/greeting",
    "/voice/right",
    "/voice/message",
    "/voice/review",
    "/voice/receipt",
    "/voice/status",
    "/voice/fallback",
    "/voice/fallback/message",
]
BESIDE = ["/voice/recording", "/voice/call-status", "/voice/fallback/recording"]
ODD = [
    "",
    " ",
    "0",
    "-1",
    "7",
    "*",
    "9" * 400,
    "\x00",
    "é",
    "\u202e",
    "😀",
    "null",
    "%s",
    "{}",
    "1e9",
]
FACTS = {
    "CallSid": CALLS,
    "From": [CALLER, "anonymous", "sip:a@b", *ODD],
    "To": [NUMBER, DEDICATED, "+12125550199", *ODD],
    "CallStatus": ["ringing", "in-progress", "completed", "busy", *ODD],
    "Digits": ["1", "2", "3", "4", "4021", "3077", "hangup", "#", *ODD],
    "RecordingSid": [*RECORDINGS, "", "RE'--"],
    "RecordingUrl": [f"https://api.twilio.com/Recordings/{RECORDINGS[0]}", *ODD],
    "RecordingStatus": ["completed", "absent", "failed", "in-progress", *ODD],
    "RecordingDuration": ["3", "600", *ODD],
    "RecordingStartTime": [
        "Fri, 20 Nov 2026 20:00:00 +0000",
        "Thu, 01 Jan 1970 00:00:00 -2359",
        "Fri, 31 Dec 9999 23:59:59 +0000",
        *ODD,
    ],
    "StirVerstat": ["TN-Validation-Passed-A", *ODD],
    "ErrorCode": ["11200", *ODD],
}

states = st.builds(
    CallState,
    language=st.sampled_from(["en", "es"]),
    step=st.integers(0, 61),
    tries=st.integers(0, 3),
    code=st.sampled_from([None, "4021", "7777"]),
    take=st.integers(1, 6),
    right=st.sampled_from([None, "delete", "opt_out"]),
    number=st.sampled_from([None, DEDICATED]),
)
events = st.tuples(
    st.sampled_from(IN_CALL + BESIDE),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(FACTS[name]) for name in FACTS}),
    st.none() | states,
)
bounded = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(told=st.lists(events, min_size=1, max_size=6))
@bounded
def test_no_event_is_answered_with_an_error(telephone, services, logged, told):
    for path, changes, state in told:
        _tell(telephone, services, path, changes, state)

    assert "call.trouble" not in {line.args[0] for line in logged.calls}
    _agree(services)


@given(told=st.lists(st.tuples(events, st.booleans()), min_size=1, max_size=6))
@example(told=[((path, {"RecordingSid": "RE'--"}, None), True) for path in IN_CALL + BESIDE])
@bounded
def test_no_recording_is_lost_whenever_the_database_is_away(telephone, services, database, told):
    kept = set()
    for (path, changes, state), database.stopped in told:
        answered = _tell(telephone, services, path, changes, state)
        if answered.status in {200, 204} and _tells_of_audio(path, changes):
            kept.add(changes["RecordingSid"])

    database.start()
    replay_spool()
    process.services().engine.dispose()
    with services.sessions() as session:
        assert kept <= set(session.scalars(select(Voicemail.carrier_id)))
    _agree(services)


def _tell(telephone, services, path, changes, state):
    seal = StateSeal(services.settings.secret_key.get_secret_value())
    facts = call_facts() | changes
    token = f"?s={seal.write(state, facts['CallSid'])}" if state else ""
    answered = telephone.post(path + token, facts)
    assert answered.status in {200, 204, 400}
    if answered.status == 200:
        assert answered.verbs == [] or answered.verbs[-1] in {"Hangup", "Redirect", "Reject"}
    return answered


def _tells_of_audio(path, changes):
    """Tell whether an event names a recording that is over and not empty."""
    is_over = path.endswith("/message") or (
        path.endswith("/recording")
        and changes.get("RecordingStatus", "").strip("\x00\u202e ") in {"completed", ""}
    )
    silent = changes.get("RecordingDuration", "").strip() == "0"
    return is_over and changes.get("RecordingSid") in RECORDINGS and not silent


def _agree(services):
    """Each row belongs to the business of its call, and each call has one request at most."""
    with services.sessions() as session:
        calls = {call.id: call for call in session.query(Call)}
        for row in [*session.query(Voicemail), *session.query(PrivacyRequest)]:
            assert row.business_id == calls[row.call_id].business_id
        filed = [request.call_id for request in session.query(PrivacyRequest)]
        references = {call.reference for call in calls.values()}
        assert len(filed) == len(set(filed))
        assert {request.reference for request in session.query(PrivacyRequest)} <= references
