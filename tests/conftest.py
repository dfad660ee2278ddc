"""Settings, services and a database for every test; nothing is shared between two of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import structlog
from chromium import Windows, launched, playing
from compiled_once import keep_what_is_compiled
from one_engine import OneEngine, keep_from_vacuuming
from speaking_browser import voice_file
from speech_fixtures import CORPUS
from sqlalchemy import text

from jobs import process
from voiceline import bootstrap, schema
from voiceline.bootstrap import build
from voiceline.database import make_engine
from voiceline.settings import load_settings
from voiceline.settings_checks import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Playwright
    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.settings import Settings

TEST_DATABASE = "VOICELINE_TEST_DATABASE_URL"

PLAIN_ROLE = """
do $$ begin
    create role voiceline_plain login nosuperuser nobypassrls;
    grant set on parameter session_replication_role to voiceline_plain;
exception when duplicate_object or unique_violation then null;
end $$
"""
"""Two test processes may make it at the same moment. one_engine.py deletes what triggers guard."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a repeated run be a short one."""
    about = "run each test with the first of its parameters alone"
    parser.addoption("--first-of-each", action="store_true", help=about)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what means nothing on the database at hand, or without the labelled calls.

    A run on PostgreSQL repeats what asks for a database; all else is the same on either.
    """
    at_hand = "postgresql" if os.environ.get(TEST_DATABASE) else "sqlite"
    strange = [item for item in items if _database_of(item) not in {None, at_hand}]
    if at_hand == "postgresql":
        strange += [item for item in items if "database_url" not in item.fixturenames]
    if config.getoption("first_of_each"):
        firsts = set({item.nodeid.partition("[")[0]: item for item in reversed(items)}.values())
        strange += [item for item in items if item not in firsts]
    if not CORPUS.is_dir():
        strange += [item for item in items if item.get_closest_marker("corpus")]
    left_out = set(strange)
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _database_of(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("only")
    return mark.args[0] if mark else None


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patches:
        keep_what_is_compiled(patches)
        yield


@pytest.fixture(scope="module")
def player() -> Iterator[Playwright]:
    """What starts the browsers of a module."""
    with playing() as player:
        yield player


@pytest.fixture(scope="module")
def chromium(player: Playwright) -> Iterator[Browser]:
    """A browser that the tests of a module share."""
    with launched(player) as browser:
        yield browser


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a browser of the module hears."""
    return voice_file(tmp_path_factory.mktemp("microphone") / "voice.wav")


@pytest.fixture
def windows(chromium: Browser) -> Iterator[Windows]:
    """Open windows of it."""
    opened = Windows(chromium)
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def _loggers_follow() -> Iterator[None]:
    """Let a logger that was used under one set-up of the log follow the next one, too."""
    configure = structlog.configure
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(
            structlog,
            "configure",
            lambda **kw: configure(**kw | {"cache_logger_on_first_use": False}),
        )
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "voiceline.db"
    engine = make_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str | None]:
    """A database of this test process's own on the server the environment names.

    It belongs to a plain role: row-level security binds no superuser.
    """
    base = os.environ.get(TEST_DATABASE)
    if not base:
        yield None
        return
    name = f"voiceline_test_{os.getpid()}"
    admin = make_engine(base).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(PLAIN_ROLE))
        connection.execute(text(f"create database {name} owner voiceline_plain"))
    plain = admin.url.set(database=name, username="voiceline_plain", password=None)
    url = plain.render_as_string(hide_password=False)
    engine = make_engine(url)
    schema.upgrade(engine)
    keep_from_vacuuming(engine)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(scope="session")
def one_engine(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str | None
) -> Iterator[OneEngine]:
    path = tmp_path_factory.mktemp("database") / "voiceline.db"
    engine = OneEngine(postgres_url or f"sqlite:///{path}")
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(bootstrap, "make_engine", engine.make_engine)
        yield engine
    engine.close()


@pytest.fixture
def database_url(one_engine: OneEngine, sqlite_template: Path) -> Iterator[str]:
    if one_engine.is_sqlite:
        one_engine.lay(sqlite_template)
    yield one_engine.url
    one_engine.leave()


@pytest.fixture
def environment(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """The environment a process of ours would find; jobs read their settings from it."""
    for variable in [name for name in os.environ if name.startswith(PREFIX)]:
        if variable not in {TEST_DATABASE, "VOICELINE_MODEL_CACHE"}:
            monkeypatch.delenv(variable)
    monkeypatch.setenv("VOICELINE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("VOICELINE_DATABASE_URL", database_url)
    monkeypatch.setenv("VOICELINE_TRANSCRIBER", "none")
    _forget_process()
    yield monkeypatch
    _forget_process()


@pytest.fixture
def settings(environment: pytest.MonkeyPatch) -> Settings:
    return load_settings()


@pytest.fixture
def services(settings: Settings) -> Services:
    return build(settings)


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    """A transaction the test commits itself; what it leaves is rolled back."""
    with services.sessions() as opened:
        yield opened


def _forget_process() -> None:
    """Close what jobs opened in this process: a connection found later is another test's error."""
    if process.services.cache_info().currsize:
        process.services().engine.dispose()
    process.services.cache_clear()
    process.redis.cache_clear()
