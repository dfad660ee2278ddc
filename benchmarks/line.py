"""A whole line of real processes on the embedded defaults: what figures 4, 6 and 7 run on."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

import voiceline
from benchmarks import events, seeding
from benchmarks.servers import (
    clean_environment,
    embedded_redis,
    free_port,
    running,
    serving,
    settings_of,
)
from voiceline.database import make_engine, make_sessions
from voiceline.models import PrivacyRequest
from voiceline.simulator import Carrier, CarrierConfig, Number
from voiceline.simulator import running as carrier_running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, sessionmaker

    from voiceline.settings import Settings

SPEECH = Path(voiceline.__file__).parent / "audio" / "demo_delete_en.wav"
COLLECT_WORKERS = 2
OTHERS = (("worker", "upkeep"), ("scheduler",))


@dataclass(frozen=True)
class WholeLine:
    """What a measurement holds of the line."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    business_id: UUID
    carrier: Carrier
    sender: events.Sender

    def filed(self) -> int:
        """Answer how many requests there are."""
        with self.sessions.begin() as session:
            return session.scalar(select(func.count()).select_from(PrivacyRequest)) or 0


@contextmanager
def open_line(folder: Path, calls: int) -> Iterator[WholeLine]:
    """Start the telephone, the workers, the scheduler, Redis and the simulated carrier.

    `calls` are written down beforehand, for callbacks that are sent without a call.
    """
    telephone, carrier_port = free_port(), free_port()
    base = f"http://127.0.0.1:{telephone}"
    environment = clean_environment(
        data_dir=folder,
        telephone_url=base,
        twilio_api_base=f"http://127.0.0.1:{carrier_port}",
        transcriber="none",
        log_level="WARNING",
    )
    settings = settings_of(environment)
    with ExitStack() as stack:
        engine = make_engine(settings.database)
        stack.callback(engine.dispose)
        code = seeding.open_accounts(engine)
        seeding.begin_calls(engine, code, calls)
        carrier = _carrier(settings, base, folder)
        stack.enter_context(carrier_running(carrier, port=carrier_port))
        stack.enter_context(embedded_redis(settings, folder))
        serve = ["voiceline", "serve", "telephone", "--port", str(telephone)]
        stack.enter_context(serving("telephone", serve, environment, f"{base}/healthz", folder))
        for words in (("worker", "collect"),) * COLLECT_WORKERS + OTHERS:
            log = folder / f"{'-'.join(words)}.log"
            stack.enter_context(running(["voiceline", *words], environment, log))
        stack.callback(carrier.drain, 30)
        yield WholeLine(
            settings,
            engine,
            make_sessions(engine),
            code.business_id,
            carrier,
            events.sender_of(settings, base),
        )


def _carrier(settings: Settings, base: str, folder: Path) -> Carrier:
    number = Number(
        phone_number=settings.twilio_numbers[0],
        voice_url=f"{base}/voice/answer",
        voice_fallback_url=f"{base}/voice/fallback",
        status_callback=f"{base}/voice/call-status",
    )
    return Carrier(
        CarrierConfig(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            data_dir=folder / "carrier",
            numbers=(number,),
            speed=0,
        )
    )
