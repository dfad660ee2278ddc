"""The softphone in Chromium, with a microphone that says what we know."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from voiceline.simulator import running
from voiceline.simulator.audio import RATE, read_wav

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
BLIND = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ONLY_LOOPBACK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
ANSWER = '<Gather action="/code" timeout="20"><Say>Enter the code.</Say></Gather>'

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
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
    likeness = [best_correlation(piece, spoken) for piece in pieces(heard)]
    assert np.median(likeness) > 0.9, likeness
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
    assert best_correlation(heard[-RATE:], spoken) > 0.7


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


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run npm ci")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_accessible(page, line, scheme, width):
    line.answer(
        "/answer", '<Gather><Say>Enter the code.</Say></Gather><Say language="es-US">A</Say>'
    )
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.click("#call")
    page.wait_for_selector(".said")
    page.click("#log summary")

    violations = axe(page)
    page.click("#hang-up")
    page.wait_for_selector("body[data-state=ready]")

    assert violations + axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def axe(page):
    # Through the debugger, not through a script element: the page's policy allows no stranger.
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def pieces(samples):
    return [samples[start : start + RATE] for start in range(0, len(samples) - RATE + 1, RATE)]


def best_correlation(piece, reference):
    """Answer how like the piece is to the place of the looped reference that is most like it."""
    wide = np.concatenate([reference, reference[:RATE]]).astype(float)
    piece = piece - piece.mean()
    size = len(wide) + len(piece)
    product = np.fft.irfft(np.fft.rfft(wide, size) * np.conj(np.fft.rfft(piece, size)), size)
    squares = np.concatenate([[0], np.cumsum(wide**2)])
    places = len(wide) - len(piece)
    norms = np.sqrt(squares[len(piece) : len(piece) + places] - squares[:places])
    return float((product[:places] / (norms * np.linalg.norm(piece) + 1e-9)).max())


def wait_until(page, ready):
    for _ in range(200):
        if ready():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


@pytest.fixture(scope="module")
def microphone(tmp_path_factory):
    """A 48 kHz file of eight seconds in which no second is like another."""
    path = tmp_path_factory.mktemp("microphone") / "voice.wav"
    rate, chance = 48000, np.random.default_rng(7)
    moments = np.arange(8 * rate) / rate
    phases = sum(
        np.sin(2 * np.pi * (pitch * moments + 40 * np.sin(2 * np.pi * moments * slow + shift)))
        for pitch, slow, shift in chance.uniform((300, 0.1, 0), (2800, 1.7, 6.3), (6, 3))
    )
    with wave.open(str(path), "wb") as writer:
        writer.setparams((1, 2, rate, 0, "NONE", ""))
        writer.writeframes((phases * 4000).astype("<i2").tobytes())
    return path


@pytest.fixture
def spoken(microphone):
    return read_wav(microphone.read_bytes())


@pytest.fixture
def page(line, microphone, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with running(line.carrier) as base_url, playwright.sync_playwright() as player:
        context = player.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=CHROMIUM,
            headless=True,
            permissions=["microphone"],
            args=[*QUIET, *BLIND, ONLY_LOOPBACK, f"--use-file-for-fake-audio-capture={microphone}"],
        )
        shown = context.pages[0]
        shown.set_default_timeout(30000)
        problems = []
        shown.on("pageerror", lambda error: problems.append(str(error)))
        shown.on("console", lambda said: problems.append(said.text) if said.type == "error" else 0)
        shown.goto(base_url)
        yield shown
        context.close()
        assert [problem for problem in problems if "400" not in problem] == []
