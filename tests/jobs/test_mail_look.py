"""The HTML of our messages: the words of the plain text, in the colours of the dashboard."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from dressed_mail import ASKED, BASE, SUBJECT, dressed, page_of

from jobs import account_messages, filed_message, staff_messages
from jobs.mail_look import DARK, LIGHT

SHEET = Path(__file__).parents[2] / "voiceline" / "dashboard" / "static" / "voiceline.css"


def words_of(page: str) -> str:
    """Answer what a reader sees of the page below its heading."""
    shown = page.partition("</h1>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


@pytest.mark.parametrize(
    "text",
    [
        filed_message.TEXT.format(
            business="Acme & Sons",
            came_by="by telephone",
            reference="K7M2 9QXP",
            rights="Delete",
            respond_by="Wednesday, 30 December 2026",
            address=f"{BASE}/businesses/1/requests/2",
        ),
        account_messages.KEEP_ADDRESS.format(address=f"{BASE}/link/{'x' * 43}"),
        staff_messages.FOOT.format(address=BASE + "/a", choice=BASE + "/b", unless=""),
    ],
    ids=["filed", "keep", "foot"],
)
def test_it_says_what_the_plain_text_says_and_no_more(text):
    message = dressed(text)

    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content() == text
    assert words_of(page_of(text)) == " ".join(text.split())


def test_requests_are_a_list():
    page = page_of(ASKED)

    assert page.count("<li>") == 2
    assert "<strong>K7M2 9QXP</strong><br>due Mon 23 Nov 2026 · Delete" in page


def test_facts_are_a_table_with_headings():
    page = page_of("Reference       K7M2 9QXP\nAnswer by       30 December 2026\n")

    assert '<th scope="row">Reference</th><td>K7M2 9QXP</td>' in page


def test_a_first_line_that_is_the_subject_is_said_once():
    assert page_of(f"{SUBJECT}\n\nDue first:\n").count("1 overdue") == 2  # title and heading


def test_prose_that_was_wrapped_flows_and_a_short_line_ends():
    page = page_of(
        "Somebody, perhaps you, wants a new password for the account of this\n"
        "address. Choose it here:\nK7M2 9QXP\n"
    )

    assert "account of this address. Choose it here:<br>K7M2 9QXP" in page


def test_only_an_address_of_ours_on_its_own_line_is_a_link():
    page = page_of(
        f"{BASE}/requests\n\nhttps://evil.example/\n\n{BASE}.evil.example/x\n\n"
        f"See {BASE}/requests or evil.example.\n"
    )

    assert re.findall(r'href="([^"]*)"', page) == [f"{BASE}/requests"]


@pytest.mark.parametrize("line", ["> {}", "  {}", "- {}", "{}", "Reason   {}", "  A1  {}"])
def test_nobodys_words_are_markup(line):
    attack = '<img src=x onerror=alert(1)>"&{0}{subject}'

    page = page_of(line.format(attack) + "\n", subject=f"About {attack}")

    assert "<img" not in page
    assert attack in unescape(page)


def test_it_loads_nothing_from_anywhere():
    page = page_of(f"{BASE}/requests\n")

    assert not re.search(r"<(img|link|script|iframe|object)|url\(|@import|src=", page)


def test_its_language_is_the_readers():
    assert '<html lang="es">' in page_of("Hola.\n", language="es")


@pytest.mark.parametrize(("colours", "part"), [(LIGHT, 0), (DARK, 1)])
def test_its_colours_are_the_dashboards(colours, part):
    sheet = SHEET.read_text("utf-8").split("@media (prefers-color-scheme: dark)")[part]
    named = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", sheet))

    assert {name: named[name] for name in colours} == colours
