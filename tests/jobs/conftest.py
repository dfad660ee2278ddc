"""A business whose callers leave messages, and jobs that work on them in this process."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import factories
import pytest

from voiceline.businesses import open_operator
from voiceline.errors import MissingRecordingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from voiceline.bootstrap import Services
    from voiceline.models import ServiceCode, Voicemail
    from voiceline.ports import CarrierCall, CarrierRecording

MODULES = (
    "archive",
    "collect",
    "derive",
    "erase",
    "expire",
    "holding_back",
    "notify",
    "rounds",
    "strays",
    "transcribe",
    "upkeep",
    "schedule",
    "worker",
)


@dataclass
class FakeRecordings:
    """The carrier's side, in memory."""

    media: dict[str, bytes] = field(default_factory=dict)
    listed: list[CarrierRecording] = field(default_factory=list)
    calls: dict[str, CarrierCall | Exception] = field(default_factory=dict)
    trouble: Exception | None = None
    """Raised by whatever is asked."""
    deleted: list[str] = field(default_factory=list)
    fetches: int = 0
    on_fetch: Callable[[], None] | None = None
    """What happens elsewhere while a recording is on its way."""

    def fetch(self, recording_id: str) -> bytes:
        self.fetches += 1
        self._fail()
        if self.on_fetch is not None:
            self.on_fetch()
        if recording_id not in self.media:
            raise MissingRecordingError("not there")
        return self.media[recording_id]

    def delete(self, recording_id: str) -> None:
        self._fail()
        self.deleted.append(recording_id)

    def list_since(self, since: datetime) -> Iterator[CarrierRecording]:
        self._fail()
        yield from self.listed

    def find(self, recording_id: str) -> CarrierRecording | None:
        self._fail()
        return next((each for each in self.listed if each.recording_id == recording_id), None)

    def call(self, call_id: str) -> CarrierCall | None:
        known = self.calls.get(call_id)
        if isinstance(known, Exception):
            raise known
        return known

    def _fail(self) -> None:
        if self.trouble is not None:
            raise self.trouble


@dataclass
class Desk:
    """What a test of the jobs holds."""

    services: Services
    recordings: FakeRecordings
    code: ServiceCode
    offered: list[tuple[str, list[UUID]]] = field(default_factory=list)

    def voicemail(self, *, call: dict[str, Any] | None = None, **facts: Any) -> Voicemail:
        """Add a message of two minutes ago whose call is over, and that is still owed."""
        at = datetime.now(UTC) - timedelta(minutes=2)
        with self.services.sessions.begin() as session:
            code = session.merge(self.code)
            made = factories.make_call(
                session, code, **({"started_at": at, "ended_at": at} | (call or {}))
            )
            facts = {"due_at": at, "store": None} | facts
            row = factories.make_voicemail(session, made, **facts)
            self.recordings.media[row.carrier_id] = factories.tone(1.0)
        return row

    def now(self, row: Any) -> Any:
        """Read the row as it stands."""
        with self.services.sessions() as session:
            return session.get_one(type(row), row.id)

    def change(self, row: Any, **facts: Any) -> None:
        """Write the columns, as time or somebody else would."""
        with self.services.sessions.begin() as session:
            fresh = session.get_one(type(row), row.id)
            for name, value in facts.items():
                setattr(fresh, name, value)

    def rows(self, table: type[Any]) -> list[Any]:
        """Answer all rows of a table."""
        with self.services.sessions() as session:
            return session.query(table).all()

    @property
    def objects(self) -> list[str]:
        """The keys in the folder store, of messages and of what was made of them."""
        root = self.services.settings.data_dir / "store"
        found = (str(path.relative_to(root)) for path in root.glob("rec/**/[!.]*.*"))
        return sorted(key.removesuffix(".sealed") for key in found)


@pytest.fixture
def desk(services: Services, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Jobs find these services as their process's; what they offer is noted, not queued."""
    ours = replace(services, recordings=FakeRecordings())
    with ours.sessions.begin() as session:
        open_operator(session, name="Voiceline", at=factories.AT)
        business = factories.make_business(session, notify_address="privacy@acme.example")
        code = factories.make_code(session, business, "4021")
    made = Desk(ours, ours.recordings, code)
    for module in [importlib.import_module(f"jobs.{name}") for name in MODULES]:
        if "services" in vars(module):
            monkeypatch.setattr(module, "services", lambda: ours)
        if "offer" in vars(module):
            monkeypatch.setattr(
                module, "offer", lambda job, ids: made.offered.append((job, list(ids)))
            )
    return made


class AwayStore:
    """An object store that nobody reaches."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_: Any, **__: Any) -> Any:
            raise self._failure

        return fail


@pytest.fixture
def lose_store(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let the object store answer everything with this failure."""

    def lose(failure: Exception) -> None:
        object.__setattr__(desk.services, "store", AwayStore(failure))

    return lose
