"""The state of a call in our own URLs: proof against tampering, and good for one call only."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed import CALL, call_facts

from voiceline.models import Call, Voicemail
from webhooks.state import CallState, StateSeal

SECRET = "k" * 40
SEAL = StateSeal(SECRET)
OTHER = "CA" + "2" * 32

states = st.builds(
    CallState,
    language=st.sampled_from(["en", "es"]),
    step=st.integers(0, 99),
    tries=st.integers(0, 3),
    code=st.one_of(st.none(), st.from_regex(r"[13-8][0-9]{0,7}", fullmatch=True)),
    take=st.integers(1, 5),
    right=st.one_of(st.none(), st.sampled_from(["delete", "opt_out"])),
    number=st.one_of(st.none(), st.just("+18005550177")),
)


@given(states)
def test_a_state_is_read_as_it_was_written(state):
    token = SEAL.write(state, CALL)

    assert SEAL.read(token, CALL) == state
    assert parse_qs(f"s={token}") == {"s": [token]}


@given(states)
def test_the_same_state_is_the_same_token(state):
    assert SEAL.write(state, CALL) == SEAL.write(state, CALL)


@given(states)
def test_a_token_of_another_call_begins_anew(state):
    assert SEAL.read(SEAL.write(state, OTHER), CALL) == CallState()


@given(states, st.integers(0, 200), st.sampled_from("ABab01_-."))
def test_a_changed_token_begins_anew(state, place, letter):
    token = SEAL.write(state, CALL)
    at = place % (len(token) - 1)
    changed = token[:at] + letter + token[at + 1 :]

    read = SEAL.read(changed, CALL)

    assert read == (state if changed == token else CallState())


@given(st.text(max_size=100))
def test_no_token_breaks_a_call(token):
    assert SEAL.read(token, CALL) == CallState()


@pytest.mark.parametrize("language", ["fr", "", None, 7, ["en"], {"en": 1}, "EN"], ids=str)
def test_a_sealed_language_we_do_not_speak_is_english(language):
    token = SEAL.write(CallState(language, 3, 1, "4021"), CALL)

    assert SEAL.read(token, CALL) == CallState("en", 3, 1, "4021")


def test_a_token_holds_nothing_of_the_caller(telephone):
    tone = telephone.tone("3")

    token = parse_qs(urlsplit(tone.verb("Record").action).query)["s"][0]

    state = StateSeal(SECRET).read(token, CALL)
    assert tuple(state) == ("en", 4, 0, "4021", 1, "delete", None)


@pytest.mark.parametrize(
    "path", ["code", "greeting", "right", "status", "review", "receipt", "message", "fallback"]
)
def test_a_false_token_is_never_an_error(telephone, rows, path):
    tokens = ["x", "a.b.c", "", "%00", "%ff", "A" * 5000]

    answers = [telephone.post(f"/voice/{path}?s={one}", call_facts(Digits="")) for one in tokens]

    assert all(one.document.verbs for one in answers)
    assert not rows(Voicemail)


def test_a_token_of_another_call_reaches_no_business(telephone, rows):
    greeting = telephone.reach(CallSid=OTHER)

    stolen = telephone.post(greeting.verb("Gather").action, call_facts(Digits="1"))

    assert "Enter the service code" in stolen.said
    assert [call.carrier_id for call in rows(Call)] == [OTHER]


def test_a_token_of_another_call_changes_no_right(telephone, rows):
    menu = telephone.key(telephone.reach(CallSid=OTHER), "", CallSid=OTHER)

    telephone.post(menu.verb("Gather").action, call_facts(Digits="3"))

    assert [call.right for call in rows(Call)] == [None]
