"""A whole line on loopback: the telephone's web server, a carrier that calls it, and the jobs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.loopback import Late, served
from sqlalchemy import select

from jobs import process
from jobs.collect import collect
from jobs.notify import notify
from jobs.transcribe import transcribe
from voiceline.audit import OPERATOR
from voiceline.bootstrap import build
from voiceline.businesses import assign_code, open_business, open_operator
from voiceline.models import Delivery, PrivacyRequest, Transcript, Voicemail
from voiceline.rules.retention import AccountTier
from voiceline.settings import load_settings
from voiceline.simulator import Caller, Carrier, CarrierConfig, Faults, Number, running
from webhooks import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    import pytest

    from voiceline.bootstrap import Services
    from voiceline.simulator import CallRecord

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "a" * 32
NUMBER = "+18005550100"
DEDICATED = "+18005550177"
CALLER = "+14155550123"
SPEECH = Path(__file__).parent.parent / "voiceline" / "audio" / "demo_delete_en.wav"
NOON = datetime(2026, 11, 20, 20, tzinfo=UTC)
DONE = 20
"""Rounds of jobs after which a test gives up waiting for quiet."""


@dataclass
class TestLine:
    """What a test holds of a line."""

    __test__ = False

    services: Services
    carrier: Carrier
    url: str
    woken: list[UUID] = field(default_factory=list)

    def call(self, *keys: str, to: str = NUMBER, say: Any = SPEECH, **caller: Any) -> CallRecord:
        """Place a call: each key entry answers one prompt, the message is spoken at the tone."""
        script = Caller(**{"number": CALLER, "keys": keys, "say": say, "end": "#"} | caller)
        record = self.carrier.place_call(script, to)
        self.carrier.drain(30)
        return record

    def work(self) -> None:
        """Do every job that is owed, until none is."""
        for _ in range(DONE):
            if not sum(self._round(table, job) for table, job in _OWED):
                return
        raise AssertionError("the jobs never came to rest")

    def rows(self, table: type[Any]) -> Sequence[Any]:
        """Answer all rows of a table."""
        with self.services.sessions() as session:
            return session.scalars(select(table)).all()

    def request(self) -> PrivacyRequest:
        """Answer the only request there is."""
        (found,) = self.rows(PrivacyRequest)
        return found

    def _round(self, table: type[Any], job: Any) -> int:
        with self.services.sessions() as session:
            owed = session.scalars(
                select(table.id).where(table.due_at.is_not(None), table.attempts == 0)
            ).all()
        for row_id in owed:
            job(str(row_id))
        with self.services.sessions() as session:
            left = session.scalars(
                select(table.id).where(table.due_at.is_not(None), table.attempts == 0)
            ).all()
        return len(set(owed) - set(left))


_OWED = ((Voicemail, collect), (Transcript, transcribe), (Delivery, notify))


@contextmanager
def open_line(
    environment: pytest.MonkeyPatch, tmp_path: Path, faults: Faults | None = None
) -> Iterator[TestLine]:
    """Start a telephone and a carrier in this process; jobs run when the test says so."""
    telephone = Late()
    with served(telephone) as url:
        carrier = Carrier(
            CarrierConfig(
                account_sid=ACCOUNT,
                auth_token=TOKEN,
                data_dir=tmp_path / "carrier",
                numbers=(number_at(url, NUMBER), number_at(url, DEDICATED)),
                speed=0,
                faults=faults or Faults(),
            )
        )
        with running(carrier) as carrier_url:
            set_up_environment(environment, url, carrier_url)
            services = build(load_settings())
            line = TestLine(services, carrier, url)
            open_accounts(services)
            telephone.application = create_app(services, line.woken.append)
            try:
                yield line
            finally:
                carrier.drain(30)
                services.engine.dispose()
                process.services().engine.dispose()


def number_at(url: str, number: str) -> Number:
    """Answer a number whose calls come to the telephone at the URL."""
    return Number(
        phone_number=number,
        voice_url=f"{url}/voice/answer",
        voice_fallback_url=f"{url}/voice/fallback",
        status_callback=f"{url}/voice/call-status",
    )


def open_accounts(services: Services) -> None:
    """Open the operator, Acme Shoes (4021) and Bluebird Books (3077, and a number of its own)."""
    with services.sessions.begin() as session:
        open_operator(session, name="Voiceline", at=NOON)
        acme = open_business(
            session,
            name="Acme Shoes",
            tier=AccountTier.SMALL_MEDIUM,
            notify_address="privacy@acme.example",
            at=NOON,
        )
        assign_code(session, acme, "4021", by=OPERATOR, at=NOON)
        bluebird = open_business(
            session, name="Bluebird Books", tier=AccountTier.ENTERPRISE, at=NOON
        )
        assign_code(session, bluebird, "3077", by=OPERATOR, at=NOON, dedicated_number=DEDICATED)


def set_up_environment(environment: pytest.MonkeyPatch, url: str, carrier_url: str) -> None:
    """Set what a telephone at the URL must know of itself and of its carrier."""
    environment.setenv("VOICELINE_TELEPHONE_URL", url)
    environment.setenv("VOICELINE_TWILIO_API_BASE", carrier_url)
    environment.setenv("VOICELINE_TWILIO_ACCOUNT_SID", ACCOUNT)
    environment.setenv("VOICELINE_TWILIO_AUTH_TOKEN", TOKEN)
    environment.setenv("VOICELINE_TWILIO_NUMBERS", NUMBER)
