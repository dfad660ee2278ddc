"""After the tone: what is written down, what can be taken back, and what the caller is told."""

from __future__ import annotations

import pytest
from signed import CALL, RECORDING, Telephone, call_facts

from voiceline.models import Call, PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.references import grouped, is_reference
from webhooks import create_app
from webhooks.prompts import spoken_reference

SECOND = "RE" + "2" * 32


def test_a_message_is_written_down_before_it_is_reviewed(telephone, rows, woken):
    review = telephone.speak(telephone.tone("3"))

    (voicemail,) = rows(Voicemail)
    assert woken == [voicemail.id]
    assert (voicemail.carrier_id, voicemail.take, voicemail.status) == (RECORDING, 1, "pending")
    assert review.said.startswith("To send it, press one or hang up.")


def test_the_queue_is_told_after_the_row_is_there(services, rows):
    seen = []
    on = Telephone(create_app(services, lambda _: seen.append(len(rows(Voicemail)))))

    on.speak(on.tone())

    assert seen == [1]


@pytest.mark.parametrize("digits", ["1", ""])
def test_one_or_nothing_sends_and_gives_the_reference(telephone, rows, digits):
    receipt = telephone.key(telephone.speak(telephone.tone("3")), digits)

    (call,) = rows(Call)
    assert is_reference(call.reference)
    assert receipt.said.count(spoken_reference(call.reference)) == 2
    assert grouped(call.reference) not in receipt.said


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ("1", "You need not prove who you are. Acme Shoes will act on it within fifteen"),
        ("2", "Acme Shoes will first check"),
        ("3", "within fifteen business days"),
        ("4", "within forty-five days, or before then a notice why it takes longer"),
    ],
)
def test_a_receipt_tells_the_law_of_its_right(telephone, right, words):
    receipt = telephone.key(telephone.speak(telephone.tone(right)), "1")

    assert words in receipt.said
    assert receipt.said.startswith("Your request has been received by Acme Shoes.")


def test_no_key_cuts_a_receipt_short(telephone):
    receipt = telephone.key(telephone.speak(telephone.tone("3")), "1")

    says = [verb for verb in receipt.document.verbs if hasattr(verb, "text")]
    assert len(says) == 3
    assert [part.text for part in receipt.verb("Gather").prompts] == [
        "To hear this again, press star."
    ]


def test_a_receipt_heard_to_its_end_is_written_down(telephone, rows):
    receipt = telephone.key(telephone.speak(telephone.tone("3")), "1")
    before = rows(Call)[0].receipt_heard_at

    again = telephone.key(receipt, "*")
    first = rows(Call)[0].receipt_heard_at
    goodbye = telephone.key(again, "")

    assert before is None
    assert first is not None
    assert again.said == receipt.said
    assert rows(Call)[0].receipt_heard_at == first
    assert rows(Call)[0].prompts_version.startswith("en/")
    assert goodbye.verbs == ["Say", "Hangup"]


def test_a_message_can_be_heard_as_often_as_wished(telephone):
    review = telephone.speak(telephone.tone())

    for _ in range(6):
        review = telephone.key(review, "2")

    assert "This is your message." in review.said
    assert "press three" in review.said


def test_recording_again_replaces_the_first(telephone, rows):
    tone = telephone.key(telephone.speak(telephone.tone("3")), "3")

    telephone.speak(tone, RecordingSid=SECOND)

    takes = {one.carrier_id: one.status for one in rows(Voicemail)}
    assert takes == {RECORDING: VoicemailStatus.REPLACED, SECOND: VoicemailStatus.PENDING}
    assert len({call.reference for call in rows(Call)}) == 1


def test_a_re_recording_is_announced_as_recorded_too(telephone):
    tone = telephone.key(telephone.speak(telephone.tone("3")), "3")

    assert "recorded and transcribed" in tone.said
    assert tone.verb("Record")


def test_recording_again_has_an_end(telephone):
    answered = telephone.speak(telephone.tone())
    for take in range(2, 6):
        tone = telephone.key(answered, "3")
        answered = telephone.speak(tone, RecordingSid=f"RE{take}" + "0" * 31)

    receipt = telephone.key(answered, "3")

    assert "Your reference is" in receipt.said


def test_other_keys_at_the_review_come_to_an_end(telephone):
    review = telephone.speak(telephone.tone())

    again = telephone.key(telephone.key(review, "7"), "0")
    receipt = telephone.key(again, "*")

    assert again.said == review.said
    assert "Your reference is" in receipt.said


@pytest.mark.parametrize("seconds", ["0"])
def test_nothing_said_is_asked_for_again(telephone, rows, seconds):
    again = telephone.speak(telephone.tone("3"), RecordingDuration=seconds)

    assert again.said.startswith("We heard nothing.")
    assert again.verb("Record")
    assert not rows(Voicemail)


def test_nothing_said_three_times_ends_kindly(telephone, rows):
    heard = telephone.tone("3")
    for _ in range(3):
        heard = telephone.speak(heard, RecordingDuration="0")

    assert heard.verbs == ["Say", "Hangup"]
    assert heard.said == "Goodbye."
    assert not rows(PrivacyRequest)


def test_silence_after_a_kept_take_sends_the_kept_one(telephone, rows):
    heard = telephone.key(telephone.speak(telephone.tone("3")), "3")
    for _ in range(3):
        heard = telephone.speak(heard, RecordingSid=SECOND, RecordingDuration="0")

    assert "Your reference is" in heard.said
    assert [one.status for one in rows(Voicemail)] == [VoicemailStatus.PENDING]


@pytest.mark.parametrize(("digits", "told"), [("", True), ("#", False)])
def test_a_message_cut_off_by_the_limit_says_so(telephone, digits, told):
    review = telephone.speak(telephone.tone(), RecordingDuration="600", Digits=digits)

    assert ("reached the longest time" in review.said) == told
    assert "To send it" in review.said


def test_a_message_without_its_id_is_not_lost(telephone, rows):
    tone = telephone.tone()

    review = telephone.speak(tone, RecordingSid="", RecordingUrl="https://x/nothing")
    kept = telephone.key(review, "1")
    telephone.call_back(tone)

    assert "Your message has been received" in kept.said
    assert len(rows(Voicemail)) == 1


def test_an_unassigned_message_is_promised_its_way(telephone, rows):
    heard = telephone.answer()
    for _ in range(3):
        heard = telephone.key(heard, "7777")

    receipt = telephone.key(telephone.speak(heard), "1")

    assert rows(Call)[0].unassigned
    assert "We will find the company you named" in receipt.said


def test_a_message_of_nobodys_call_is_kept(telephone, rows):
    review = telephone.post(
        "/voice/message", call_facts(RecordingSid=RECORDING, RecordingDuration="9", Digits="#")
    )

    (call,) = rows(Call)
    assert (call.carrier_id, call.unassigned) == (CALL, True)
    assert "To send it" in review.said
