"""The softphone in Chromium, with a microphone that says what we know."""

from __future__ import annotations

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers
from speaking_browser import (
    LIKE,
    best_correlation,
    likeness,
    speaking_browser,
)

from voiceline.simulator import running
from voiceline.simulator.audio import RATE, read_wav

ANSWER = '<Gather action="/code" timeout="20"><Say>Enter the code.</Say></Gather>'

pytestmark = [
    *IN_BROWSER,
]


def test_what_is_spoken_becomes_the_recording(page, line, spoken):
    line.answer("/answer", ANSWER)
    line.answer("/code", '<Record action="/done" finishOnKey="#" trim="do-not-trim"/>')
    line.answer("/done", "<Say>Thank you.</Say>")

    page.click("#call")
    page.wait_for_selector(".said")
    for key in "42#":
        page.keyboard.press(key)
    page.wait_for_selector("body[data-state=recording]")
    page.wait_for_timeout(5200)
    page.click("[data-key='#']")
    page.wait_for_selector("body[data-state=ready]")

    assert line.params("/code")[0]["Digits"] == "42"
    (recording,) = line.carrier.store.recordings()
    heard = read_wav(line.carrier.store.media(recording.sid))
    assert len(heard) > 4 * RATE
    assert likeness(heard, spoken) > LIKE
    assert "Thank you." in page.inner_text("#log")


def test_a_closed_tab_keeps_what_was_said(page, line, spoken):
    line.answer("/answer", '<Record action="/done" trim="do-not-trim"/>')

    page.click("#call")
    page.wait_for_selector("body[data-state=recording]")
    page.wait_for_timeout(3000)
    page.goto("about:blank")
    wait_until(page, lambda: line.asked("/ended"))

    assert line.params("/done")[0]["Digits"] == "hangup"
    (recording,) = line.carrier.store.recordings()
    heard = read_wav(line.carrier.store.media(recording.sid))
    assert len(heard) > RATE
    assert likeness(heard, spoken) > LIKE


def test_number_and_code_of_the_address_are_dialled(page, line):
    line.answer("/answer", ANSWER)
    line.answer("/code", ANSWER)
    (number,) = [each.phone_number for each in line.carrier.numbers()][:1]

    page.goto(f"{page.url}?number={number.replace('+', '%2B')}&code=4021&language=es")
    page.click("#call")
    wait_until(page, lambda: len(line.params("/code")) == 2)
    page.click("#hang-up")
    page.wait_for_selector("body[data-state=ready]")

    assert page.input_value("#to") == number
    assert [asked["Digits"] for asked in line.params("/code")] == ["2", "4021"]


@pytest.mark.parametrize("asked", ["number=911&code=1", "number=javascript:x", "code=12%22%3E"])
def test_an_address_that_names_no_number_changes_nothing(page, asked):
    before = page.input_value("#to")

    page.goto(f"{page.url}?{asked}")

    assert page.input_value("#to") == before
    assert page.inner_text("#hint") == "Choose a number and call."


def test_a_refused_microphone_is_explained(page, line):
    line.answer("/answer", "<Say>Hello.</Say>")
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    page.reload()

    page.click("#call")
    page.wait_for_selector("#voice-note.wrong")
    page.wait_for_selector("body[data-state=ready]")

    assert "does not let this page use the microphone" in page.inner_text("#voice-note")
    assert "Hello." in page.inner_text("#log")


def test_a_sound_file_is_spoken_instead(page, line, tmp_path, tone):
    line.answer("/answer", '<Record action="/done" timeout="2"/>')
    said = tmp_path / "said.wav"
    said.write_bytes(tone(2, 300, 2500))

    page.check("[value=file]")
    page.set_input_files("#file", said)
    page.click("#call")
    page.wait_for_selector(".voice-taken")
    page.wait_for_selector("body[data-state=ready]")

    (recording,) = line.carrier.store.recordings()
    heard = read_wav(line.carrier.store.media(recording.sid))
    assert len(heard) == pytest.approx(2 * RATE, rel=0.05)
    assert best_correlation(heard[:RATE], read_wav(said.read_bytes())) > 0.95


def test_a_number_that_is_none_is_explained(page):
    page.fill("#to", "911")

    page.click("#call")
    page.wait_for_selector("text=must look like +18005550199")

    assert page.is_enabled("#call")


@IN_BOTH_LOOKS
def test_the_page_is_accessible(page, line, scheme, width):
    line.answer(
        "/answer",
        '<Gather timeout="60"><Say>Enter the code.</Say></Gather><Say language="es-US">A</Say>',
    )
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.click("#call")
    page.wait_for_selector(".said")
    page.click("#log summary")

    violations = barriers(page)
    page.click("#hang-up")
    page.wait_for_selector("body[data-state=ready]")

    assert violations + barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def wait_until(page, ready):
    for _ in range(200):
        if ready():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


@pytest.fixture
def spoken(microphone):
    return read_wav(microphone.read_bytes())


@pytest.fixture
def page(player, line, microphone, tmp_path):
    browser = speaking_browser(player, tmp_path / "profile", microphone)
    with running(line.carrier) as base_url, browser as shown:
        problems = []
        shown.on("pageerror", lambda error: problems.append(str(error)))
        shown.on("console", lambda said: problems.append(said.text) if said.type == "error" else 0)
        shown.goto(base_url)
        yield shown
        assert [problem for problem in problems if "400" not in problem] == []
