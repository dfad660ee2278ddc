"""The database's schema: Alembic, without a configuration file of its own."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

HEAD = "head"

SQLITE_WAIT_MILLISECONDS = 60_000
"""A migration may be in the middle of a busy day; nobody waits on the telephone for it."""


def upgrade(engine: Engine, revision: str = HEAD) -> None:
    """Bring the database up to the revision; one that is there already is left alone."""
    with _changing(engine) as connection:
        command.upgrade(_config(connection=connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database down to the revision; for tests and for a release taken back."""
    with _changing(engine) as connection:
        command.downgrade(_config(connection=connection), revision)


def current(engine: Engine) -> str | None:
    """Answer the database's revision, or None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Answer the revision this code expects."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations in the package")
    return head


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """Yield one transaction in which tables may be made anew, and take as long as that needs.

    On PostgreSQL a lock is still given up soon: whoever waits for a table's lock bars everybody
    behind it, callers too, and an upgrade that failed so can be run again.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _let_tables_be_copied(connection)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("set local statement_timeout = 0"))
            yield connection
            if engine.dialect.name == "sqlite":
                _check_references(connection)


def _let_tables_be_copied(connection: Connection) -> None:
    """Wait long, and look at references afterwards only: SQLite changes a constraint by a copy.

    Dropping the first of the two would count as deleting what other rows refer to. The switch does
    nothing inside a transaction, so it stands before it; the connection is closed afterwards.
    """
    connection.detach()
    cursor = connection.connection.cursor()
    cursor.execute(f"pragma busy_timeout = {SQLITE_WAIT_MILLISECONDS}")
    cursor.execute("pragma foreign_keys = off")


def _check_references(connection: Connection) -> None:
    if lost := connection.exec_driver_sql("pragma foreign_key_check").first():
        raise RuntimeError(f"a row of {lost[0]} would refer to nothing: nothing done")


def _config(**attributes: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes.update(attributes)
    return config
