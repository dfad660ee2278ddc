"""A person records a greeting with a microphone, and a caller hears that sound."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, ROOT, barriers
from factories import PASSWORD, make_member, make_user, tone
from fakes.loopback import served
from lines import NOON, open_line
from sound_files import sound_file
from speaking_browser import LIKE, likeness, speaking_browser
from sqlalchemy import delete, select

from voiceline.dashboard import create_app
from voiceline.greetings import set_greeting
from voiceline.models import Greeting, GreetingAudio, LoginSession, ServiceCode
from voiceline.simulator.audio import read_wav

SPOKEN_MS = 3500
TAKE = "document.querySelector('[data-show=take] audio')"

pytestmark = IN_BROWSER


def test_a_recorded_greeting_is_what_the_next_caller_hears(page, site, line, microphone):
    page.goto(site.one)
    page.get_by_role("button", name="Record").click()
    page.wait_for_selector(".recording")
    page.wait_for_timeout(SPOKEN_MS)
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("[data-show=take] audio[src^='blob:']")
    wait_until(page, f"{TAKE}.duration > 0")  # what it says of itself is read a moment later
    heard_first = page.evaluate(f"{TAKE}.duration")
    page.get_by_role("button", name="Let callers hear it").first.click()
    page.wait_for_selector("text=Callers hear version 1 from now on")

    line.call("4021#", ",-", "3", "1")

    audio = kept(line)
    assert heard_first > SPOKEN_MS / 2000
    assert likeness(read_wav(audio), read_wav(microphone.read_bytes())) > LIKE
    assert sha256(audio).hexdigest() in played(line)


def test_a_chosen_file_is_heard_and_taken_back(page, site, line, tmp_path):
    file = tmp_path / "greeting.mp3"
    file.write_bytes(sound_file("mp3"))
    page.goto(site.one)
    page.get_by_text("Type a text", exact=True).click()
    page.get_by_label("What the line says").fill("Welcome to Acme.")
    page.locator("#text").evaluate("field => field.form.requestSubmit()")
    page.wait_for_selector("text=Callers hear version 1 from now on")

    page.get_by_text("Upload a file", exact=True).click()
    page.get_by_label("Sound file").set_input_files(file)
    page.locator("#file").evaluate("field => field.form.requestSubmit()")
    page.wait_for_selector("text=Callers hear version 2 from now on")
    audio = page.locator("audio[aria-label='The greeting callers hear now']")
    audio.evaluate("audio => audio.play()")
    wait_until(page, "document.querySelector('.columns audio').currentTime > 0.1")
    page.get_by_role("button", name=re.compile("hear this again *version 1")).click()

    page.wait_for_selector("text=It is version 1 again")
    line.call("4021#", ",-", "3", "1")
    assert "Welcome to Acme." in spoken(line)


def test_a_refused_microphone_is_explained_and_can_be_allowed(page, site):
    page.add_init_script(
        "let asked = 0;"
        "const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = (wanted) => asked++ ? ask(wanted)"
        " : Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    page.goto(site.one)

    page.get_by_role("button", name="Record").click()
    page.wait_for_selector("text=does not let this page use the microphone")
    page.get_by_role("button", name="Record").click()

    page.wait_for_selector(".recording")
    assert page.locator("[data-show=trouble]").is_hidden()


def test_a_lost_microphone_keeps_what_was_said(page, site):
    page.add_init_script(
        "const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = async (wanted) => window.stream = await ask(wanted)"
    )
    page.goto(site.one)
    page.get_by_role("button", name="Record").click()
    page.wait_for_selector(".recording")
    page.wait_for_timeout(1000)

    page.evaluate("stream.getTracks()[0].dispatchEvent(new Event('ended'))")

    page.wait_for_selector("text=The microphone was lost")
    assert page.locator("[data-show=take] audio").is_visible()


def test_a_lost_network_keeps_the_recording(page, site, line):
    page.goto(site.one)
    record(page)
    page.route("**/audio", lambda route: route.abort())
    page.get_by_role("button", name="Let callers hear it").first.click()
    page.wait_for_selector("text=Your recording is still here")
    lost = versions(line)

    page.unroute("**/audio")
    page.get_by_role("button", name="Let callers hear it").first.click()
    page.wait_for_selector("text=Callers hear version 1 from now on")

    line.call("4021#", ",-", "3", "1")
    assert (lost, versions(line)) == ([], [1])
    assert sha256(kept(line)).hexdigest() in played(line)


def test_who_was_signed_out_meanwhile_keeps_the_recording(page, site, line):
    page.goto(site.one)
    record(page)
    with line.services.sessions.begin() as session:
        session.execute(delete(LoginSession))
    page.get_by_role("button", name="Let callers hear it").first.click()
    page.wait_for_selector("text=You were signed out, so it was not saved")
    lost = versions(line)

    other = page.context.new_page()
    sign_in(other, site)
    page.get_by_role("button", name="Let callers hear it").first.click()
    page.wait_for_selector("text=Callers hear version 1 from now on")

    assert (lost, versions(line)) == ([], [1])


def test_what_is_refused_is_said_beside_the_recording(page, site):
    page.goto(site.one)
    page.get_by_role("button", name="Record").click()
    page.wait_for_selector(".recording")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("[data-show=take] audio[src^='blob:']")

    page.evaluate("document.querySelector('[data-recorder] [name=csrf_token]').value = 'stale'")
    page.get_by_role("button", name="Let callers hear it").first.click()

    page.wait_for_selector("text=It was not saved. It was open for too long")
    assert page.locator("[data-show=take] audio").is_visible()


def test_everything_but_recording_works_without_scripts(unscripted, site, line, tmp_path):
    file = tmp_path / "greeting.opus"
    file.write_bytes(sound_file("opus"))
    unscripted.goto(site.one)

    assert unscripted.locator("noscript p").is_visible()
    unscripted.get_by_text("Upload a file", exact=True).click()
    unscripted.get_by_label("Sound file").set_input_files(file)
    unscripted.get_by_role("button", name="Let callers hear it").first.click()
    unscripted.wait_for_selector("text=Callers hear version 1 from now on")

    line.call("4021#", ",-", "3", "1")
    assert sha256(kept(line)).hexdigest() in played(line)


@IN_BOTH_LOOKS
def test_pages_have_no_barriers(page, site, line, scheme, width):
    fill(line)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})

    found = {}
    for name, address in site.pages.items():
        page.goto(address)
        found[name] = barriers(page)
        shoot(page, f"{name}-{scheme}-{width}")
    page.goto(site.one)
    record(page)
    found["recorded"] = barriers(page)
    shoot(page, f"recorded-{scheme}-{width}")

    assert found == {name: [] for name in found}


def record(page) -> None:
    page.get_by_role("button", name="Record").click()
    page.wait_for_selector(".recording")
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("[data-show=take] audio[src^='blob:']")


def wait_until(page, expression: str) -> None:
    """Wait until it is so; our policy forbids the page itself to evaluate a string."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never so: {expression}")


def shoot(page, name: str) -> None:
    """Keep a picture of the page where somebody asked for one."""
    folder = ROOT / "build" / "greetings"
    if folder.is_dir():
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def versions(line) -> list[int]:
    with line.services.sessions() as session:
        return list(session.scalars(select(Greeting.version).order_by(Greeting.version)))


def kept(line) -> bytes:
    with line.services.sessions() as session:
        newest = session.scalars(select(Greeting).order_by(Greeting.version.desc())).first()
        return session.get_one(GreetingAudio, newest.audio_sha256).data


def played(line) -> str:
    return " ".join(str(event.detail) for event in line.last.events if event.kind == "play")


def spoken(line) -> str:
    return " ".join(str(event.detail) for event in line.last.events if event.kind == "say")


def fill(line) -> None:
    """Add greetings of every form, a long one among them."""
    with line.services.sessions.begin() as session:
        code = session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
        set_greeting(session, code, language="en", text="Welcome. " * 300, at=NOON)
        set_greeting(session, code, language="en", audio=tone(2), at=NOON)
        set_greeting(session, code, language="es", text="Bienvenida a Acme. " * 9, at=NOON)


class Site:
    """Where the dashboard's pages are."""

    def __init__(self, base: str, code: ServiceCode, harbor: ServiceCode) -> None:
        self.base = base
        here = f"{base}/businesses/{code.business_id}"
        self.one = f"{here}/greetings/{code.id}/en"
        self.pages = {
            "greetings": f"{here}/greetings",
            "greeting": f"{self.one}?saved=1&doubts=quiet.clipped",
            "spanish": f"{here}/greetings/{code.id}/es",
            "standard": f"{base}/businesses/{harbor.business_id}/greetings/{harbor.id}/es",
            "first-steps": f"{here}/first-steps",
            "empty-inbox": f"{here}/requests",
        }


@pytest.fixture
def line(environment, tmp_path):
    with open_line(environment, tmp_path) as opened:
        call = opened.call

        def remembered(*keys, **facts):
            opened.last = call(*keys, **facts)
            return opened.last

        opened.call = remembered
        yield opened


@pytest.fixture
def site(line):
    services = line.services
    with services.sessions.begin() as session:
        codes = {each.code: each for each in session.scalars(select(ServiceCode))}
        alice = make_user(session)
        for code in ("4021", "3077"):
            make_member(session, codes[code].business, alice)
    app = create_app(services)
    with served(app) as base:
        yield Site(base, codes["4021"], codes["3077"])


@pytest.fixture
def page(player, microphone, site, tmp_path):
    problems = []
    with speaking_browser(player, tmp_path / "profile", microphone) as shown:
        shown.on("pageerror", lambda error: problems.append(str(error)))
        shown.on("console", lambda said: problems.append(said.text) if said.type == "error" else 0)
        yield sign_in(shown, site)
    known = re.compile("status of 4|net::ERR_FAILED|Content Security Policy.*style")
    assert [problem for problem in problems if not known.search(problem)] == []


@pytest.fixture
def unscripted(windows, site):
    return sign_in(windows.open(java_script_enabled=False), site)


def sign_in(page, site):
    page.goto(f"{site.base}/sign-in")
    page.fill("#email", "alice@example.com")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/businesses**")
    return page
