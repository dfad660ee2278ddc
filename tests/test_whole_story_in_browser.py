"""A business from its first form to its second colleague, in Chromium, with real mail and calls."""

from __future__ import annotations

import io
import re
import sqlite3
import time
import zipfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
import pytest
from chromium import IN_BROWSER, barriers
from demos import serving_demo
from loopback_ports import free_ports
from mailed import text_of
from servers.oidc_peer import python_provider
from servers.smtp import mail_server
from speaking_browser import LIKE, likeness, speaking_browser

from voiceline.settings_checks import PREFIX
from voiceline.simulator.audio import read_wav

PASSWORD = "seven small umbrellas in may"
ERIN = "erin@garden.example"
SPOKEN_MS = 4000
PATIENCE_MS = 60_000

pytestmark = [
    *IN_BROWSER,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the provider, which is Authlib
]


def test_whole_story(demo, page, mail, provider, microphone):
    found: dict[str, list[str]] = {}
    inbox = sign_up(page, demo, mail, found)
    add_code_app(page, demo, found)
    record_greeting(page, inbox, found)
    heard, reference = call_by_hand(page, demo, code_of(demo, inbox))
    triage(page, inbox, reference, found)
    archive = download(page, inbox, reference, found)
    link = invite(page, inbox, provider, mail, found)
    come_in_through_provider(page, demo, link, found)

    foreign = [each.replace(business_of(inbox), demo.acme) for each in demo.paths(inbox)]
    refused = {page.request.get(each, max_redirects=0).status for each in foreign}

    said = read_wav(microphone.read_bytes())
    (name,) = [each for each in archive.namelist() if each.endswith(".wav")]
    assert max(likeness(read_wav(each), said) for each in heard) > LIKE
    assert reference in name
    assert likeness(read_wav(archive.read(name)), said) > LIKE
    assert page.url == inbox
    assert page.locator(f"text={reference}").count() == 1
    assert refused == {404}
    assert found == {name: [] for name in found}


def sign_up(page, demo, mail, found) -> str:
    """Open an account by the link in a message; answer its inbox."""
    page.goto(f"{demo.dashboard}/sign-up")
    found["sign up"] = barriers(page)
    page.get_by_label("Your e-mail address at work").fill("dana@garden.example")
    page.get_by_label("Your name").fill("Dana Dean")
    page.get_by_label("Name of your business").fill("Garden & Sons")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Send me the link").click()
    page.wait_for_selector("text=dana@garden.example")
    page.goto(link_to(mail, "dana@garden.example"))
    found["confirm the address"] = barriers(page)
    page.get_by_role("button", name="Open the account").click()
    page.wait_for_url("**/requests")
    found["empty inbox"] = barriers(page)
    return page.url


def add_code_app(page, demo, found) -> None:
    page.goto(f"{demo.dashboard}/account/two-step")
    page.get_by_role("button", name="Set up an app").click()
    key = "".join(page.locator(".key code").all_text_contents())
    page.get_by_label("Code of six digits").fill(pyotp.TOTP(key).now())
    found["app for codes"] = barriers(page)
    page.get_by_role("button", name="Turn codes on").click()
    page.wait_for_selector("text=Keep these now")
    found["recovery codes"] = barriers(page)


def record_greeting(page, inbox, found) -> None:
    page.goto(inbox.replace("/requests", "/greetings"))
    page.get_by_role("link", name=re.compile("^Change")).first.click()
    page.get_by_role("button", name="Record").click()
    page.wait_for_selector(".recording")
    page.wait_for_timeout(SPOKEN_MS)
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("[data-show=take] audio[src^='blob:']")
    page.get_by_role("button", name="Let callers hear it").first.click()
    page.wait_for_selector("text=Callers hear version 1 from now on")
    found["greeting"] = barriers(page)


def call_by_hand(page, demo, code) -> tuple[list[bytes], str]:
    """Call with the softphone; answer what was heard, and the reference that was told."""
    heard: list[bytes] = []
    page.on("response", lambda answer: heard.append(answer.body()) if is_sound(answer) else None)
    page.goto(demo.softphone)
    page.click("#call")
    press(page, "Enter the service code", f"{code}#")
    page.wait_for_selector("#log .said:has-text('Recorded greeting')", timeout=PATIENCE_MS)
    press(page, "", "1")
    page.wait_for_selector("body[data-state=recording]", timeout=PATIENCE_MS)
    page.wait_for_timeout(SPOKEN_MS)
    press(page, "", "#")
    press(page, "To send it, press one", "1")
    told = page.wait_for_selector(
        "#log .said:has-text('Your reference is')", timeout=PATIENCE_MS
    ).inner_text()
    page.click("#hang-up")
    digits = "".join(re.findall(r"\d", told.partition("Your reference is")[2]))[:9]
    return heard, f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def triage(page, inbox, reference, found) -> None:
    """Take the request on and open it, with keys alone."""
    open_inbox(page, inbox, reference)
    found["inbox"] = barriers(page)
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector("text=Assigned to you.")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{reference}')")
    page.wait_for_selector("audio", state="attached", timeout=PATIENCE_MS)
    page.wait_for_selector("form[data-reading=unread]")
    found["request"] = barriers(page)
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/requests")


def download(page, inbox, reference, found) -> zipfile.ZipFile:
    page.goto(inbox)
    page.get_by_label(f"Select {reference}").check()
    page.get_by_role("button", name="Download voicemails…").click()
    page.wait_for_selector("text=1 chosen request")
    found["download"] = barriers(page)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the ZIP").click()
    return zipfile.ZipFile(io.BytesIO(Path(taken.value.path()).read_bytes()))


def invite(page, inbox, provider, mail, found) -> str:
    """Set up a provider and invite a colleague; answer the link in their mail."""
    page.goto(inbox.replace("/requests", "/sign-in"))
    page.get_by_label("Issuer").fill(provider)
    page.get_by_label("Client ID").fill("voiceline")
    page.get_by_label("Client secret").fill("secret")
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_selector("text=Not tested yet")
    found["sign-in of a business"] = barriers(page)
    page.goto(inbox.replace("/requests", "/members"))
    page.get_by_label("E-mail address").fill(ERIN)
    page.get_by_role("button", name="Send the invitation").click()
    page.wait_for_selector(f"text={ERIN}")
    found["members"] = barriers(page)
    return link_to(mail, ERIN)


def come_in_through_provider(page, demo, link, found) -> None:
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in")
    page.goto(link)
    found["invitation"] = barriers(page)
    page.get_by_role("link", name="Sign in with Okta").click()
    page.get_by_role("button", name="Continue with Okta").click()
    page.locator("input[name=sub]").fill("erin")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(f"{demo.dashboard}/businesses/**")


def open_inbox(page, inbox, reference) -> None:
    """Open the inbox, once the request is there."""
    for _ in range(60):
        page.goto(inbox)
        if page.locator(f"text={reference}").count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError("the request never came into the inbox")


def press(page, after: str, keys: str) -> None:
    """Press the pad's keys once the line has begun to say something."""
    if after:
        page.wait_for_selector(f"#log .said:has-text('{after}')", timeout=PATIENCE_MS)
    for key in keys:
        page.click(f"[data-key='{key}']")


def is_sound(answer) -> bool:
    return answer.status == 200 and "audio/wav" in answer.headers.get("content-type", "")


def link_to(mail, address: str) -> str:
    """Wait for the message to the address, and answer the first link in it."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline:
        for message in list(mail.received):
            if message["To"] == address:
                return re.search(r"http://127\S+", text_of(message))[0]
        time.sleep(0.2)
    raise AssertionError(f"no message to {address} came")


def business_of(inbox: str) -> str:
    return urlsplit(inbox).path.split("/")[2]


def code_of(demo, inbox: str) -> str:
    asked = "select code from service_code where business_id = ?"
    return demo.read(asked, UUID(business_of(inbox)).hex)


class Demo:
    """Where a running demo is."""

    def __init__(self, ports: list[int], folder: Path) -> None:
        _, dashboard, softphone, _ = ports
        self.dashboard = f"http://127.0.0.1:{dashboard}"
        self.softphone = f"http://127.0.0.1:{softphone}"
        self._database = folder / "voiceline.db"

    def read(self, asked: str, *values: str) -> str:
        with closing(sqlite3.connect(self._database)) as connection:
            return connection.execute(asked, values).fetchone()[0]

    @property
    def acme(self) -> str:
        """The id of the demo's own business."""
        return str(UUID(self.read("select id from business where name = 'Acme Shoes'")))

    def paths(self, inbox: str) -> list[str]:
        """Answer addresses of a business, those of its request too."""
        asked = "select id from privacy_request where business_id = ?"
        request = UUID(self.read(asked, UUID(business_of(inbox)).hex))
        tails = ("", f"/{request}", f"/{request}/audio.wav", f"/{request}/download", "/downloads")
        pages = ("members", "codes", "settings", "greetings", "trail", "overview", "records")
        base = inbox.removesuffix("/requests")
        return [f"{inbox}{tail}" for tail in tails] + [f"{base}/{each}" for each in pages]


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def provider():
    claims = {"email": ERIN, "email_verified": True, "name": "Erin Evans"}
    with python_provider([], {"erin": claims}) as issuer:
        yield issuer.replace("localhost", "127.0.0.1")


@pytest.fixture
def demo(tmp_path, mail, monkeypatch):
    chosen = {"MAILER": "smtp", "SMTP_PORT": str(mail.port), "SMTP_STARTTLS": "false"}
    for name, value in chosen.items():
        monkeypatch.setenv(PREFIX + name, value)
    folder, ports = tmp_path / "var", free_ports(4)
    with serving_demo(folder, ports):
        yield Demo(ports, folder)


@pytest.fixture
def page(player, tmp_path, microphone):
    with speaking_browser(player, tmp_path / "profile", microphone) as page:
        yield page
