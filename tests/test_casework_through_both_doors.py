"""What was asked by telephone and on the web form, taken to its end on the pages in Chromium.

Completed, extended and denied; each letter lands in a mail server, each evidence pack verifies.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from chromium import IN_BROWSER
from click.testing import CliRunner
from factories import PASSWORD, make_member, make_user
from fakes.loopback import served
from lines import open_line
from mailed import text_of
from servers.smtp import mail_server
from sqlalchemy import select

from voiceline import consumer, dashboard
from voiceline.cli import main_group
from voiceline.models import Business, PrivacyRequest
from voiceline.rules.lifecycle import RequestStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chromium import Windows
    from lines import TestLine
    from playwright.sync_api import Page
    from servers.smtp import MailServer

pytestmark = [*IN_BROWSER, pytest.mark.timeout(300)]


@pytest.mark.parametrize("door", ["telephone", "web form"])
def test_request_is_completed_extended_and_denied(
    door: str, line: TestLine, pages: Page, mails: MailServer, urls: dict[str, str], tmp_path: Path
):
    ask = {"telephone": by_telephone, "web form": by_web_form}[door]
    taken = {"completed": complete, "extended": extend, "denied": deny}
    references = {name: ask(line, pages, urls) for name in taken}

    sign_in(pages, urls)
    packs = {}
    for name, take in taken.items():
        open_request(pages, urls, references[name])
        if door == "telephone":
            note_address(pages)
        take(pages)
        packs[name] = evidence_of(pages, tmp_path / f"{name}.zip")
    line.work()

    statuses = {name: found(line, reference).status for name, reference in references.items()}
    assert statuses["completed"] == RequestStatus.COMPLETED
    assert statuses["denied"] == RequestStatus.DENIED
    extended = found(line, references["extended"])
    assert all(right.extended_by == right.due_by for right in extended.rights)
    told = {mail["Subject"]: text_of(mail) for mail in letters(mails)}
    assert len(told) == len(taken)
    for reference in references.values():
        grouped = f"{reference[:3]}-{reference[3:6]}-{reference[6:]}"
        assert any(grouped in subject + text for subject, text in told.items())
    checked = {
        name: CliRunner().invoke(main_group, ["evidence", "verify", pack])
        for name, pack in packs.items()
    }
    assert {name: result.exit_code for name, result in checked.items()} == dict.fromkeys(taken, 0)


def by_telephone(line: TestLine, _page: Page, _urls: dict[str, str]) -> str:
    """Call, ask for deletion, leave a message, hear the receipt."""
    before = {row.reference for row in line.rows(PrivacyRequest)}
    line.call("4021#", ",-", "3", "1")
    line.work()
    (new,) = {row.reference for row in line.rows(PrivacyRequest)} - before
    return new


def by_web_form(line: TestLine, page: Page, urls: dict[str, str]) -> str:
    """Fill in the form of the service code."""
    page.goto(f"{urls['consumer']}/4021")
    page.get_by_label("Delete my information").check()
    page.get_by_label("E-mail address").fill("maria@example.com")
    page.wait_for_timeout(2100)  # nobody fills in a form in two seconds
    page.get_by_role("button", name="Send the request").click()
    shown = page.locator(".reference").inner_text()
    line.work()
    return "".join(filter(str.isdigit, shown))


def sign_in(page: Page, urls: dict[str, str]) -> None:
    page.goto(f"{urls['dashboard']}/sign-in")
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/requests*")


def open_request(page: Page, urls: dict[str, str], reference: str) -> None:
    page.goto(urls["dashboard"])
    page.get_by_text(f"{reference[:3]}-{reference[3:6]}-{reference[6:]}").first.click()
    page.get_by_role("heading", name="Letters").wait_for()


def note_address(page: Page) -> None:
    page.get_by_role("link", name="Note how to reach them").click()
    page.get_by_label("E-mail").fill("maria@example.com")
    page.get_by_role("button", name="Note it").click()
    page.get_by_role("link", name="maria@example.com").wait_for()


def complete(page: Page) -> None:
    page.get_by_role("link", name="Verify", exact=False).first.click()
    page.get_by_label("What they told us matches what we hold").check()
    page.get_by_label("E-mail address").check()
    page.get_by_label("Order number").check()
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Note it").click()
    answer(page, "Complete")
    page.get_by_label("What was done").fill("All data were deleted.")
    page.get_by_role("button", name="Complete").click()
    send_letter(page, "Answer: done")


def extend(page: Page) -> None:
    page.get_by_role("link", name="Extend").first.click()
    page.get_by_label("Why more time is needed").fill("The data lie in many systems.")
    page.get_by_role("button", name="Extend").click()
    send_letter(page, "Notice of a later date")


def deny(page: Page) -> None:
    answer(page, "Deny")
    page.get_by_label("We need the data for the transaction").check()
    page.locator("#why_transaction").fill("A warranty runs until 2027.")
    page.get_by_role("button", name="Deny").click()
    send_letter(page, "Answer: denied")


def answer(page: Page, how: str) -> None:
    page.locator("summary", has_text="Answer").click()
    page.locator(".answer").get_by_role("link", name=how, exact=True).click()


def send_letter(page: Page, name: str) -> None:
    page.locator(".offers").get_by_role("link", name=name).first.click()
    page.get_by_role("radio", name="By e-mail").check()
    page.get_by_role("button", name="Send this letter").click()
    page.wait_for_url("**/requests/*#letters")


def evidence_of(page: Page, file: Path) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name="Evidence pack").click()
    download.value.save_as(file)
    return str(file)


def letters(mails: MailServer) -> list[Any]:
    """Answer what came to the consumer from a colleague, not from the form by itself."""
    mine = [mail for mail in mails.received if mail["To"] == "maria@example.com"]
    return [
        mail
        for mail in mine
        if "/receipt" not in text_of(mail) and "/confirm/" not in text_of(mail)
    ]


def found(line: TestLine, reference: str) -> Any:
    with line.services.sessions() as session:
        request = session.scalars(
            select(PrivacyRequest).where(PrivacyRequest.reference == reference)
        ).one()
        assert request.rights
        return request


@pytest.fixture
def mails(environment: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with mail_server() as server:
        environment.setenv("VOICELINE_MAILER", "smtp")
        environment.setenv("VOICELINE_SMTP_HOST", server.host)
        environment.setenv("VOICELINE_SMTP_PORT", str(server.port))
        environment.setenv("VOICELINE_SMTP_STARTTLS", "false")
        yield server


@pytest.fixture
def line(mails: MailServer, environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TestLine]:
    with open_line(environment, tmp_path) as opened:
        with opened.services.sessions.begin() as session:
            acme = session.scalars(select(Business).where(Business.name.like("Acme%"))).one()
            make_member(session, acme, make_user(session, "Alice Abbott"))
        yield opened


@pytest.fixture
def urls(line: TestLine) -> Iterator[dict[str, str]]:
    """Dashboard and public pages on loopback."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(served(door.create_app(line.services)))
            for name, door in {"dashboard": dashboard, "consumer": consumer}.items()
        }


@pytest.fixture
def pages(windows: Windows) -> Page:
    return windows.open(strict=False)
