"""A mail server on loopback: STARTTLS with a certificate of its own, a password, and refusals."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path
    from ssl import SSLContext

REQUEST = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    " -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
)
USERNAME, PASSWORD = "voiceline", "a-mail-password"


@dataclass
class MailServer:
    """Also the handler that aiosmtpd asks at each step."""

    host: str = "127.0.0.1"
    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """What to answer in place of 250, by recipient, or to MAIL and DATA."""

    dies_in_data: str = ""
    """`before`: the line drops before the message is kept; `after`: it is kept, and never answered.
    """
    seconds: float = 0
    """How long it thinks over DATA."""
    goodbye_seconds: float = 0
    """How long it thinks over QUIT."""

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.answers.get("DATA", "250 OK")
        await asyncio.sleep(self.seconds)
        if self.dies_in_data == "before":
            server.transport.abort()
            return answer
        if answer.startswith("250"):
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.dies_in_data == "after":
            server.transport.abort()
        return answer

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(self.goodbye_seconds)
        return self.answers.get("QUIT", "221 Bye")


@contextmanager
def mail_server(tls: SSLContext | None = None) -> Iterator[MailServer]:
    """Yield a server; with `tls` it asks for STARTTLS and then for the password."""
    handler = MailServer()
    controller = _controller(handler, tls)
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Answer the files of a new certificate for 127.0.0.1 and of its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [*REQUEST.split(), "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return certificate, key


def _controller(handler: MailServer, tls: SSLContext | None) -> Any:
    class AnyPort(Controller):
        def _trigger_server(self):
            # The controller's own check connects to the port that was asked for: to port 0.
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    facts: dict[str, Any] = {}
    if tls:
        facts = {"tls_context": tls, "require_starttls": True}
        facts |= {"authenticator": _admit, "auth_required": True}
    return AnyPort(handler, hostname=handler.host, port=0, **facts)


def _admit(server, session, envelope, mechanism, data):
    admitted = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
    # handled=False: aiosmtpd then answers 535 itself, otherwise the client waits for ever.
    return AuthResult(success=admitted, handled=False)
