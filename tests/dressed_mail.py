"""Messages with their look, as the job dresses them."""

from __future__ import annotations

from email.message import EmailMessage

from jobs.mail_look import dress

BASE = "https://voiceline.example"
SUBJECT = "Acme Shoes, privacy requests: 2 open, 1 overdue."
ASKED = """\
  K7M2 9QXP  due Mon 23 Nov 2026  Delete
  R4T5 6W8X  confirm receipt by Tue 24 Nov 2026  Access, Correct
"""


def dressed(text: str, subject: str = SUBJECT, language: str = "en") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    return dress(message, language=language, bases=(BASE,))


def page_of(text: str, **about: str) -> str:
    return dressed(text, **about).get_body(("html",)).get_content()
