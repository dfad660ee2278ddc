"""What commands share: settings read when needed, a database that answers, plain words."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voiceline import schema
from voiceline.database import make_engine, make_sessions
from voiceline.errors import NotFoundError, UserError
from voiceline.filing import find_by_reference
from voiceline.log import set_up_logging
from voiceline.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session, sessionmaker

    from voiceline.models import PrivacyRequest


def now() -> datetime:
    """Answer this moment."""
    return datetime.now(UTC)


def read_settings() -> Settings:
    """Read the settings; a command logs warnings only, because it speaks for itself."""
    settings = load_settings()
    set_up_logging("WARNING")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings


@contextmanager
def transactions() -> Iterator[sessionmaker[Session]]:
    """Give transactions on an up-to-date database, for what is done piece by piece."""
    engine = make_engine(read_settings().database)
    try:
        if schema.current(engine) != schema.newest():
            raise UserError("The database is not up to date: run `voiceline db upgrade` first.")
        yield make_sessions(engine)
    finally:
        engine.dispose()


@contextmanager
def database() -> Iterator[Session]:
    """Give a transaction on an up-to-date database."""
    with transactions() as sessions, sessions.begin() as session:
        yield session


def find_request(session: Session, reference: str) -> PrivacyRequest:
    """Answer the request that a person names, with or without `VL-` and dashes."""
    request = find_by_reference(session, reference.replace("-", "").upper().removeprefix("VL"))
    if request is None:
        raise NotFoundError("There is no such request: a reference has nine digits.")
    return request
