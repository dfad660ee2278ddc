from __future__ import annotations

import pytest

PROMPT = "<Say>Please enter the service code of the company you are calling about.</Say>"


def test_digits_reach_the_action_without_finish_key(line):
    line.answer("/answer", f'<Gather action="/code">{PROMPT}</Gather><Say>Nothing came.</Say>')

    record = line.call(keys=("1234#",))

    assert [(p["Digits"], p["FinishedOnKey"]) for p in line.params("/code")] == [("1234", "#")]
    assert "Nothing came." not in record.texts


def test_a_key_cuts_the_prompt_off(line):
    line.answer("/answer", f'<Gather action="/code">{PROMPT}<Say>And more.</Say></Gather>')

    record = line.call(keys=("1#",))

    assert [prompt.whole for prompt in record.heard] == [False]


def test_a_patient_caller_hears_every_prompt(line):
    line.answer("/answer", f'<Gather action="/code">{PROMPT}<Pause/><Say>Now.</Say></Gather>')

    record = line.call(keys=(",1#",))

    assert [prompt.whole for prompt in record.heard] == [True, True]
    assert line.params("/code")[0]["Digits"] == "1"


def test_enough_digits_end_the_wait(line):
    line.answer("/answer", '<Gather action="/code" numDigits="2"/>')

    line.call(keys=("123#",))

    assert line.params("/code")[0]["Digits"] == "12"
    assert "FinishedOnKey" not in line.params("/code")[0]


def test_silence_goes_on_with_the_next_verb(line):
    line.answer("/answer", f'<Gather action="/code">{PROMPT}</Gather><Say>Nothing came.</Say>')

    record = line.call(keys=("-",))

    assert line.asked("/code") == []
    assert record.texts[-1] == "Nothing came."


def test_a_lone_finish_key_is_an_empty_result(line):
    line.answer("/answer", '<Gather action="/code"/><Say>Nothing came.</Say>')

    record = line.call(keys=("#",))

    assert line.asked("/code") == []
    assert record.texts == ("Nothing came.",)


@pytest.mark.parametrize("entry", ["", "#"])
def test_empty_results_are_sent_when_wanted(line, entry):
    line.answer("/answer", '<Gather action="/code" actionOnEmptyResult="true"/>')

    line.call(keys=(entry,))

    assert [params["Digits"] for params in line.params("/code")] == [""]


def test_without_a_finish_key_every_key_is_data(line):
    line.answer("/answer", '<Gather action="/code" finishOnKey="" numDigits="4"/>')

    line.call(keys=("1*#2",))

    assert line.params("/code")[0]["Digits"] == "1*#2"


def test_star_is_data_beside_the_default_finish_key(line):
    line.answer("/answer", '<Gather action="/code"/>')

    line.call(keys=("1*2#",))

    assert line.params("/code")[0]["Digits"] == "1*2"


def test_unfinished_digits_are_sent_after_the_timeout(line):
    line.answer("/answer", '<Gather action="/code" timeout="3"/>')

    record = line.call(keys=("12",))

    assert line.params("/code")[0]["Digits"] == "12"
    keys = next(event for event in record.events if event.kind == "keys")
    assert keys.second == pytest.approx(0.5 + 0.2 + 3)


def test_each_gather_takes_the_next_entry(line):
    line.answer("/answer", '<Gather action="/answer2"/>')
    line.answer("/answer2", '<Gather action="/answer3" numDigits="1"/>')

    line.call(keys=("11#", "9"))

    assert line.params("/answer2")[0]["Digits"] == "11"
    assert line.params("/answer3")[0]["Digits"] == "9"


def test_a_gather_without_action_asks_its_own_url_again(line):
    line.answers["/answer"] = lambda visit: (
        "<Response><Gather/></Response>" if visit == 1 else "<Response/>"
    )

    line.call(keys=("5#",))

    assert [params.get("Digits") for params in line.params("/answer")] == [None, "5"]


def test_keys_do_not_interrupt_when_barge_in_is_off(line):
    line.answer("/answer", f'<Gather action="/code" bargeIn="false">{PROMPT}</Gather>')

    record = line.call(keys=("1#",))

    assert record.heard[0].whole
    assert line.params("/code")[0]["Digits"] == "1"
