"""Mail over SMTP: one connection a message, verified TLS, answers in our two words.

What is wrong between us and our mail server (the way there, its certificate, our password, our
sender, its leave to relay) can be put right while the message waits. Only what the server says of
the recipient's mailbox or of the message itself is for good; which it is, smtp_answers.py reads.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from voiceline.adapters.folder_mailer import message_id
from voiceline.adapters.smtp_answers import FINAL, refused_mailbox, refused_message, told
from voiceline.errors import PermanentFailure, SettingsError, TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from email.message import EmailMessage

TO_CHECK = "check VOICELINE_SMTP_USERNAME and _PASSWORD, and whether it relays for us"

CONNECT_SECONDS = 10
TALK_SECONDS = 40
GOODBYE_SECONDS = 2
"""Together less than the queue lets the job take: ended from outside after the server took the
message, it would be sent again."""


class SmtpMailer:
    """Mailer through a mail server; `timeout` in seconds bounds every step of the conversation.

    All steps together have TALK_SECONDS.
    `ca_file` names the certificate that signs the server's, where the system does not know it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        username: str = "",
        password: str = "",
        starttls: bool = True,
        ca_file: str = "",
        timeout: float = 30,
    ) -> None:
        if username and not starttls:
            raise SettingsError(
                "a mail password travels only under TLS: set VOICELINE_SMTP_STARTTLS"
            )
        self._address = (host, port)
        self._credentials = (username, password)
        self._tls = _trust(ca_file) if starttls else None
        self._timeout = timeout

    def send(self, message: EmailMessage) -> None:
        message_id(message)
        with _smtp_errors():
            server = _Talk(self._address, step=self._timeout)
        try:
            with _smtp_errors():
                self._greet(server)
                refused = server.send_message(message)
        finally:
            _leave(server)
        if refused:
            raise PermanentFailure("the mail server took the message, but not every recipient")

    def _greet(self, server: smtplib.SMTP) -> None:
        if self._tls:
            server.starttls(context=self._tls)
        if self._credentials[0]:
            server.login(*self._credentials)


class _Talk(smtplib.SMTP):
    """A conversation that is given up in time, however slowly the server takes each step."""

    def __init__(self, address: tuple[str, int], *, step: float) -> None:
        self._step = step
        self._ends = time.monotonic() + TALK_SECONDS
        super().__init__(*address, timeout=min(step, CONNECT_SECONDS))

    def send(self, s: Any) -> None:
        self._hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self._hurry()
        return super().getreply()

    def _hurry(self) -> None:
        left = self._ends - time.monotonic()
        if left <= 0:
            self.close()
            raise smtplib.SMTPServerDisconnected("out of time")
        if self.sock is not None:
            self.sock.settimeout(min(self._step, left))


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; after the server's answer nothing may have the message sent again.

    So the answer is looked at once, which no server can draw out, and not read.
    """
    with suppress(OSError):
        if server.sock is not None:
            server.sock.settimeout(GOODBYE_SECONDS)
            server.sock.sendall(b"QUIT\r\n")
            server.sock.recv(512)
    with suppress(OSError):
        server.close()


@contextmanager
def _smtp_errors() -> Iterator[None]:
    """Translate smtplib's errors; the server's words are left out, they repeat addresses."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _recipients_failure(error.recipients.values()) from None
    except smtplib.SMTPDataError as error:
        raise _message_failure(error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPAuthenticationError as error:
        raise _for_now(
            f"refused our password with {error.smtp_code}"
            " (check VOICELINE_SMTP_USERNAME and _PASSWORD)"
        ) from error
    except smtplib.SMTPSenderRefused as error:
        raise _for_now(
            f"refused our sender with {error.smtp_code} (check VOICELINE_MAIL_FROM)"
        ) from None
    except smtplib.SMTPResponseException as error:
        raise _for_now(f"refused to talk to us with {error.smtp_code}") from None
    except smtplib.SMTPNotSupportedError as error:
        raise _for_now(
            "offers no STARTTLS, no log-in or no UTF-8 addresses: check its port"
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise _for_now("has a certificate that is not trusted") from error
    except (smtplib.SMTPException, OSError) as error:
        raise _for_now(f"cannot be reached: {type(error).__name__}") from error


def _for_now(what: str) -> TemporaryFailure:
    return TemporaryFailure(f"the mail server {what}")


def _recipients_failure(
    answers: Iterable[tuple[int, bytes]],
) -> PermanentFailure | TemporaryFailure:
    """Nobody has the message: as long as one answer can change, it is worth another attempt."""
    answers = list(answers)
    final = all(refused_mailbox(code, text) for code, text in answers)
    changing = [each for each in answers if not refused_mailbox(*each)]
    return _failure("every recipient", *(changing or answers)[0], final=final)


def _message_failure(code: int, text: bytes | str) -> PermanentFailure | TemporaryFailure:
    words = text.encode() if isinstance(text, str) else text
    return _failure("the message", code, words, final=refused_message(code, words))


def _failure(
    what: str, code: int, text: bytes, *, final: bool
) -> PermanentFailure | TemporaryFailure:
    refused = f"the mail server refused {what} with {told(code, text)}"
    if final:
        return PermanentFailure(refused)
    if code < FINAL:
        return TemporaryFailure(refused)
    return TemporaryFailure(f"{refused} because of us ({TO_CHECK})")


def _trust(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise SettingsError("the mail server's CA file cannot be read") from error
