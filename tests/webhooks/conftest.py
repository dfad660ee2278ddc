from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import lines
import pytest
from lines import ACCOUNT, NUMBER, TOKEN, TestLine, open_line
from signed import BASE, Telephone
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from structlog.testing import CapturingLogger

from voiceline.bootstrap import build
from voiceline.settings import load_settings
from webhooks import callbacks, create_app, create_fallback_app, incoming, troubles, voice
from webhooks import fallback as fallback_view
from webhooks import line as line_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from voiceline.bootstrap import Services


@dataclass
class Statements:
    """The SQL a request runs."""

    seen: list[str] = field(default_factory=list)

    @property
    def writes(self) -> list[str]:
        return [one for one in self.seen if one.split()[0] in {"INSERT", "UPDATE", "DELETE"}]

    @property
    def reads(self) -> list[str]:
        return [one for one in self.seen if one.startswith("SELECT")]


@dataclass
class Database:
    """A database that can be stopped in the middle of a call."""

    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True

    def start(self) -> None:
        self.stopped = False

    def refuse(self, *_) -> None:
        if self.stopped:
            raise OperationalError("select", {}, Exception("the server closed the connection"))


@pytest.fixture
def line(environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TestLine]:
    """A whole line: press keys, speak, and see what became of it."""
    with open_line(environment, tmp_path) as opened:
        yield opened


@pytest.fixture
def carrier_settings(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The settings of a telephone behind https, to be added to before it is built."""
    environment.setenv("VOICELINE_TELEPHONE_URL", BASE)
    environment.setenv("VOICELINE_TWILIO_ACCOUNT_SID", ACCOUNT)
    environment.setenv("VOICELINE_TWILIO_AUTH_TOKEN", TOKEN)
    environment.setenv("VOICELINE_TWILIO_NUMBERS", NUMBER)
    environment.setenv("VOICELINE_SECRET_KEY", "k" * 40)
    return environment


@pytest.fixture
def services(carrier_settings: pytest.MonkeyPatch) -> Services:
    built = build(load_settings())
    lines.open_accounts(built)
    return built


@pytest.fixture
def woken() -> list[UUID]:
    """The voicemails the queue was told of."""
    return []


@pytest.fixture
def telephone(services: Services, woken: list[UUID]) -> Telephone:
    """The telephone's app without a server, and a carrier that can say anything to it."""
    return Telephone(create_app(services, woken.append))


@pytest.fixture
def build_telephone(
    carrier_settings: pytest.MonkeyPatch, woken: list[UUID]
) -> Iterator[Callable[[], Telephone]]:
    """Build a telephone of the settings as they are then."""
    with ExitStack() as engines:

        def make() -> Telephone:
            built = build(load_settings())
            engines.callback(built.engine.dispose)
            return Telephone(create_app(built, woken.append))

        yield make


@pytest.fixture
def fallback(carrier_settings: pytest.MonkeyPatch) -> Telephone:
    """The app that has neither database nor queue."""
    return Telephone(create_fallback_app(load_settings()))


@pytest.fixture
def database(services: Services) -> Iterator[Database]:
    switch = Database()
    for moment in ("before_cursor_execute", "begin"):
        event.listen(services.engine, moment, switch.refuse)
    yield switch
    for moment in ("before_cursor_execute", "begin"):
        event.remove(services.engine, moment, switch.refuse)


@pytest.fixture
def statements(services: Services) -> Iterator[Statements]:
    recorder = Statements()

    def note(_connection, _cursor, statement, *_):
        recorder.seen.append(statement)

    event.listen(services.engine, "before_cursor_execute", note)
    yield recorder
    event.remove(services.engine, "before_cursor_execute", note)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    """The telephone's log lines, before the allow-list."""
    recorder = CapturingLogger()
    for module in (callbacks, fallback_view, incoming, line_module, troubles, voice):
        monkeypatch.setattr(module, "log", recorder)
    return recorder


@pytest.fixture
def rows(services: Services):
    """Answer all rows of a table."""

    def read(table):
        with services.sessions() as session:
            return session.query(table).all()

    return read
